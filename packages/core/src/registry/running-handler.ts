// Whether the calling code belongs to a command handler that still runs. Only a guard: it refuses to publish before the command
// succeeded, also after an await and when the caller passed nothing on. What a handler may do, it is given as an argument.
import { AsyncLocalStorage } from 'node:async_hooks'
import { ContractError } from './contract-error.ts'

interface Running {
  readonly open: boolean
}
export type RunningHandler = AsyncLocalStorage<Running>

export function createRunningHandler(): RunningHandler {
  return new AsyncLocalStorage<Running>()
}

/** Throws `unsupported_handler` when the calling code belongs to a command handler that runs on this registry. */
export function refuseInHandler(running: RunningHandler, operation: string, type: string): void {
  if (running.getStore()?.open !== true) return
  throw new ContractError(
    'unsupported_handler',
    type,
    `Expected ${operation} of ${type} outside of command handlers, but one is running. Emit the event: it is delivered when the command succeeded.`,
  )
}
