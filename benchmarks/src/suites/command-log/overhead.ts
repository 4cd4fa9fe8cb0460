// What recording costs a command in memory: time, and bytes of the heap. The limit is the same app that stores the header alone.
import { getHeapStatistics } from 'node:v8'
import { memory } from '@gesta/core'
import { startAccountsProcess } from '../../load/accounts-process.ts'
import { collectGarbage, compare, medians } from '../../measure.ts'
import type { Subject } from '../../measure.ts'
import { rowOf, withOverhead } from '../../row.ts'
import type { Row } from '../../row.ts'
import { accountsSubject } from '../accounts-subject.ts'
import type { Suite } from '../suite.ts'

export const headersAlone = { commandLog: false } as const

export const overhead: Suite = async function* (effort) {
  for (const concurrency of [1, 64]) {
    // In one process the two sides would shape each other's code, as they never do in an app.
    using recorded = startAccountsProcess('recorded', concurrency)
    using bare = startAccountsProcess('bare', concurrency)
    const title = concurrency === 1 ? 'overhead memory' : `overhead memory c${concurrency}`
    yield withOverhead(rowOf('command-log', title, 'none', await compare(recorded.make, bare.make, effort)))
  }
  yield* bytes(effort.rounds)
}

const warmUpCommands = 10_000
const countedCommands = 20_000

async function* bytes(rounds: number): AsyncIterable<Row> {
  const sides = { recorded: [] as Bytes[], bare: [] as Bytes[] }
  const passes = [
    async () => sides.recorded.push(await bytesOf(await accountsSubject(memory(), 1, false))),
    async () => sides.bare.push(await bytesOf(await accountsSubject(memory(), 1, false, headersAlone))),
  ]
  for (let round = 0; round < rounds; round++)
    for (const pass of round % 2 === 0 ? passes : passes.toReversed()) await pass()
  for (const [field, title] of bytesTitles) {
    const [own, bounds] = [sides.recorded, sides.bare].map((side) => side.map((figures) => figures[field]))
    const figures = { ...medians(own ?? [], bounds ?? []), p50us: undefined, p99us: undefined }
    yield rowOf('command-log', `overhead memory, ${title} per command`, 'none', figures)
  }
}

/** Per command. */
interface Bytes {
  readonly allocated: number
  readonly kept: number
}
const bytesTitles: readonly (readonly [field: keyof Bytes, title: string])[] = [
  ['allocated', 'bytes allocated'],
  ['kept', 'bytes kept'],
]

/** Of warm code. */
async function bytesOf(made: Subject): Promise<Bytes> {
  await using subject = made
  await subject.run(0, warmUpCommands)
  collectGarbage()
  const [allocated, kept] = [allocatedBytes(), process.memoryUsage().heapUsed]
  await subject.run(warmUpCommands, countedCommands)
  const allocatedAfter = allocatedBytes()
  collectGarbage()
  return {
    allocated: (allocatedAfter - allocated) / countedCommands,
    kept: (process.memoryUsage().heapUsed - kept) / countedCommands,
  }
}

/** Of this process since it started, garbage included. */
function allocatedBytes(): number {
  const { total_allocated_bytes: total } = getHeapStatistics() as { readonly total_allocated_bytes?: number }
  if (total === undefined) throw new Error('Expected Node to tell the bytes that were allocated, as it does since 26.')
  return total
}
