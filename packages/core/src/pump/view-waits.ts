// Waiting for something of a view to become so: until it has a position, or until there is something to show at all.
import type { Alarms } from '../time/alarms.ts'
import type { Deadline } from '../time/deadline.ts'

export interface ViewWaits {
  /** Whether anybody waits. */
  readonly any: boolean
  /** Waits until `isDone`, which is asked whenever `look` is called. Errors: what it throws, `deadline_exceeded`. */
  until(isDone: () => boolean, doing: string, deadline: Deadline): Promise<void>
  /** The same, for a limited time: then with this error. */
  atMost(ms: number, isDone: () => boolean, late: () => Error, deadline: Deadline): Promise<void>
  /** Asks for all who wait. */
  look(): void
}
interface Waiter {
  readonly isDone: () => boolean
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export function createViewWaits(alarms: Alarms): ViewWaits {
  const waiters = new Set<Waiter>()
  const wait = async (
    doing: string,
    deadline: Deadline,
    isDone: () => boolean,
    late?: Promise<never>,
  ): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter = { isDone, resolve, reject }
    waiters.add(waiter)
    const done = late === undefined ? promise : Promise.race([promise, late])
    try {
      await (deadline.limited ? deadline.race(doing, done) : done)
    } finally {
      waiters.delete(waiter)
    }
  }
  return {
    get any() {
      return waiters.size > 0
    },
    until: (isDone, doing, deadline) => wait(doing, deadline, isDone),
    atMost: async (ms, isDone, late, deadline) => {
      const over = Promise.withResolvers<never>()
      const alarm = alarms.set(alarms.clock.monotonicUs() + ms * 1000, () => over.reject(late()))
      try {
        await wait('a read model was being built', deadline, isDone, over.promise)
      } finally {
        alarm.cancel()
      }
    },
    look: () => {
      for (const waiter of waiters) {
        try {
          if (!waiter.isDone()) continue
          waiter.resolve()
        } catch (error) {
          waiter.reject(error as Error)
        }
        waiters.delete(waiter)
      }
    },
  }
}
