// A handler must not dispatch commands: they would commit apart from its own decision. Noticed here, and refused.
import { GestaError } from '../errors/gesta-error.ts'
import { runningHandlerOf } from '../registry/registry.ts'
import type { Registry } from '../registry/registry.ts'

let deciding = false

/** Runs an asynchronous handler; until it has settled, what it calls can neither dispatch nor publish. */
export async function whileHandling<T>(registry: Registry, handle: () => Promise<T>): Promise<T> {
  const running = { open: true }
  try {
    return await runningHandlerOf(registry).run(running, handle)
  } finally {
    running.open = false
  }
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
