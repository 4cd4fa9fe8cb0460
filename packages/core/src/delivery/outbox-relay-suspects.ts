// Batches for which the broker seems away, while it takes others: such a one would hold up everything behind it for ever.
import type { OutboxBatch } from './outbox-relay-batch.ts'

export interface Suspects {
  /** Notes that a batch goes; the number tells whether another one went before or after something. */
  begin(): number
  /** Notes that the broker took or refused the batch that began with this number: it is there. */
  answered(batch: OutboxBatch, number: number): void
  /** Notes that it was away for the batch. Whether it is the batch: it was so several times, and the broker was there between them. */
  isToBlame(batch: OutboxBatch): boolean
  has(batch: OutboxBatch): boolean
}

const offencesMax = 3

export function createSuspects(): Suspects {
  let begun = 0
  /** The last beginning that was answered. */
  let answeredTo = 0
  const known = new Map<string, { readonly since: number; readonly offences: number }>()
  return {
    begin: () => (begun += 1),
    answered: (batch, number) => {
      answeredTo = Math.max(answeredTo, number)
      known.delete(nameOf(batch))
    },
    isToBlame: (batch) => {
      const name = nameOf(batch)
      const before = known.get(name)
      // What began earlier may have been answered before the broker went away.
      const wasThere = before !== undefined && answeredTo > before.since
      const offences = (before?.offences ?? 0) + (wasThere ? 1 : 0)
      if (offences === offencesMax) return known.delete(name)
      known.set(name, { since: begun, offences })
      return false
    },
    has: (batch) => known.has(nameOf(batch)),
  }
}

function nameOf({ messages }: OutboxBatch): string {
  return `${messages[0]?.commitNo}-${messages[0]?.index}`
}
