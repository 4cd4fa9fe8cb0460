// The outside world of an app: the one place that touches global time, timers and randomness.
import { createIds } from '../ids/ids.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import type { Clock } from '../time/clock.ts'

const systemClock: Clock = {
  nowUs: () => Date.now() * 1000,
  monotonicUs: () => performance.now() * 1000,
  after: (delayMs, run) => {
    // Timers have 31 bits; a longer wait than 24 days ends early, and whoever waits looks at the clock again.
    const timer = setTimeout(run, Math.min(delayMs, 0x7fff_ffff))
    return { cancel: () => clearTimeout(timer) }
  },
}

/** Clock, timers, ids and randomness of this process. */
export function systemRuntime(): BackendRuntime {
  return { clock: systemClock, ids: createIds(systemClock, (bytes) => crypto.getRandomValues(bytes)) }
}
