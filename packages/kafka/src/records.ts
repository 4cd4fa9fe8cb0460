// What a broker answers to a fetch, as messages: without what belongs to Kafka itself, and without what was taken back by transactions.
import type { RecordsBatch } from '@platformatic/kafka'
import type { Message } from './messages.ts'

export interface ReadMessage {
  readonly offset: bigint
  readonly message: Message
}
export interface ReadMessages {
  readonly messages: readonly ReadMessage[]
  /** The offset after everything that was looked at. */
  readonly next: bigint
}
/** A part of the answer to a fetch. */
export interface FetchedPartition {
  readonly partitionIndex: number
  readonly abortedTransactions: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[] | null
  readonly records?: readonly RecordsBatch[] | null
}

/** Bits of a batch's attributes. https://kafka.apache.org/documentation/#recordbatch */
const transactional = 0x10
const control = 0x20

/** The messages from an offset on. The aborted transactions come in the order of their first offsets. */
export function messagesOf(topic: string, fetched: FetchedPartition, from: bigint): ReadMessages {
  const messages: ReadMessage[] = []
  const aborted = [...(fetched.abortedTransactions ?? [])].toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const aborting = new Set<bigint>()
  let next = from
  for (const batch of fetched.records ?? []) {
    const end = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
    for (let first = aborted[0]; first !== undefined && first.firstOffset < end; first = aborted[0]) {
      aborting.add(first.producerId)
      aborted.shift()
    }
    if (end > next) next = end
    // A control record ends its producer's transaction, either way.
    if ((batch.attributes & control) !== 0) aborting.delete(batch.producerId)
    else if ((batch.attributes & transactional) === 0 || !aborting.has(batch.producerId))
      for (const read of recordsOf(topic, fetched.partitionIndex, batch)) if (read.offset >= from) messages.push(read)
  }
  return { messages, next }
}

function recordsOf(topic: string, partition: number, { firstOffset, records }: RecordsBatch): readonly ReadMessage[] {
  return records.map(({ offsetDelta, key, value, headers }) => ({
    offset: firstOffset + BigInt(offsetDelta),
    message: {
      topic,
      partition,
      key: key ?? undefined,
      value: value ?? Buffer.alloc(0),
      headers: headers.map(([name, text]) => [name ?? Buffer.alloc(0), text ?? Buffer.alloc(0)] as const),
    },
  }))
}
