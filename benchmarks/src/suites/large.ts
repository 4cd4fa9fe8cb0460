// What a large log costs: the same work on a log of five million events beside one of fifty thousand.
import { join } from 'node:path'
import type { Backend } from '@gesta/core'
import type { EventStore } from '@gesta/core/ports'
import { postgres } from '@gesta/postgres'
import { startPostgres } from '@gesta/services'
import { sqlite } from '@gesta/sqlite'
import { depositCommit, storeRuntime } from '../deposit-commit.ts'
import { eventsPerCommit, loadedAccounts, loadFile, loadServer } from '../limits/load-log.ts'
import { collectGarbage, inLanes, medians } from '../measure.ts'
import { rowOf } from '../row.ts'
import type { Row } from '../row.ts'
import { newFolder } from '../scratch.ts'
import type { Suite } from './suite.ts'

const smallShare = 100
const lanes = 64

export const large: Suite = async function* ({ scratch, largeEvents, rounds, seconds }) {
  const path = (events: number): string => join(newFolder(scratch), `${events}.db`)
  const fileOf = async (events: number): Promise<Backend> => {
    const file = path(events)
    await make(sqlite(file))
    loadFile(file, events)
    return sqlite(file)
  }
  yield* beside('sqlite', largeEvents, fileOf, rounds, seconds)

  await using server = await startPostgres({ settings: { fsync: 'on', max_wal_size: '8GB' } })
  const schemaOf = async (events: number): Promise<Backend> => {
    const options = { url: server.url, schema: `events_${events}` }
    await make(postgres(options))
    await loadServer(server.url, options.schema, events)
    return postgres(options)
  }
  yield* beside('postgres', largeEvents, schemaOf, rounds, seconds)
}

/** Opened once, a store has its schema. */
async function make(backend: Backend): Promise<void> {
  await (await backend.open(storeRuntime))[Symbol.asyncDispose]()
}

async function* beside(
  name: string,
  events: number,
  storeOf: (events: number) => Promise<Backend>,
  rounds: number,
  seconds: number,
): AsyncIterable<Row> {
  await using big = await (await storeOf(events)).open(storeRuntime)
  await using small = await (await storeOf(events / smallShare)).open(storeRuntime)
  for (const store of [big.events, small.events]) await store.commit({ ...depositCommit(0, 1), tenant: quietTenant })
  const commits = events / smallShare / eventsPerCommit
  for (const [what, work] of works) {
    const run = async (store: EventStore, count: number): Promise<number> => {
      collectGarbage()
      const startedAt = performance.now()
      await inLanes(lanes, 0, count, (index) => work(store, index, commits))
      return (count * 1000) / (performance.now() - startedAt)
    }
    const warm = await run(small.events, 200)
    await run(big.events, 200)
    const count = Math.max(50, Math.round(warm * seconds))
    const figures = { big: [] as number[], small: [] as number[] }
    const sides = [
      async () => figures.big.push(await run(big.events, count)),
      async () => figures.small.push(await run(small.events, count)),
    ]
    for (let round = 0; round < rounds; round++)
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
    const compared = { ...medians(figures.big, figures.small), p50us: undefined, p99us: undefined }
    yield rowOf('large', `${name} ${what}, ${events} events`, 'full', compared)
  }
}

/** `commits`: how many both logs were loaded with at least. */
type Work = (store: EventStore, index: number, commits: number) => Promise<unknown>

/** Has one event beside the many of the other tenant. */
const quietTenant = 'quiet'

const accountOf = (index: number): string => `account-${(index * 7) % loadedAccounts}`

/** Streams are read from where both logs have as much: their first hundred events. */
const works: readonly (readonly [what: string, work: Work])[] = [
  ['append c64', (store, index) => store.commit(depositCommit(index, 1, accountOf(index)))],
  [
    'stream read',
    (store, index) => store.readStream({ tenant: '', aggregateType: 'Account', aggregateId: accountOf(index) }),
  ],
  ['tail read', async (store) => store.readAll({ after: (await store.head()) - 100, limit: 100 })],
  ['newest page', (store) => store.list({ order: 'newest' }, { limit: 10 })],
  ["tenant's page", (store) => store.list({ order: 'newest', tenant: quietTenant }, { limit: 10 })],
  [
    'duplicate command id',
    (store, index, commits) =>
      store.commit({ ...depositCommit(index, 1, accountOf(index)), commandId: `loaded-${index % commits}` }),
  ],
]
