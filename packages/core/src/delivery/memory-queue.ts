// A queue of events in memory, first in, first out, as JSON text: who receives sees what a broker would have carried.
import { decodeEnvelope } from '../registry/envelope-text.ts'
import { createBatchTurns } from '../registry/batch-turns.ts'
import type { EventSource } from '../registry/delivery-ports.ts'

/** Events that one batch holds at most. */
const batchEventsMax = 100

export interface MemoryQueue extends EventSource {
  /** Events that were not acknowledged yet. */
  readonly size: number
  /** Puts texts of envelopes at the end. */
  push(texts: readonly string[]): void
  /** Nothing comes any more: when what is there was acknowledged, receivers are told that the queue is closed. */
  end(): void
}
interface Waiting {
  readonly text: string
}

export function createMemoryQueue(): MemoryQueue {
  /** A set keeps the order, and loses its head for little. */
  const waiting = new Set<Waiting>()
  let ended = false
  const turns = createBatchTurns({
    take: async () => {
      const head: Waiting[] = []
      for (const item of waiting) if (head.push(item) === batchEventsMax) break
      if (head.length === 0) return ended ? 'drained' : undefined
      return {
        events: head.map(({ text }) => decodeEnvelope(text)),
        ack: async () => {
          for (const item of head) waiting.delete(item)
        },
        nack: async () => undefined,
      }
    },
  })
  return {
    receiveEventBatch: turns.receiveEventBatch,
    get size() {
      return waiting.size
    },
    push: (texts) => {
      for (const text of texts) waiting.add({ text })
      turns.wake()
    },
    end: () => {
      ended = true
      turns.wake()
    },
  }
}
