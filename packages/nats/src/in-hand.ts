// What a receiver has in hand: events that wait to be given out, and batches that are out. Bookkeeping alone; group-receiver.ts acts.
import type { EnvelopeDraft } from '@gesta/core/ports'
import type { Delivery } from './delivery.ts'

export interface Held {
  readonly delivery: Delivery
  /** Absent when it cannot be read. */
  readonly event: EnvelopeDraft | undefined
  /** Given out by itself, because it came before: so it uses up its own deliveries, and no neighbour's. */
  alone: boolean
  /** Times that it was given back here. */
  failures: number
  /** Why it is given up; absent as long as it is not. */
  reason: string | undefined
  readonly arrivedUs: number
  /** When the server last heard that it is in hand. */
  renewedUs: number
}
export type Batch = readonly Held[]

export interface InHand {
  /** In the order of the stream. */
  readonly waiting: readonly Held[]
  readonly out: ReadonlySet<Batch>
  /** In its place; in that of the same one, when the server sends one again that is here still. */
  add(held: Held): void
  /** The first events that may be given out together, at most so many; they are out then. */
  take(eventsMax: number): Batch
  /** The batch is no longer in hand. */
  settle(batch: Batch): void
  /** The batch waits before all others, each of it alone. */
  putBack(batch: Batch): void
  /** Removes those that wait and of which this is true, and returns them. */
  drop(which: (held: Held) => boolean): Batch
}

export function createInHand(): InHand {
  let waiting: Held[] = []
  const out = new Set<Batch>()
  return {
    get waiting() {
      return waiting
    },
    out,
    add: (held) => {
      const { sequence } = held.delivery
      let place = waiting.length
      while (place > 0 && (waiting[place - 1]?.delivery.sequence ?? 0) >= sequence) place -= 1
      const same = waiting[place]?.delivery.identity === held.delivery.identity ? waiting[place] : undefined
      if (same === undefined) waiting.splice(place, 0, held)
      else waiting[place] = { ...held, failures: same.failures }
    },
    take: (eventsMax) => {
      const first = waiting[0]
      const company = waiting.findIndex(({ alone, reason }) => alone || reason !== undefined)
      const count = first?.alone === true ? 1 : company === -1 ? waiting.length : company
      const batch = waiting.slice(0, Math.min(count, eventsMax))
      waiting = waiting.slice(batch.length)
      out.add(batch)
      return batch
    },
    settle: (batch) => void out.delete(batch),
    putBack: (batch) => {
      out.delete(batch)
      for (const held of batch) held.alone = true
      waiting = [...batch, ...waiting]
    },
    drop: (which) => {
      const dropped = waiting.filter(which)
      if (dropped.length > 0) waiting = waiting.filter((held) => !dropped.includes(held))
      return dropped
    },
  }
}
