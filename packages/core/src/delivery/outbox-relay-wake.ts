// When the relay looks again: at once when this process has stored messages, soon when others may have, else after a while.
// What copies the command log looks so too, at every commit.
import type { Commit } from '../stores/commit.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { Alarms } from '../time/alarms.ts'
import { onAbort } from '../time/on-abort.ts'

export interface WakeUp extends Disposable {
  /** Says that a look begins: what is told from now on ends the next wait. */
  begin(): void
  /** Waits until there may be something, at most `maxMs`, or until the signal aborts. */
  wait(maxMs: number, signal: AbortSignal): Promise<void>
  /** There may be something. */
  wake(): void
}

/** `isNews`: which commits of this process are worth a look. */
export function createWakeUp(
  events: EventStore,
  alarms: Alarms,
  isNews: (commit: Commit) => boolean = ({ messages }) => messages.length > 0,
): WakeUp {
  let isTold = false
  let end: (() => void) | undefined
  const wake = (): void => {
    isTold = true
    end?.()
  }
  const append = events.onAppend((stored) => {
    if (stored.some(({ commit }) => isNews(commit))) wake()
  })
  const advance = events.onAdvance?.(wake)
  return {
    begin: () => {
      isTold = false
    },
    wait: (maxMs, signal) =>
      new Promise((resolve) => {
        if (isTold || signal.aborted) return resolve()
        const alarm = alarms.set(alarms.clock.monotonicUs() + maxMs * 1000, () => end?.())
        const place = onAbort(signal, () => end?.())
        end = () => {
          end = undefined
          alarm.cancel()
          place.leave()
          resolve()
        }
      }),
    wake,
    [Symbol.dispose]: () => {
      append[Symbol.dispose]()
      advance?.[Symbol.dispose]()
      end?.()
    },
  }
}
