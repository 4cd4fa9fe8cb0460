// Waiting for a client that reads slowly.
import type { ServerResponse } from 'node:http'

/** Resolves when there is room again, when nobody waits for it any more, or when so much time has passed. */
export function roomIn(response: ServerResponse, signal: AbortSignal, withinMs?: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = withinMs === undefined ? undefined : setTimeout(() => go(), withinMs)
    const go = (): void => {
      clearTimeout(timer)
      response.off('drain', go)
      signal.removeEventListener('abort', go)
      resolve()
    }
    response.once('drain', go)
    signal.addEventListener('abort', go, { once: true })
    if (signal.aborted) go()
  })
}
