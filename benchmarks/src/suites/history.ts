// What a long history costs: commands to a ledger with 100,000 events beside commands to ledgers with 10, both warm; and the first,
// cold command to the long one, beside reading and folding the same texts by hand.
import { join } from 'node:path'
import { memory } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { enter, fill, startLedgers } from '../ledger.ts'
import type { Ledgers } from '../ledger.ts'
import { foldInMemory, foldOnFile } from '../limits/bare-fold.ts'
import type { Fold } from '../limits/bare-fold.ts'
import { collectGarbage, inLanes, medians, quantile, timed } from '../measure.ts'
import type { Effort } from '../measure.ts'
import { rowOf } from '../row.ts'
import type { Durability, Row } from '../row.ts'
import { newFolder } from '../scratch.ts'
import type { Suite } from './suite.ts'

const shortEvents = 10
/** Ledgers of 10 events for one round; as many as are kept in memory, so that filling them makes the long one cold. */
const shortLedgers = 1_000
const long = ['long']
const snapshotEvery = 1_000

export const history: Suite = async function* ({ scratch, historyEvents, ...effort }) {
  yield* onStore('memory', memory(), 'none', historyEvents, foldInMemory(historyEvents), effort)
  const path = join(newFolder(scratch), 'history.db')
  yield* onStore('sqlite', sqlite(path), 'full', historyEvents, foldOnFile(path, 'long'), effort)
  const withSnapshots = join(newFolder(scratch), 'snapshots.db')
  yield await fromSnapshots(sqlite(withSnapshots), historyEvents, foldOnFile(withSnapshots, 'long'), effort)
}

/** The first command to a ledger that is not in memory, with a snapshot every thousand events; its limit reads and folds them all. */
async function fromSnapshots(store: Backend, events: number, fold: Fold, { rounds }: Effort): Promise<Row> {
  await using ledgers = await startLedgers(store, 1, snapshotEvery)
  await fill(ledgers, long, events)
  const figures = { colds: [] as number[], folds: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    // One ledger is kept in memory, so a command to another one makes the long one cold.
    await ledgers.dispatch(enter({ ledgerId: 'other', pence: 1 }))
    figures.colds.push(perSecOf(1, await msOf(() => ledgers.dispatch(enter({ ledgerId: 'long', pence: 1 })))))
    figures.folds.push(perSecOf(1, await msOf(async () => fold())))
  }
  return rowOf('history', 'sqlite cold load from a snapshot', 'full', {
    ...medians(figures.colds, figures.folds),
    p50us: 1e6 / quantile(figures.colds, 0.5),
    p99us: undefined,
  })
}

async function* onStore(
  name: string,
  store: Backend,
  durability: Durability,
  events: number,
  fold: Fold,
  { rounds, seconds }: Effort,
): AsyncIterable<Row> {
  await using ledgers = await startLedgers(store, shortLedgers)
  await fill(ledgers, long, events)
  const count = await warmUp(ledgers, seconds)
  const figures = { longs: [] as number[], shorts: [] as number[], colds: [] as number[], folds: [] as number[] }
  let shorts: readonly string[] = []
  for (let round = 0; round < rounds; round++) {
    shorts = await newShorts(ledgers, `round-${round}`)
    figures.folds.push(perSecOf(1, await msOf(async () => fold())))
    figures.colds.push(perSecOf(1, await msOf(() => ledgers.dispatch(enter({ ledgerId: 'long', pence: 1 })))))
    // Whichever goes first, each side runs on what the other one left in memory.
    const sides = [
      async () => figures.longs.push(await pass(ledgers, long, count)),
      async () => figures.shorts.push(await pass(ledgers, shorts, count)),
    ]
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
  }
  const latenciesUs = new Float64Array(Math.min(count, 100_000))
  await inLanes(1, 0, latenciesUs.length, timed(latenciesUs, 0, commandOf(ledgers, long)))
  latenciesUs.sort()
  const percentile = (share: number): number | undefined => latenciesUs[Math.floor(latenciesUs.length * share)]

  const { longs, colds, folds } = figures
  const warm = { ...medians(longs, figures.shorts), p50us: percentile(0.5), p99us: percentile(0.99) }
  yield rowOf('history', `${name} ${events} events against ${shortEvents}`, durability, warm)
  const cold = medians(
    colds.map((perSec) => perSec * events),
    folds.map((perSec) => perSec * events),
  )
  yield rowOf('history', `${name} cold load, events`, durability, {
    ...cold,
    p50us: 1e6 / quantile(colds, 0.5),
    p99us: undefined,
  })
}

function commandOf(ledgers: Ledgers, ids: readonly string[]): (index: number) => Promise<unknown> {
  return (index) => ledgers.dispatch(enter({ ledgerId: ids[index % ids.length] ?? '', pence: 1 + (index % 97) }))
}

async function pass(ledgers: Ledgers, ids: readonly string[], count: number): Promise<number> {
  // Every ledger of the pass is in memory before the clock starts.
  await inLanes(64, 0, ids.length, commandOf(ledgers, ids))
  collectGarbage()
  return perSecOf(count, await msOf(() => inLanes(1, 0, count, commandOf(ledgers, ids))))
}

async function newShorts(ledgers: Ledgers, name: string): Promise<readonly string[]> {
  const ids = Array.from({ length: shortLedgers }, (_, index) => `${name}-${index}`)
  await fill(ledgers, ids, shortEvents)
  return ids
}

/** The commands that a pass needs to take about `seconds`. */
async function warmUp(ledgers: Ledgers, seconds: number): Promise<number> {
  const ids = await newShorts(ledgers, 'warm')
  await pass(ledgers, ids, Math.ceil(4_000 * seconds))
  return Math.max(10, Math.round((await pass(ledgers, ids, Math.ceil(4_000 * seconds))) * seconds))
}

async function msOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await run()
  return performance.now() - startedAt
}

function perSecOf(count: number, ms: number): number {
  return (count * 1000) / ms
}
