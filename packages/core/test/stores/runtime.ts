// The clock and ids that the tests of stores lend to a backend.
import type { BackendRuntime } from '../../src/stores/backend.ts'
import type { Clock } from '../../src/time/clock.ts'
import { createIds } from '../../src/ids/ids.ts'

const clock: Clock = {
  nowUs: () => Date.now() * 1000,
  monotonicUs: () => performance.now() * 1000,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}
export const runtime: BackendRuntime = { clock, ids: createIds(clock, (bytes) => crypto.getRandomValues(bytes)) }
