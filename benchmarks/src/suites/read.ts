// What reading the whole log costs: page after page as the pump reads it, beside one scan through the bare driver. Both parse
// the texts of every event. And what the reader holds meanwhile: its heap late in the scan, beside early in it.
import { join } from 'node:path'
import type { Backend } from '@gesta/core'
import { createReadAhead } from '@gesta/core/ports'
import type { EventStore } from '@gesta/core/ports'
import { postgres } from '@gesta/postgres'
import { startPostgres } from '@gesta/services'
import { sqlite } from '@gesta/sqlite'
import { depositCommit, storeRuntime } from '../deposit-commit.ts'
import { scanFile, scanServer } from '../limits/bare-scan.ts'
import type { Scan } from '../limits/bare-scan.ts'
import { collectGarbage, inLanes, medians } from '../measure.ts'
import { rowOf } from '../row.ts'
import type { Row } from '../row.ts'
import { newFolder } from '../scratch.ts'
import type { Suite } from './suite.ts'

const eventsPerCommit = 10
const pageEvents = 1_000
const mib = 1024 * 1024

export const read: Suite = async function* ({ scratch, historyEvents, rounds }) {
  const path = join(newFolder(scratch), 'read.db')
  yield* fromStore('sqlite', sqlite(path), scanFile(path), historyEvents, rounds)
  await using server = await startPostgres({ settings: { fsync: 'on' } })
  const schema = 'read'
  yield* fromStore(
    'postgres',
    postgres({ url: server.url, schema }),
    scanServer(server.url, schema),
    historyEvents,
    rounds,
  )
}

async function* fromStore(
  name: string,
  backend: Backend,
  scan: Scan,
  events: number,
  rounds: number,
): AsyncIterable<Row> {
  await using opened = await backend.open(storeRuntime)
  const store = opened.events
  await inLanes(64, 0, events / eventsPerCommit, (index) => store.commit(depositCommit(index, eventsPerCommit)))
  const own: number[] = []
  const bounds: number[] = []
  const passes = [
    async () => own.push(await perSecOf(events, () => readAll(store))),
    async () => bounds.push(await perSecOf(events, scan)),
  ]
  for (const pass of passes) await pass()
  own.length = 0
  bounds.length = 0
  for (let round = 0; round < rounds; round++)
    for (const pass of round % 2 === 0 ? passes : passes.toReversed()) await pass()
  const untimed = { p50us: undefined, p99us: undefined }
  yield rowOf('read', `${name} all events`, 'full', { ...medians(own, bounds), ...untimed })

  const heap = { early: 0, late: 0 }
  await readAll(store, (count) => {
    if (count === pageEvents) heap.early = heapMib()
    if (count >= events - 2 * pageEvents) heap.late = heapMib()
  })
  yield rowOf('read', `${name} heap MiB, end against begin`, 'full', {
    perSec: heap.late,
    limitPerSec: heap.early,
    ratio: heap.late / heap.early,
    ...untimed,
  })
}

async function readAll(store: EventStore, onPage: (count: number) => void = ignore): Promise<number> {
  const log = createReadAhead(store)
  let events = 0
  for (let after = 0; ;) {
    const page = await log.page(after, pageEvents)
    const last = page.at(-1)
    if (last === undefined) return events
    for (const { data, context } of page) ignore([JSON.parse(data), JSON.parse(context)])
    events += page.length
    onPage(events)
    after = last.position
  }
}

/** Takes what was made, so that nothing is left out. */
const ignore = (_made: unknown): void => undefined

async function perSecOf(events: number, run: () => Promise<number>): Promise<number> {
  collectGarbage()
  const startedAt = performance.now()
  const count = await run()
  if (count !== events) throw new Error(`Expected to read ${events} events, ${count} came.`)
  return (events * 1000) / (performance.now() - startedAt)
}

function heapMib(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed / mib
}
