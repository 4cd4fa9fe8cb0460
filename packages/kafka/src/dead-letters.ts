// Dead letters of a group: a topic of their own, in one partition, in the order in which they were given up. What was put back or
// discarded is before the offset that the group `<group>.dead` has committed.
import { ListOffsetTimestamps } from '@platformatic/kafka'
import type { Consumer } from '@platformatic/kafka'
import { checkWhole, isGestaError } from '@gesta/core/ports'
import type { Clock } from '@gesta/core/ports'
import { newReader } from './clients.ts'
import { deadMessage, letterOf, messagePutBack, withoutValue } from './dead-message.ts'
import type { DeadLetter } from './dead-message.ts'
import { kafkaError } from './kafka-errors.ts'
import { keepClient } from './kept-client.ts'
import type { Settings } from './options.ts'
import type { Delivery } from './partition.ts'
import { messagesOf } from './records.ts'
import type { ReadMessage } from './records.ts'
import type { Sender } from './sender.ts'

/** What a group has given up. Errors: `broker_unavailable`, `broker_closed`. */
export interface DeadLetters {
  total(): Promise<number>
  /** The oldest ones, at most `limit` (1 to 1,000). Default 100. */
  list(limit?: number): Promise<readonly DeadLetter[]>
  /**
   * Puts the oldest ones back into their topic, for this group alone, with new attempts; how many, at most `limit` (1 to 1,000, default
   * 100). Their order to what is in the topic already is lost. One that was too large to be kept here is only dropped.
   */
  requeue(limit?: number): Promise<number>
  /** Drops the oldest ones for good; how many, at most `limit` (1 to 1,000, default 100). */
  discard(limit?: number): Promise<number>
}
export interface KeptDeadLetters extends DeadLetters, AsyncDisposable {
  /** Stores one. */
  bury(delivery: Delivery): Promise<void>
}
export interface DeadLetterPlace {
  /** Names in Kafka. */
  readonly topic: string
  readonly groupId: string
  readonly deadTopic: string
  readonly group: string
}

const limitMax = 1000
const bytesMax = 16 * 1024 * 1024

export function openDeadLetters(
  { topic, groupId, deadTopic, group }: DeadLetterPlace,
  settings: Settings,
  clock: Clock,
  sender: Pick<Sender, 'send'>,
): KeptDeadLetters {
  const client = keepClient(() => readerOf(settings, `${groupId}.dead`, deadTopic), settings.timeoutMs, clock)
  const forEver = new AbortController().signal
  let last: Promise<unknown> = Promise.resolve()

  const call = async <Result>(run: (reader: Consumer) => Promise<Result>): Promise<Result> => {
    try {
      return await client.call(run)
    } catch (error) {
      throw kafkaError(error, settings.brokers)
    }
  }
  const read = (limit: number): Promise<readonly ReadMessage[]> =>
    call(async (reader) => {
      const { from, to } = await rangeOf(reader, deadTopic)
      return readRange(reader, deadTopic, from, to, limit)
    })
  /** One after the other: what two took at once would be put back twice. */
  const takeOldest = (limit: number, use: (taken: readonly ReadMessage[]) => Promise<void>): Promise<number> => {
    checkWhole(limit, 'limit', 1, limitMax)
    const work = last.then(async () => {
      const taken = await read(limit)
      const end = taken.at(-1)
      if (end === undefined) return 0
      await use(taken)
      await call((reader) =>
        reader.commit({ offsets: [{ topic: deadTopic, partition: 0, offset: end.offset + 1n, leaderEpoch: -1 }] }),
      )
      return taken.length
    })
    last = work.catch(() => undefined)
    return work
  }

  return {
    bury: async (delivery) => {
      const message = deadMessage(deadTopic, delivery, new Date(clock.nowUs() / 1000).toISOString())
      try {
        await sender.send([message], forEver)
      } catch (error) {
        if (!isGestaError(error, 'payload_too_large')) throw error
        await sender.send([withoutValue(message)], forEver)
      }
    },
    total: () =>
      call(async (reader) => {
        const { from, to } = await rangeOf(reader, deadTopic)
        return Number(to - from)
      }),
    list: async (limit = 100) => {
      checkWhole(limit, 'limit', 1, limitMax)
      return (await read(limit)).map(letterOf)
    },
    requeue: async (limit = 100) =>
      takeOldest(limit, async (taken) => {
        const messages = taken.flatMap((letter) => messagePutBack(letter, topic, group) ?? [])
        await sender.send(messages, forEver)
      }),
    discard: async (limit = 100) => takeOldest(limit, async () => undefined),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}

/** Commits without being a member: that is how a group is told from outside. */
function readerOf(settings: Settings, groupId: string, deadTopic: string): Consumer {
  const reader = newReader(settings, groupId, true)
  reader.topics.track(deadTopic)
  reader.memberId = ''
  reader.generationId = -1
  return reader
}

interface Range {
  readonly from: bigint
  readonly to: bigint
}
async function rangeOf(reader: Consumer, topic: string): Promise<Range> {
  const offsetAt = async (timestamp: bigint): Promise<bigint> => {
    const offsets = await reader.listOffsets({ topics: [topic], partitions: { [topic]: [0] }, timestamp })
    return offsets.get(topic)?.[0] ?? 0n
  }
  const committed = await reader.listCommittedOffsets({ topics: [{ topic, partitions: [0] }] })
  const first = await offsetAt(ListOffsetTimestamps.EARLIEST)
  const to = await offsetAt(ListOffsetTimestamps.LATEST)
  const settled = committed.get(topic)?.[0] ?? -1n
  const from = settled > first ? settled : first
  return { from, to: to > from ? to : from }
}

async function readRange(
  reader: Consumer,
  topic: string,
  from: bigint,
  to: bigint,
  limit: number,
): Promise<readonly ReadMessage[]> {
  const { topics } = await reader.metadata({ topics: [topic] })
  const known = topics.get(topic)
  const found: ReadMessage[] = []
  for (let position = from; position < to && found.length < limit && known !== undefined;) {
    const partition = {
      partition: 0,
      currentLeaderEpoch: -1,
      fetchOffset: position,
      lastFetchedEpoch: -1,
      partitionMaxBytes: bytesMax,
    }
    const { responses } = await reader.fetch({
      node: known.partitions[0]?.leader ?? 0,
      topics: [{ topicId: known.id, partitions: [partition] }],
      minBytes: 1,
      maxBytes: bytesMax,
      maxWaitTime: 100,
    })
    const answer = responses[0]?.partitions[0]
    if (answer === undefined) break
    const { messages, next } = messagesOf(topic, answer, position)
    found.push(...messages.filter(({ offset }) => offset < to))
    position = next
  }
  return found.slice(0, limit)
}
