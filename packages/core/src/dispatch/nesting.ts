// A handler must not dispatch commands: they would commit apart from its own decision. Noticed here, and refused.
import { AsyncLocalStorage } from 'node:async_hooks'
import { GestaError } from '../errors/gesta-error.ts'

const handling = new AsyncLocalStorage<true>()
let deciding = false

/** Runs an asynchronous handler; a dispatch from inside it is refused. */
export function whileHandling<T>(run: () => T): T {
  return handling.run(true, run)
}

/** Runs a decider; a dispatch from inside it is refused. */
export function whileDeciding<T>(run: () => T): T {
  deciding = true
  try {
    return run()
  } finally {
    deciding = false
  }
}

/** Errors: `nested_dispatch` inside a handler. */
export function refuseNested(type: string): void {
  if (!deciding && handling.getStore() === undefined) return
  throw new GestaError(
    'nested_dispatch',
    `Expected ${type} to be dispatched from outside, but a handler is running. Emit a job, or let a process manager react to the event.`,
  )
}
