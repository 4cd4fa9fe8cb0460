// Many batches at once, each key in order: batches that share a key go one after the other, all others beside each other.
import type { HeldFacts } from '../stores/outbox/outbox-store.ts'
import type { OutboxBatch } from './outbox-relay-batch.ts'

export interface Lanes {
  /** Keys of which a message waits: what follows it is held too. Grows as batches fail. */
  readonly waiting: Set<string>
  /** Messages that may be on their way now; a larger batch goes alone. */
  inFlightMax(): number
  /** Whether a batch goes after the others. */
  isLast(batch: OutboxBatch): boolean
  /** Whether another batch may go. */
  isOpen(): boolean
  /** Never rejects. `undefined`: it has not happened; no other batch goes then. */
  send(batch: OutboxBatch): Promise<OutboxBatch['outcome']>
  /** The outcome of a batch that is behind one that waits. */
  behind(batch: OutboxBatch): HeldFacts
}

/**
 * Sends the batches that have no outcome yet. Resolves when all of them have one or, once sending has stopped, when nothing is on its
 * way any more.
 */
export function sendInLanes(all: readonly OutboxBatch[], lanes: Lanes): Promise<void> {
  const batches = all.filter(({ outcome }) => outcome === undefined)
  /** By key, in order; a batch may go when it is the first of all its keys. */
  const lines = new Map<string, OutboxBatch[]>()
  for (const batch of batches)
    for (const key of batch.keys) {
      const line = lines.get(key)
      if (line === undefined) lines.set(key, [batch])
      else line.push(batch)
    }
  const isFirst = (batch: OutboxBatch): boolean => batch.keys.every((key) => lines.get(key)?.[0] === batch)
  const firsts = batches.filter(isFirst)
  const ready = new Set([...firsts.filter((each) => !lanes.isLast(each)), ...firsts.filter(lanes.isLast)])
  let inFlight = 0
  let open = true

  const finish = (batch: OutboxBatch, outcome: NonNullable<OutboxBatch['outcome']>): void => {
    batch.outcome = outcome
    if (outcome !== 'sent' && outcome.state === 'waiting') for (const key of batch.keys) lanes.waiting.add(key)
    for (const key of batch.keys) lines.get(key)?.shift()
    for (const key of batch.keys) {
      const next = lines.get(key)?.[0]
      if (next !== undefined && isFirst(next)) ready.add(next)
    }
  }
  return new Promise((resolve) => {
    const start = (batch: OutboxBatch): void => {
      const { length } = batch.messages
      inFlight += length
      void lanes.send(batch).then((outcome) => {
        inFlight -= length
        if (outcome === undefined) open = false
        else finish(batch, outcome)
        goOn()
      })
    }
    const goOn = (): void => {
      for (const batch of ready) {
        if (!open || !lanes.isOpen()) break
        if (batch.keys.some((key) => lanes.waiting.has(key))) {
          ready.delete(batch)
          // What becomes ready by this is reached by the same loop.
          finish(batch, lanes.behind(batch))
        } else if (inFlight === 0 || inFlight + batch.messages.length <= lanes.inFlightMax()) {
          ready.delete(batch)
          start(batch)
        } else break
      }
      if (inFlight === 0) resolve()
    }
    goOn()
  })
}
