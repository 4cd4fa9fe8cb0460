// One partition as a group receives it: what was read and waits, what is out, and how far everything is settled. It knows no clock and
// no network.
import type { EnvelopeDraft } from '@gesta/core/ports'
import type { Message } from './messages.ts'

/** A message that was read. */
export interface Delivery {
  readonly offset: bigint
  readonly message: Message
  /** Absent when the message cannot be read; then `doom` says why. */
  readonly event?: EnvelopeDraft | undefined
  /** Why it is to become a dead letter. */
  doom?: string | undefined
  /** Failed deliveries so far. */
  attempts: number
  /** It was in a delivery that failed, and is delivered alone: so it uses up its own attempts and no neighbour's. */
  isAlone: boolean
}

export interface Partition {
  readonly number: number
  /** The next offset to read. */
  readonly position: bigint
  /** Everything before this offset is settled; what is settled behind a gap does not count. */
  readonly settledTo: bigint
  /** As much waits as is read ahead. */
  readonly isFull: boolean
  /** Adds what was read, in order, up to the offset `next`. Offsets that are left out hold nothing for this group. */
  add(read: readonly Delivery[], next: bigint): void
  /** What is delivered next: events up to one that fails, or that one alone. Empty: nothing, or what is doomed comes first. */
  take(): readonly Delivery[]
  /** The first message, when it is doomed. */
  takeDoomed(): Delivery | undefined
  /** What was taken is dealt with. */
  settle(taken: readonly Delivery[]): void
  /** What was taken waits again, before everything else, and is not settled. */
  putBack(taken: readonly Delivery[]): void
}

/** Events that one batch holds at most. */
export const batchEventsMax = 100
/** Bytes of values that wait, after which nothing more is read. */
const waitingBytesMax = 1024 * 1024

export function createPartition(number: number, start: bigint): Partition {
  /** Offsets that are not settled, rising: a set keeps the order, and loses its members for little. */
  let open = new Set<bigint>()
  let waiting: Delivery[] = []
  let waitingBytes = 0
  let position = start
  const isReady = ({ event, doom }: Delivery): boolean => event !== undefined && doom === undefined
  const shift = (count: number): readonly Delivery[] => {
    const taken = waiting.slice(0, count)
    waiting = waiting.slice(count)
    waitingBytes -= bytesOf(taken)
    return taken
  }

  return {
    number,
    get position() {
      return position
    },
    get settledTo() {
      return open.values().next().value ?? position
    },
    get isFull() {
      return waiting.length >= batchEventsMax || waitingBytes >= waitingBytesMax
    },
    add: (read, next) => {
      for (const { offset } of read) open.add(offset)
      waiting.push(...read)
      waitingBytes += bytesOf(read)
      position = next
    },
    take: () => {
      let count = 0
      for (const delivery of waiting) {
        if (!isReady(delivery) || (count > 0 && delivery.isAlone)) break
        count += 1
        if (count === batchEventsMax || delivery.isAlone) break
      }
      return shift(count)
    },
    takeDoomed: () => {
      const [first] = waiting
      return first === undefined || isReady(first) ? undefined : shift(1)[0]
    },
    settle: (taken) => {
      for (const { offset } of taken) open.delete(offset)
    },
    putBack: (taken) => {
      waiting = [...taken, ...waiting]
      waitingBytes += bytesOf(taken)
      if (taken.some(({ offset }) => !open.has(offset))) open = new Set([...taken.map(({ offset }) => offset), ...open])
    },
  }
}

function bytesOf(deliveries: readonly Delivery[]): number {
  return deliveries.reduce((sum, { message }) => sum + message.value.length, 0)
}
