// A process that builds a view from the start of a log and tells what memory that took.
import { collectGarbage } from '../measure.ts'
import { backendOf } from '../suites/read-models/moves-log.ts'
import type { LogPlace } from '../suites/read-models/moves-log.ts'
import { startMoves } from '../moves.ts'

export interface RebuildMemory {
  /** The most that the process ever held, as the system counts it. */
  readonly residentBytes: number
  /** What is left of the heap while the app still runs, after a collection. */
  readonly heapBytes: number
}

const [place = ''] = process.argv.slice(2)
await using app = await startMoves(backendOf(JSON.parse(place) as LogPlace))
await app.caughtUp()
const residentBytes = process.resourceUsage().maxRSS * 1024
collectGarbage()
const memory: RebuildMemory = { residentBytes, heapBytes: process.memoryUsage().heapUsed }
process.send?.(memory)
