// Ends the process in the middle of something that the writer thread does without a break. Runs only where a crash point asks for it.
import { workerData } from 'node:worker_threads'
import { endProcess } from '@gesta/core/ports'

/** What the thread is started with. */
export interface CrashData {
  /** The first cell is set by the writer when it comes to what it shall be ended in, the second one by this thread when it is awake. */
  readonly cells: Int32Array
  readonly delayMs: number
}

const { cells, delayMs } = workerData as CrashData
Atomics.wait(cells, 0, 0)
const endMs = performance.now() + delayMs
Atomics.store(cells, 1, 1)
Atomics.notify(cells, 1)
// A small checkpoint takes less than a millisecond, for which every timer is too coarse.
while (performance.now() < endMs) Atomics.load(cells, 0)
endProcess()
