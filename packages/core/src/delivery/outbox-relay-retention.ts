// Sent messages are kept for a while, so that they can be sent again; then they are removed, in small steps.
import type { OutboxStore } from '../stores/outbox/outbox-store.ts'
import type { Clock } from '../time/clock.ts'

const stepMessages = 1_000
const everyMs = 60_000

/** Removes some old messages, if it is time. Whether there may be more to remove at once. Never rejects: it is tried again later. */
export function createRetention(
  outbox: OutboxStore,
  clock: Clock,
  retentionMs: number,
  onTrouble: (cause: unknown) => void,
): () => Promise<boolean> {
  let nextUs = clock.monotonicUs()
  return async () => {
    if (clock.monotonicUs() < nextUs) return false
    nextUs = clock.monotonicUs() + everyMs * 1000
    try {
      const removed = await outbox.prune(Math.max(0, clock.nowUs() - retentionMs * 1000), stepMessages)
      if (removed < stepMessages) return false
      nextUs = clock.monotonicUs()
      return true
    } catch (cause) {
      onTrouble(cause)
      return false
    }
  }
}
