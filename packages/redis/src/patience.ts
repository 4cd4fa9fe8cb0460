// Doing something until it goes well: a server that is away for a while ends nothing, it is waited for.
import { backoffMs, pause } from '@gesta/core/ports'
import type { BackendRuntime } from '@gesta/core/ports'
import { isPassing } from './redis-errors.ts'

const retry = { firstMs: 50, maxMs: 2000 }

/** The result, or the error of a failure that lasts, or the signal's reason. What is done may be done more than once. */
export async function untilDone<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
  { clock, ids }: BackendRuntime,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error)) throw error
    }
    await pause(clock, backoffMs(retry, attempt, ids.random), signal)
  }
}
