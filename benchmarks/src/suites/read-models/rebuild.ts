// A view built from the start of the log, beside the bare rebuild; and ten views built at once, beside one.
import { rebuildFile, rebuildServer } from '../../limits/bare-rebuild.ts'
import type { BareRebuild } from '../../limits/bare-rebuild.ts'
import { collectGarbage, medians, quantile } from '../../measure.ts'
import type { RowPer } from '../../moves.ts'
import { rowOf } from '../../row.ts'
import type { Row } from '../../row.ts'
import { startRebuilder } from './moves-log.ts'
import type { LogPlace, Rebuilder } from './moves-log.ts'

const kinds: readonly (readonly [rowPer: RowPer, title: string])[] = [
  ['account', 'rebuild'],
  ['event', 'rebuild, one row per event'],
]
const views = 10
const untimed = { p50us: undefined, p99us: undefined }

export async function* rebuilds(place: LogPlace, scratch: string, events: number, rounds: number): AsyncIterable<Row> {
  const bare = await (place.store === 'sqlite'
    ? rebuildFile(place.path, scratch)
    : rebuildServer(place.url, place.schema))
  for (const [rowPer, title] of kinds) {
    await using app = await startRebuilder(place, { rowPer })
    await checkSame(app, bare, rowPer)
    const own: number[] = []
    const bounds: number[] = []
    await inTurns(rounds, [
      async () => own.push((events * 1000) / (await app.rebuild())),
      async () => bounds.push((events * 1000) / (await msOf(() => bare(rowPer)))),
    ])
    yield rowOf('read-models', `${place.store} ${title}`, 'full', { ...medians(own, bounds), ...untimed })
  }
}

/** Both sides make the same rows; and both are warm then. */
async function checkSame(app: Rebuilder, bare: BareRebuild, rowPer: RowPer): Promise<void> {
  await app.rebuild()
  const [rows, bareRows] = [await app.rows(), await bare(rowPer)]
  if (rows !== bareRows) throw new Error(`Expected both sides to make the same rows, received ${rows} and ${bareRows}.`)
}

/** In milliseconds, so that the ratio says how much longer ten take. */
export async function* tenAtOnce(place: LogPlace, rounds: number): AsyncIterable<Row> {
  await using app = await startRebuilder(place, { views })
  const ten: number[] = []
  const one: number[] = []
  await inTurns(rounds, [async () => ten.push(await app.rebuild(views)), async () => one.push(await app.rebuild())])
  yield rowOf('read-models', `${place.store} ${views} rebuilds at once against one, ms`, 'full', {
    perSec: quantile(ten, 0.5),
    limitPerSec: quantile(one, 0.5),
    ratio: medians(ten, one).ratio,
    ...untimed,
  })
}

async function inTurns(rounds: number, sides: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      collectGarbage()
      await side()
    }
}

async function msOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await run()
  return performance.now() - startedAt
}
