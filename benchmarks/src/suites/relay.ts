// The way out: messages that commits have stored on PostgreSQL, relayed to JetStream, against the bare client that publishes the same.
import type { Broker } from '@gesta/core/registry'
import { natsBroker } from '@gesta/nats'
import { postgres } from '@gesta/postgres'
import { startNats, startPostgres } from '@gesta/services'
import { startAccounts } from '../account.ts'
import { depositCommit, storeRuntime } from '../deposit-commit.ts'
import { natsPublish } from '../limits/nats-publish.ts'
import { collectGarbage, inLanes, medians } from '../measure.ts'
import { rowOf } from '../row.ts'
import { lastingServer } from './postgres.ts'
import type { Suite } from './suite.ts'

/** Messages of a pass, of the events of the long history. */
const share = 0.2
/** The relay's default. */
const inFlight = 256
const body = JSON.stringify({ pence: 4_200, note: 'a deposit of some words, as long as most are' })

export const relay: Suite = async function* ({ rounds, historyEvents }) {
  const messages = Math.round(historyEvents * share)
  await using server = await startPostgres(lastingServer)
  await using nats = await startNats()
  const store = postgres({ url: server.url, schema: 'relay' })
  const own: number[] = []
  const bounds: number[] = []
  let first = 0
  const bare = async (): Promise<void> => {
    await using limit = await natsPublish(nats.url, inFlight, () => body)
    bounds.push(await perSecOf(messages, () => limit.run(first, messages)))
  }
  const passes = [async () => own.push(await relayed(store, nats.url, first, messages)), bare]
  for (const pass of passes) await pass()
  own.length = 0
  bounds.length = 0
  for (let round = 0; round < rounds; round++) {
    first += messages
    for (const pass of round % 2 === 0 ? passes : passes.toReversed()) await pass()
  }
  const untimed = { p50us: undefined, p99us: undefined }
  yield rowOf('relay', 'postgres outbox to JetStream', 'full', { ...medians(own, bounds), ...untimed })
}

/** Messages per second, from the first that is published to the last that is acknowledged. */
async function relayed(
  store: ReturnType<typeof postgres>,
  url: string,
  first: number,
  messages: number,
): Promise<number> {
  {
    await using opened = await store.open(storeRuntime)
    await inLanes(64, first, messages, (index) => {
      const message = { key: `Account/${index % 1_000}`, type: 'Account.Deposited', schemaVersion: 1, data: body }
      return opened.events.commit({ ...depositCommit(index, 1), messages: [message] })
    })
  }
  const topic = `relay-${first}`
  const started = Promise.withResolvers<number>()
  const ended = Promise.withResolvers<number>()
  let left = messages
  const watched = (broker: Broker): Broker => ({
    publishEvents: async (events, run) => {
      started.resolve(performance.now())
      await broker.publishEvents(events, run)
      left -= events.length
      if (left === 0) ended.resolve(performance.now())
    },
  })
  const { open } = natsBroker({ servers: url, topic, source: 'bench' })
  collectGarbage()
  await using _app = await startAccounts(store, false, {
    broker: {
      open: async (runtime) => {
        const broker = await open(runtime)
        return { ...watched(broker), [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() }
      },
    },
  })
  return (messages * 1000) / ((await ended.promise) - (await started.promise))
}

async function perSecOf(messages: number, run: () => Promise<unknown>): Promise<number> {
  collectGarbage()
  const startedAt = performance.now()
  await run()
  return (messages * 1000) / (performance.now() - startedAt)
}
