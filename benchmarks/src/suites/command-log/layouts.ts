// Where the record of a command may lie: bare inserts of commits with it, in groups of 64, beside the header alone; in time and in bytes.
import { startPostgres } from '@gesta/services'
import { headerAlone, layouts, postgresLayout, sqliteLayout } from '../../limits/record-layouts.ts'
import type { LaidOut, Layout } from '../../limits/record-layouts.ts'
import { compare } from '../../measure.ts'
import type { Effort, Subject } from '../../measure.ts'
import { rowOf } from '../../row.ts'
import type { Row } from '../../row.ts'
import { lastingServer } from '../postgres.ts'
import type { Suite } from '../suite.ts'

const group = 64
const weighedCommits = 20_000

export const recordLayouts: Suite = async function* ({ scratch, ...effort }) {
  yield* onDatabase('sqlite', (layout) => sqliteLayout(scratch, layout), effort)
  await using server = await startPostgres(lastingServer)
  let made = 0
  yield* onDatabase('postgres', (layout) => postgresLayout(server.url, `layout_${++made}`, layout), effort)
}

async function* onDatabase(
  store: string,
  open: (layout: Layout) => Promise<LaidOut>,
  effort: Effort,
): AsyncIterable<Row> {
  const headerBytes = await bytesOf(await open(headerAlone))
  for (const layout of layouts) {
    const compared = await compare(
      async () => inserting(await open(layout)),
      async () => inserting(await open(headerAlone)),
      effort,
    )
    yield rowOf('command-log', `${store} layout: ${layout.name}`, 'full', compared)
    const bytes = await bytesOf(await open(layout))
    const figures = { perSec: bytes, limitPerSec: headerBytes, ratio: bytes / headerBytes }
    const title = `${store} layout: ${layout.name}, bytes per commit`
    yield rowOf('command-log', title, 'full', { ...figures, p50us: undefined, p99us: undefined })
  }
}

function inserting(laidOut: LaidOut): Subject {
  return {
    run: async (first, count) => {
      for (let from = first; from < first + count; from += group)
        await laidOut.insert(from, Math.min(group, first + count - from))
    },
    [Symbol.asyncDispose]: () => laidOut[Symbol.asyncDispose](),
  }
}

async function bytesOf(made: LaidOut): Promise<number> {
  await using laidOut = made
  await inserting(laidOut).run(0, weighedCommits)
  return (await laidOut.bytes()) / weighedCommits
}
