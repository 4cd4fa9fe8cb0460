// Many dispatches at once under one idempotency key: one is decided, all get its answer, and each of the others leaves a record. The
// limit is as many dispatches, each for an account and under a key of its own.
import { join } from 'node:path'
import { memory } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { postgres } from '@gesta/postgres'
import { startPostgres } from '@gesta/services'
import { sqlite } from '@gesta/sqlite'
import { deposit, depositOf, startAccounts } from '../../account.ts'
import { collectGarbage, medians } from '../../measure.ts'
import { rowOf } from '../../row.ts'
import type { Durability, Row } from '../../row.ts'
import { newFolder } from '../../scratch.ts'
import { lastingServer } from '../postgres.ts'
import type { Suite } from '../suite.ts'

export const oneKey: Suite = async function* ({ scratch, sameKeyDispatches, rounds }) {
  const on = (title: string, durability: Durability, storeOf: () => Backend): Promise<Row> =>
    rowOn(title, durability, storeOf, sameKeyDispatches, rounds)
  yield await on('memory', 'none', memory)
  yield await on('sqlite', 'full', () => sqlite(join(newFolder(scratch), 'one-key.db')))
  await using server = await startPostgres(lastingServer)
  let made = 0
  yield await on('postgres', 'full', () => postgres({ url: server.url, schema: `one_key_${++made}` }))
}

async function rowOn(
  store: string,
  durability: Durability,
  storeOf: () => Backend,
  dispatches: number,
  rounds: number,
): Promise<Row> {
  const own: number[] = []
  const bounds: number[] = []
  const sides = [
    async () => own.push(await perSecOf(storeOf(), dispatches, () => 0, 1)),
    async () => bounds.push(await perSecOf(storeOf(), dispatches, (index) => index, dispatches)),
  ]
  for (const side of sides) await side()
  own.length = 0
  bounds.length = 0
  for (let round = 0; round < rounds; round++)
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
  const figures = { ...medians(own, bounds), p50us: undefined, p99us: undefined }
  const title = `${store} ${dispatches} dispatches under one key, 1 accepted, ${dispatches - 1} duplicate`
  return rowOf('command-log', title, durability, figures)
}

/** Dispatches answered per second. Throws unless the log holds what it has to. */
async function perSecOf(
  store: Backend,
  dispatches: number,
  requestOf: (index: number) => number,
  accepted: number,
): Promise<number> {
  await using app = await startAccounts(store, false)
  const caller = app.as({ account: 'bench' })
  collectGarbage()
  const startedAt = performance.now()
  const answers = await Promise.all(
    Array.from({ length: dispatches }, (_, index) => {
      const request = requestOf(index)
      return caller.dispatch(deposit(depositOf(request)), { idempotencyKey: `request-${request}` })
    }),
  )
  const perSec = (dispatches * 1000) / (performance.now() - startedAt)
  const counted = {
    accepted: await app.commandLog.total({ statuses: ['accepted'] }),
    duplicate: await app.commandLog.total({ statuses: ['duplicate'] }),
    answers: new Set(answers.map(({ commandId }) => commandId)).size,
  }
  const expected = { accepted, duplicate: dispatches - accepted, answers: accepted }
  if (JSON.stringify(counted) !== JSON.stringify(expected))
    throw new Error(`Expected ${JSON.stringify(expected)}, received ${JSON.stringify(counted)}.`)
  return perSec
}
