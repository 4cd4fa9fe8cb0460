// One listener per signal, however many wait for it: a connection's signal outlives its requests, and a listener of an event
// target costs ten times a place in a line.
import { Place } from './line.ts'

class Waiter extends Place {
  readonly run: () => void

  constructor(run: () => void) {
    super()
    this.run = run
  }
}
const lines = new WeakMap<AbortSignal, Place>()

/** Calls `run` when the signal aborts, unless the place that is returned was left before. */
export function onAbort(signal: AbortSignal, run: () => void): Place {
  const waiter = new Waiter(run)
  waiter.join(lines.get(signal) ?? listen(signal))
  return waiter
}

function listen(signal: AbortSignal): Place {
  const head = new Place()
  lines.set(signal, head)
  const call = (): void => {
    for (let first = head.after; first !== undefined; first = head.after) {
      first.leave()
      ;(first as Waiter).run()
    }
  }
  signal.addEventListener('abort', call, { once: true })
  return head
}
