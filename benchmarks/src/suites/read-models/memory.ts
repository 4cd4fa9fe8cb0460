// What a rebuild holds in memory, in a process of its own: with ten times and with many more events beside the fewest.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { RebuildMemory } from '../../load/rebuilder.ts'
import { rowOf } from '../../row.ts'
import type { Row } from '../../row.ts'
import type { LogPlace } from './moves-log.ts'

const mib = 1024 * 1024

/** `logs`: by their number of events, the fewest first. Nobody has built their first view yet. */
export async function* memoryOf(logs: ReadonlyMap<number, LogPlace>): AsyncIterable<Row> {
  let fewest: { readonly events: number; readonly memory: RebuildMemory } | undefined
  for (const [events, place] of logs) {
    const memory = await rebuildApart(place)
    fewest ??= { events, memory }
    if (fewest.events === events) continue
    const title = `${events} events against ${fewest.events}`
    yield beside(`${place.store} resident MiB, ${title}`, memory.residentBytes, fewest.memory.residentBytes)
    yield beside(`${place.store} heap MiB, ${title}`, memory.heapBytes, fewest.memory.heapBytes)
  }
}

function beside(title: string, bytes: number, fewestBytes: number): Row {
  const figures = { perSec: bytes / mib, limitPerSec: fewestBytes / mib, ratio: bytes / fewestBytes }
  return rowOf('read-models', title, 'full', { ...figures, p50us: undefined, p99us: undefined })
}

async function rebuildApart(place: LogPlace): Promise<RebuildMemory> {
  const child = fork(new URL('../../load/rebuilder.ts', import.meta.url), [JSON.stringify(place)])
  let memory: RebuildMemory | undefined
  child.on('message', (message) => (memory = message as RebuildMemory))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0 || memory === undefined) throw new Error(`Expected the rebuild to end with 0, it ended with ${code}.`)
  return memory
}
