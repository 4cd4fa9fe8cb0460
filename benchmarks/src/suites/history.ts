// What a long history costs: commands to an account with 100,000 events beside commands to one with 10, both warm; and the cold
// load of the long one, beside reading and folding the same texts by hand.
import { memory } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { join } from 'node:path'
import { fill, spend, startLedgers } from '../ledger.ts'
import { bareFold } from '../limits/bare-fold.ts'
import { collectGarbage, inLanes, quantile, timed } from '../measure.ts'
import type { Effort } from '../measure.ts'
import { rowOf } from '../row.ts'
import type { Durability, Row } from '../row.ts'
import { newFolder } from '../scratch.ts'
import type { Suite } from './suite.ts'

const shortEvents = 10
const [long, short] = ['long', 'short']

export const history: Suite = async function* ({ scratch, historyEvents, ...effort }) {
  yield* onStore('memory', memory(), 'none', historyEvents, effort)
  yield* onStore('sqlite', sqlite(join(newFolder(scratch), 'history.db')), 'full', historyEvents, effort)
}

async function* onStore(name: string, store: Backend, durability: Durability, events: number, effort: Effort): AsyncIterable<Row> {
  // One state is kept, so that a command to another account makes the long one cold again.
  await using app = await startLedgers(store, 1)
  await fill(app, short, shortEvents)
  await fill(app, long, events)
  yield rowOf('history', `${name} ${events} events`, durability, await compareWarm(app, effort))
  const cold = await coldLoads(app, effort)
  const limit = await bareFold(events, effort.rounds)
  const ratios = cold.map((perSec, round) => perSec / (limit[round] ?? Number.NaN))
  const figures = { perSec: quantile(cold, 0.5) * events, limitPerSec: quantile(limit, 0.5) * events, ratio: quantile(ratios, 0.5), p50us: undefined, p99us: undefined }
  yield rowOf('history', `${name} cold load, events`, durability, figures)
}

type Ledgers = Awaited<ReturnType<typeof startLedgers>>

async function compareWarm(app: Ledgers, { rounds, seconds }: Effort) {
  const command = (account: string) => (): Promise<unknown> => app.dispatch(spend({ ledgerId: account }))
  const pass = async (account: string, count: number): Promise<number> => {
    // The first command brings the account into memory.
    await command(account)()
    collectGarbage()
    const startedAt = performance.now()
    await inLanes(1, 0, count, command(account))
    return (count * 1000) / (performance.now() - startedAt)
  }
  const count = Math.max(10, Math.round((await pass(short, Math.max(10, Math.round(2_000 * seconds)))) * seconds))
  const longs: number[] = []
  const shorts: number[] = []
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) shorts.push(await pass(short, count))
    longs.push(await pass(long, count))
    if (round % 2 === 1) shorts.push(await pass(short, count))
  }
  const latenciesUs = new Float64Array(count)
  await command(long)()
  await inLanes(1, 0, count, timed(latenciesUs, 0, command(long)))
  const ratios = longs.map((perSec, round) => perSec / (shorts[round] ?? Number.NaN))
  return {
    perSec: quantile(longs, 0.5),
    limitPerSec: quantile(shorts, 0.5),
    ratio: quantile(ratios, 0.5),
    p50us: quantile([...latenciesUs], 0.5),
    p99us: quantile([...latenciesUs], 0.99),
  }
}

/** Loads per second of the long account, each after another account took its place in memory. */
async function coldLoads(app: Ledgers, { rounds }: Effort): Promise<readonly number[]> {
  const perSec: number[] = []
  for (let round = 0; round < rounds; round++) {
    await app.dispatch(spend({ ledgerId: short }))
    const startedAt = performance.now()
    await app.dispatch(spend({ ledgerId: long }))
    perSec.push(1000 / (performance.now() - startedAt))
  }
  return perSec
}
