// Waiting for a client that reads slowly.
import type { ServerResponse } from 'node:http'

/** Resolves when there is room again, or when nobody waits for it any more. */
export function roomIn(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go)
      signal.removeEventListener('abort', go)
      resolve()
    }
    response.once('drain', go)
    signal.addEventListener('abort', go, { once: true })
    if (signal.aborted) go()
  })
}
