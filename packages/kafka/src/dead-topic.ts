// The topic of a group's dead letters: one partition, in which letters are followed by marks that name those that are dealt with. All
// before the offset that the group `<group>.dead` has committed is dealt with.
import { ListOffsetTimestamps } from '@platformatic/kafka'
import type { Consumer } from '@platformatic/kafka'
import type { Clock } from '@gesta/core/ports'
import { newReader } from './clients.ts'
import { kafkaError } from './kafka-errors.ts'
import { keepClient } from './kept-client.ts'
import { headerOf } from './messages.ts'
import type { Message } from './messages.ts'
import type { Settings } from './options.ts'
import { messagesOf } from './records.ts'
import type { ReadMessage, ReadMessages } from './records.ts'
import type { Sender } from './sender.ts'

/** Errors: `broker_unavailable`, `broker_closed`. */
export interface DeadTopic extends AsyncDisposable {
  /** Offsets of the letters that are not dealt with, rising. */
  open(): Promise<readonly bigint[]>
  /** The letters at these offsets, which rise. */
  read(offsets: readonly bigint[]): Promise<readonly ReadMessage[]>
  /** Says that letters are dealt with. */
  settle(offsets: readonly bigint[]): Promise<void>
}

const partition = 0
const markHeader = 'gesta-dead-settled'
const fetchBytesMax = 4 * 1024 * 1024
const fetchWaitMs = 100

export function openDeadTopic(
  topic: string,
  groupId: string,
  settings: Settings,
  clock: Clock,
  sender: Pick<Sender, 'send'>,
): DeadTopic {
  const client = keepClient(() => readerOf(settings, groupId, topic), settings.timeoutMs, clock)
  const call = async <Result>(run: (reader: Consumer) => Promise<Result>): Promise<Result> => {
    try {
      return await client.call(run)
    } catch (error) {
      throw kafkaError(error, settings.brokers)
    }
  }
  const offsetAt = (timestamp: bigint): Promise<bigint> =>
    call(async (reader) => {
      const offsets = await reader.listOffsets({ topics: [topic], partitions: { [topic]: [partition] }, timestamp })
      return offsets.get(topic)?.[partition] ?? 0n
    })
  /** What is not dealt with as a whole: from the committed offset, or the first one that is there, to the end. */
  const range = async (): Promise<readonly [from: bigint, to: bigint]> => {
    const committed = await call(async (reader) => {
      const offsets = await reader.listCommittedOffsets({ topics: [{ topic, partitions: [partition] }] })
      return offsets.get(topic)?.[partition] ?? -1n
    })
    const first = await offsetAt(ListOffsetTimestamps.EARLIEST)
    return [committed > first ? committed : first, await offsetAt(ListOffsetTimestamps.LATEST)]
  }
  async function* messages(from: bigint, to: bigint): AsyncGenerator<ReadMessage> {
    for (let position = from; position < to;) {
      const read = await call((reader) => fetch(reader, topic, position))
      if (read.next === position) return
      for (const message of read.messages) if (message.offset < to) yield message
      position = read.next
    }
  }
  const open = async (): Promise<readonly bigint[]> => {
    const found = new Set<bigint>()
    for await (const { offset, message } of messages(...(await range()))) {
      const marked = headerOf(message, markHeader)
      if (marked === undefined) found.add(offset)
      else for (const each of marked.split(',')) found.delete(BigInt(each))
    }
    return [...found]
  }
  return {
    open,
    read: async (offsets) => {
      const wanted = new Set(offsets)
      const found: ReadMessage[] = []
      const [first, last] = [offsets[0], offsets.at(-1)]
      if (first === undefined || last === undefined) return found
      for await (const message of messages(first, last + 1n)) if (wanted.has(message.offset)) found.push(message)
      return found
    },
    settle: async (offsets) => {
      if (offsets.length === 0) return
      await sender.send([markOf(topic, offsets)], new AbortController().signal)
      // Only shortens what is read the next time: another process may have put the offset further, or put it back.
      const end = await offsetAt(ListOffsetTimestamps.LATEST)
      const [next = end] = await open()
      await call((reader) => reader.commit({ offsets: [{ topic, partition, offset: next, leaderEpoch: -1 }] }))
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}

function markOf(topic: string, offsets: readonly bigint[]): Message {
  const header = [Buffer.from(markHeader), Buffer.from(offsets.join(','))] as const
  return { topic, partition, value: Buffer.alloc(0), headers: [header] }
}

/** Commits without being a member: so the group is one that nobody is in. */
function readerOf(settings: Settings, groupId: string, topic: string): Consumer {
  const reader = newReader(settings, groupId, true)
  reader.topics.track(topic)
  reader.memberId = ''
  reader.generationId = -1
  return reader
}

async function fetch(reader: Consumer, topic: string, from: bigint): Promise<ReadMessages> {
  const { topics } = await reader.metadata({ topics: [topic] })
  const known = topics.get(topic)
  const wanted = {
    partition,
    currentLeaderEpoch: -1,
    fetchOffset: from,
    lastFetchedEpoch: -1,
    partitionMaxBytes: fetchBytesMax,
  }
  const { responses } = await reader.fetch({
    node: known?.partitions[partition]?.leader ?? 0,
    topics: [{ topicId: known?.id ?? '', partitions: [wanted] }],
    minBytes: 1,
    maxBytes: fetchBytesMax,
    maxWaitTime: fetchWaitMs,
  })
  const answer = responses[0]?.partitions[0]
  return answer === undefined ? { messages: [], next: from } : messagesOf(topic, answer, from)
}
