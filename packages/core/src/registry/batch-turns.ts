// An event source that has one batch out at a time, so that order holds however many receive. For sources that are a list in
// this process: what is at its head is given out, and stays there until it was acknowledged.
import { onAbort } from '../time/on-abort.ts'
import { unlessAborted } from '../time/unless-aborted.ts'
import type { EventBatch, EventSource } from './delivery-ports.ts'

/** What the list is asked for, never twice at the same time. */
export interface BatchSupply {
  /** What is at the head; `undefined`: nothing now; `drained`: nothing ever. */
  take(): Promise<TakenBatch | undefined | 'drained'>
}
export interface TakenBatch {
  readonly events: EventBatch['events']
  /** Removes the events from the list; those that are gone are left alone. */
  ack(): Promise<void>
  nack(cause: unknown): Promise<void>
}
export interface BatchTurns extends EventSource {
  /** Says that `take` may have another answer now. */
  wake(): void
}

/** Turns over a list. A batch is out until it is settled, or until its receiver's signal aborts. */
export function createBatchTurns(supply: BatchSupply): BatchTurns {
  let out: TakenBatch | undefined
  let taking = false
  let change = Promise.withResolvers<void>()
  const wake = (): void => {
    const { resolve } = change
    change = Promise.withResolvers<void>()
    resolve()
  }
  const free = (batch: TakenBatch): void => {
    if (out !== batch) return
    out = undefined
    wake()
  }
  const give = (batch: TakenBatch, signal: AbortSignal): EventBatch => {
    out = batch
    const place = onAbort(signal, () => free(batch))
    const settle = async (settled: Promise<void>): Promise<void> => {
      await settled
      place.leave()
      free(batch)
    }
    return {
      events: batch.events,
      ack: () => settle(batch.ack()),
      nack: (cause) => settle(batch.nack(cause)),
    }
  }
  /** Whoever leaves the head without a batch wakes the others, who have looked away meanwhile. */
  const take = async (signal: AbortSignal): Promise<EventBatch | undefined | 'drained'> => {
    taking = true
    let leaves = true
    try {
      const found = await supply.take()
      signal.throwIfAborted()
      leaves = found === 'drained'
      return typeof found === 'object' ? give(found, signal) : found
    } finally {
      taking = false
      if (leaves) wake()
    }
  }
  return {
    wake,
    receiveEventBatch: async ({ signal }) => {
      for (;;) {
        signal.throwIfAborted()
        const changed = change.promise
        const found = out === undefined && !taking ? await take(signal) : undefined
        if (found === 'drained') return undefined
        if (found !== undefined) return found
        await unlessAborted(signal, changed)
      }
    },
  }
}
