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
const batchEventsMax = 100
/** Bytes of values that wait, after which nothing more is read. */
const waitingBytesMax = 1024 * 1024

export function createPartition(number: number, start: bigint): Partition {
  // Sets and maps keep the order of their offsets, which rise, and lose their first members for little.
  /** Offsets that are not settled. */
  let open = new Set<bigint>()
  let waiting = new Map<bigint, Delivery>()
  let waitingBytes = 0
  let position = start
  const take = (delivery: Delivery): Delivery => {
    waiting.delete(delivery.offset)
    waitingBytes -= bytesOf(delivery)
    return delivery
  }
  const wait = (delivery: Delivery): void => {
    waiting.set(delivery.offset, delivery)
    waitingBytes += bytesOf(delivery)
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
      return waiting.size >= batchEventsMax || waitingBytes >= waitingBytesMax
    },
    add: (read, next) => {
      for (const delivery of read) {
        open.add(delivery.offset)
        wait(delivery)
      }
      position = next
    },
    take: () => {
      const taken: Delivery[] = []
      for (const delivery of waiting.values()) {
        if (!isReady(delivery) || (taken.length > 0 && delivery.isAlone)) break
        taken.push(take(delivery))
        if (taken.length === batchEventsMax || delivery.isAlone) break
      }
      return taken
    },
    takeDoomed: () => {
      const first = waiting.values().next().value
      return first === undefined || isReady(first) ? undefined : take(first)
    },
    settle: (taken) => {
      for (const { offset } of taken) open.delete(offset)
    },
    putBack: (taken) => {
      const behind = waiting
      waiting = new Map()
      for (const delivery of taken) wait(delivery)
      for (const [offset, delivery] of behind) waiting.set(offset, delivery)
      if (taken.some(({ offset }) => !open.has(offset))) open = new Set([...taken.map(({ offset }) => offset), ...open])
    },
  }
}

function isReady({ event, doom }: Delivery): boolean {
  return event !== undefined && doom === undefined
}

function bytesOf({ message }: Delivery): number {
  return message.value.length
}
