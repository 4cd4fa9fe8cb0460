// A bell: who waits hears the next ring; a ring that nobody heard is not lost, neither to one who has given up waiting.
import { unlessAborted } from '../time/unless-aborted.ts'

export interface Bell {
  ring(): void
  /** Resolves with the next ring, or at once when it rang since the last one was heard. Rejects with the reason of `signal`. */
  heard(signal: AbortSignal): Promise<void>
}

export function createBell(): Bell {
  let hasRung = false
  let wake: (() => void) | undefined
  return {
    ring: () => {
      hasRung = true
      wake?.()
    },
    heard: async (signal) => {
      while (!hasRung) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        await unlessAborted(signal, promise)
      }
      hasRung = false
    },
  }
}
