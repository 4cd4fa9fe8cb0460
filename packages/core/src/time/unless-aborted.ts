// Waiting that a signal can end: for work of others, which may not look at the signal itself, and for time.
import type { Clock } from './clock.ts'
import { onAbort } from './on-abort.ts'

/** The work's result, or the signal's reason when that comes first. The work goes on; what it ends in is ignored then. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) abort()
    const place = signal.aborted ? undefined : onAbort(signal, abort)
    work.then(
      (value) => {
        place?.leave()
        resolve(value)
      },
      (error: Error) => {
        place?.leave()
        reject(error)
      },
    )
  })
}

/** Waits for `delayMs` milliseconds, or rejects with the signal's reason when that comes first. */
export async function pause(clock: Pick<Clock, 'after'>, delayMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = clock.after(delayMs, resolve)
  try {
    await unlessAborted(signal, promise)
  } finally {
    timer.cancel()
  }
}
