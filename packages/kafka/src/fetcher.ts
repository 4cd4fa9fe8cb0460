// Reads the partitions that want more, from the brokers that lead them: one request at a time to each broker, on connections of its own.
// It goes on for ever; a broker that does not answer is asked again after a pause.
import { ListOffsetTimestamps, ResponseError } from '@platformatic/kafka'
import type { Consumer } from '@platformatic/kafka'
import { backoffMs } from '@gesta/core/ports'
import type { BackendRuntime } from '@gesta/core/ports'
import { closeClient, goodbyeMs, newReader } from './clients.ts'
import type { Settings } from './options.ts'
import { createPauses } from './pauses.ts'
import { messagesOf } from './records.ts'
import type { ReadMessages } from './records.ts'

/** A partition as far as reading goes. */
export interface Readable {
  readonly number: number
  readonly position: bigint
  /** It wants nothing more now. */
  readonly isFull: boolean
}
export interface FetcherWork<Part extends Readable> {
  /** Those that are received now. */
  parts(): Iterable<Part>
  /** What was read from the part's position on; it moves the position. */
  read(part: Part, messages: ReadMessages): void
  /** The position is not there any more; reading goes on from the first offset that is. */
  gone(part: Part, first: bigint): void
}
export interface Fetcher extends AsyncDisposable {
  /** Says that parts may want more now. */
  wake(): void
  /** The first offset that a partition has. */
  first(partition: number): Promise<bigint>
}

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>

const partBytesMax = 1024 * 1024
const fetchBytesMax = 16 * 1024 * 1024
const pause = { firstMs: 100, maxMs: 5000 }
const offsetOutOfRange = 1

export function createFetcher<Part extends Readable>(
  topic: string,
  groupId: string,
  settings: Settings,
  { clock, ids }: BackendRuntime,
  work: FetcherWork<Part>,
): Fetcher {
  const reader = newReader(settings, groupId, false)
  reader.topics.track(topic)
  const pauses = createPauses(clock)
  const asked = new Set<number>()
  const inHand = new Set<Part>()
  let closed = false
  let looking = false
  let failures = 0
  let rests = false

  const first = async (partition: number): Promise<bigint> => {
    const partitions = { [topic]: [partition] }
    const offsets = await reader.listOffsets({ topics: [topic], partitions, timestamp: ListOffsetTimestamps.EARLIEST })
    return offsets.get(topic)?.[partition] ?? 0n
  }
  /** Part by part what they want, by the broker that leads them. */
  const wanted = async (): Promise<ReadonlyMap<number, { readonly topicId: string; readonly parts: Part[] }>> => {
    const found = new Map<number, { readonly topicId: string; readonly parts: Part[] }>()
    const { topics } = await reader.metadata({ topics: [topic] })
    const known = topics.get(topic)
    if (known === undefined) return found
    for (const part of work.parts()) {
      const leader = known.partitions[part.number]?.leader
      if (leader === undefined || asked.has(leader) || inHand.has(part) || part.isFull) continue
      const entry = found.get(leader) ?? { topicId: known.id, parts: [] }
      entry.parts.push(part)
      found.set(leader, entry)
    }
    return found
  }
  const fetch = async (node: number, topicId: string, parts: readonly Part[]): Promise<FetchResponse> => {
    const partitions = parts.map(({ number, position }) => ({
      partition: number,
      currentLeaderEpoch: -1,
      fetchOffset: position,
      lastFetchedEpoch: -1,
      partitionMaxBytes: partBytesMax,
    }))
    return reader.fetch({
      node,
      topics: [{ topicId, partitions }],
      minBytes: 1,
      maxBytes: fetchBytesMax,
      maxWaitTime: settings.fetchWaitMs,
    })
  }
  const accept = async (response: FetchResponse, parts: readonly Part[], froms: readonly bigint[]): Promise<void> => {
    const fetched = response.responses.flatMap(({ partitions }) => partitions)
    for (const [index, part] of parts.entries()) {
      const answer = fetched.find(({ partitionIndex }) => partitionIndex === part.number)
      const from = froms[index]
      if (answer === undefined || from === undefined || part.position !== from) continue
      if (answer.errorCode === 0) work.read(part, messagesOf(topic, answer, from))
      else if (answer.errorCode === offsetOutOfRange) work.gone(part, await first(part.number))
    }
  }
  const ask = async (node: number, topicId: string, parts: readonly Part[]): Promise<void> => {
    const froms = parts.map(({ position }) => position)
    asked.add(node)
    for (const part of parts) inHand.add(part)
    try {
      const response = await fetch(node, topicId, parts).catch(answerOf)
      await accept(response, parts, froms)
      if (isWhole(response)) failures = 0
      else rest()
    } catch {
      rest()
    } finally {
      asked.delete(node)
      for (const part of parts) inHand.delete(part)
    }
    wake()
  }
  const rest = (): void => {
    if (closed || rests) return
    rests = true
    reader.clearMetadata()
    failures += 1
    pauses.after(backoffMs(pause, failures, ids.random), () => {
      rests = false
      wake()
    })
  }
  const look = async (): Promise<void> => {
    looking = true
    try {
      for (const [node, { topicId, parts }] of await wanted()) void ask(node, topicId, parts)
    } catch {
      rest()
    } finally {
      looking = false
    }
  }
  let again = false
  const wake = (): void => {
    if (closed || rests) return
    if (looking) again = true
    else
      void look().then(() => {
        if (!again) return
        again = false
        wake()
      })
  }

  return {
    wake,
    first,
    [Symbol.asyncDispose]: async () => {
      closed = true
      pauses[Symbol.dispose]()
      await closeClient(reader, clock, goodbyeMs)
    },
  }
}

/** A part that failed does not keep the others from being read: the answer has them all. */
function answerOf(error: unknown): FetchResponse {
  if (error instanceof ResponseError && error.response !== undefined) return error.response as FetchResponse
  throw error
}

function isWhole({ errorCode, responses }: FetchResponse): boolean {
  const codes = responses.flatMap(({ partitions }) => partitions.map((partition) => partition.errorCode))
  return [errorCode, ...codes].every((code) => code === 0 || code === offsetOutOfRange)
}
