// Timers that end together: what is closed waits for nothing any more, and keeps no process alive.
import type { Clock, Timer } from '@gesta/core/ports'

export interface Pauses extends Disposable {
  /** Calls `run` after a while, unless this is disposed of before. */
  after(delayMs: number, run: () => void): void
}

export function createPauses(clock: Pick<Clock, 'after'>): Pauses {
  const timers = new Set<Timer>()
  let ended = false
  return {
    after: (delayMs, run) => {
      if (ended) return
      const timer = clock.after(delayMs, () => {
        timers.delete(timer)
        run()
      })
      timers.add(timer)
    },
    [Symbol.dispose]: () => {
      ended = true
      for (const timer of timers) timer.cancel()
      timers.clear()
    },
  }
}
