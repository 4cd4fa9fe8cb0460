// When a worker looks again: at once when this process has stored jobs, very soon when others may have, and at a time at the latest.
import type { EventStore } from '../stores/event/event-store.ts'
import type { Alarms } from '../time/alarms.ts'

export interface Wake extends Disposable {
  /** There may be something to do. */
  ring(): void
  /** Says that a look begins: what is told from now on ends the next wait. */
  begin(): void
  /** Waits until it is rung, or for a time of the monotonic clock. */
  until(atUs: number): Promise<void>
}

/** Others may store much that is no job, so their news are not looked at one by one. Milliseconds. */
const gapMs = 5

export function createWake(store: Pick<EventStore, 'onAppend' | 'onAdvance'>, alarms: Alarms): Wake {
  let hasRung = false
  let end: (() => void) | undefined
  let soon: { cancel(): void } | undefined
  const ring = (): void => {
    hasRung = true
    end?.()
  }
  const append = store.onAppend((stored) => {
    if (stored.some(({ commit }) => commit.jobs.length > 0)) ring()
  })
  const advance = store.onAdvance?.(() => {
    soon ??= alarms.set(alarms.clock.monotonicUs() + gapMs * 1000, () => {
      soon = undefined
      ring()
    })
  })
  return {
    ring,
    begin: () => {
      hasRung = false
    },
    until: (atUs) =>
      new Promise((resolve) => {
        if (hasRung) return resolve()
        const alarm = Number.isFinite(atUs) ? alarms.set(atUs, () => end?.()) : undefined
        end = () => {
          end = undefined
          alarm?.cancel()
          resolve()
        }
      }),
    [Symbol.dispose]: () => {
      append[Symbol.dispose]()
      advance?.[Symbol.dispose]()
      soon?.cancel()
      ring()
    },
  }
}
