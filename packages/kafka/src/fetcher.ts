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

interface Request<Part> {
  readonly topicId: string
  readonly parts: readonly Part[]
  readonly waitMs: number
}

const partBytesMax = 1024 * 1024
const fetchBytesMax = 16 * 1024 * 1024
/** Milliseconds that a broker waits while a part of its own is full: one that is not full any more must not wait for the others. */
const waitMsForFull = 20
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
  /** Brokers that have a request, or rest after one that failed; and how often in succession they failed. */
  const asked = new Set<number>()
  const failures = new Map<number | undefined, number>()
  const inHand = new Set<Part>()
  let closed = false
  let looking = false
  let again = false

  const first = async (partition: number): Promise<bigint> => {
    const partitions = { [topic]: [partition] }
    const offsets = await reader.listOffsets({ topics: [topic], partitions, timestamp: ListOffsetTimestamps.EARLIEST })
    return offsets.get(topic)?.[partition] ?? 0n
  }
  /** What the parts want, by the broker that leads them. */
  const wanted = async (): Promise<ReadonlyMap<number, Request<Part>>> => {
    const found = new Map<number, Request<Part>>()
    const { topics } = await reader.metadata({ topics: [topic] })
    const known = topics.get(topic)
    for (const part of work.parts()) {
      const leader = known?.partitions[part.number]?.leader
      if (known === undefined || leader === undefined || asked.has(leader) || inHand.has(part)) continue
      const { parts, waitMs } = found.get(leader) ?? { parts: [], waitMs: settings.fetchWaitMs }
      found.set(leader, {
        topicId: known.id,
        parts: part.isFull ? parts : [...parts, part],
        waitMs: part.isFull ? Math.min(waitMs, waitMsForFull) : waitMs,
      })
    }
    return found
  }
  const fetch = async (node: number, { topicId, parts, waitMs }: Request<Part>): Promise<FetchResponse> => {
    const partitions = parts.map(({ number, position }) => ({
      partition: number,
      currentLeaderEpoch: -1,
      fetchOffset: position,
      lastFetchedEpoch: -1,
      partitionMaxBytes: partBytesMax,
    }))
    const topics = [{ topicId, partitions }]
    return reader.fetch({ node, topics, minBytes: 1, maxBytes: fetchBytesMax, maxWaitTime: waitMs })
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
  const ask = async (node: number, request: Request<Part>): Promise<void> => {
    const { parts } = request
    const froms = parts.map(({ position }) => position)
    asked.add(node)
    for (const part of parts) inHand.add(part)
    let isDone = false
    try {
      const response = await fetch(node, request).catch(answerOf)
      await accept(response, parts, froms)
      isDone = isWhole(response)
    } catch {
      // Asked again after a rest.
    }
    for (const part of parts) inHand.delete(part)
    if (!isDone) return rest(node)
    failures.delete(node)
    asked.delete(node)
    wake()
  }
  /** Of one broker; without one, of looking for them. */
  const rest = (node?: number): void => {
    const count = (failures.get(node) ?? 0) + 1
    failures.set(node, count)
    reader.clearMetadata()
    pauses.after(backoffMs(pause, count, ids.random), () => {
      if (node === undefined) looking = false
      else asked.delete(node)
      wake()
    })
  }
  const look = async (): Promise<void> => {
    looking = true
    try {
      for (const [node, request] of await wanted()) if (request.parts.length > 0) void ask(node, request)
    } catch {
      return rest()
    }
    failures.delete(undefined)
    looking = false
    if (!again) return
    again = false
    wake()
  }
  const wake = (): void => {
    if (closed) return
    if (looking) again = true
    else void look()
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
