// The circuit: what fails again and again is left alone for a while, so that nobody waits for it.
import { backoffMs } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'

export interface Circuit {
  /** Whether a call would be made now. */
  readonly allows: boolean
  /** Whether a call may be made now; it is made then. When the pause is over, one may, and the others once that has succeeded. */
  enter(): boolean
  succeeded(): void
  failed(): void
  readonly state: 'closed' | 'open'
}

const failuresMax = 3
const pause = { firstMs: 500, maxMs: 10_000 }

export function createCircuit(clock: Pick<Clock, 'monotonicUs'>, random: () => number): Circuit {
  let failures = 0
  let openUntilUs = 0
  return {
    get allows() {
      return failures < failuresMax || clock.monotonicUs() >= openUntilUs
    },
    enter: () => {
      if (failures < failuresMax) return true
      const nowUs = clock.monotonicUs()
      if (nowUs < openUntilUs) return false
      // The one that looks keeps the others away until it knows.
      openUntilUs = nowUs + pause.firstMs * 1000
      return true
    },
    succeeded: () => {
      failures = 0
    },
    failed: () => {
      failures++
      if (failures < failuresMax) return
      const waitMs = backoffMs(pause, failures - failuresMax + 1, random)
      openUntilUs = clock.monotonicUs() + Math.max(pause.firstMs / 2, waitMs) * 1000
    },
    get state() {
      return failures < failuresMax ? 'closed' : 'open'
    },
  }
}
