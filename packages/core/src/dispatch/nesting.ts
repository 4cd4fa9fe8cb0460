// A handler must not dispatch commands: they would commit apart from its own decision. Noticed here, and refused.
import { GestaError } from '../errors/gesta-error.ts'
import { runningHandlerOf } from '../registry/registry.ts'
import type { Registry } from '../registry/registry.ts'

/** What marks the code that a handler calls, until the handler has settled and `open` is false. */
export interface Handling {
  open: boolean
}
let deciding = false

/** Runs an asynchronous handler: while `handling` is open, what it calls can neither dispatch nor publish. */
export function whileHandling<T>(registry: Registry, handling: Handling, handle: () => Promise<T>): Promise<T> {
  return runningHandlerOf(registry).run(handling, handle)
}

/** Runs a decider; a dispatch from inside it is refused. */
export function whileDeciding<T>(decide: () => T): T {
  deciding = true
  try {
    return decide()
  } finally {
    deciding = false
  }
}

/** Errors: `nested_dispatch` inside a handler. */
export function refuseNested(registry: Registry, type: string): void {
  if (!deciding && runningHandlerOf(registry).getStore()?.open !== true) return
  throw new GestaError(
    'nested_dispatch',
    `Expected ${type} to be dispatched from outside, but a handler is running. Decide everything in this one, or dispatch after it has returned.`,
  )
}
