// Reading what a stream holds under a subject, between two sequences: all of it, or an error.
import { AckPolicy, DeliverPolicy, jetstream } from '@nats-io/jetstream'
import type { ConsumerInfo, JsMsg, NextMsgRequest, SeqMsgRequest } from '@nats-io/jetstream'
import { storeError } from './command-log-streams.ts'
import type { LogStreams } from './command-log-streams.ts'
import { unavailable } from './nats-errors.ts'

/** Sequences from the first to before the second one. */
export type Stretch = readonly [from: number, before: number]
type Streams = Pick<LogStreams, 'connection' | 'ask'>

const nanosPerMs = 1_000_000
/** After which the server forgets a reader that died. */
const readerKeptMs = 30_000
const readAtOnce = 1_000
/** How long a question for what is there may take: the least that the client takes. */
const patienceMs = 1_000
const attemptsMax = 3

/** Errors: `store_*`. */
export async function readMessages(
  streams: Streams,
  stream: string,
  filter_subject: string,
  [from, before]: Stretch,
): Promise<readonly JsMsg[]> {
  if (from >= before) return []
  const { ask, connection } = streams
  const reader = await ask((manager) =>
    manager.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Math.max(1, from),
      filter_subject,
      inactive_threshold: readerKeptMs * nanosPerMs,
      mem_storage: true,
      num_replicas: 1,
    }),
  )
  try {
    return await readAll(streams, reader, filter_subject, [from, before])
  } catch (error) {
    throw storeError(error, connection.address)
  } finally {
    await ask((manager) => manager.consumers.delete(stream, reader.name)).catch(() => undefined)
  }
}

async function readAll(
  { connection, ask }: Streams,
  reader: ConsumerInfo,
  filter_subject: string,
  [from, before]: Stretch,
): Promise<readonly JsMsg[]> {
  const consumer = jetstream(connection.use()).consumers.getConsumerFromInfo(reader)
  const found: JsMsg[] = []
  // A server counts too few when messages before the start were deleted, so the end is where nothing follows.
  let left = reader.num_pending || (await follow())
  for (let attempts = 0; left > 0; attempts += 1) {
    const counted = found.length
    const asked = { max_messages: Math.min(left, readAtOnce, before - from), expires: patienceMs }
    const messages = await consumer.fetch(asked)
    const endWatch = connection.watch(() => messages.stop())
    try {
      for await (const message of messages) {
        // One before it was on its way when the connection was cut.
        if (message.info.deliverySequence !== found.length + 1) throw notWhole(connection.address)
        if (message.seq >= before) return found
        found.push(message)
        left = message.info.pending
      }
    } finally {
      endWatch()
    }
    if (found.length > counted) attempts = 0
    else left = await leftFor(found.length)
    left ||= await follow()
    if (left > 0 && attempts === attemptsMax) throw notWhole(connection.address)
  }
  return found

  /** 1 when more lies behind what was found. */
  async function follow(): Promise<number> {
    // The client's types know it of direct questions alone, which a server that is behind may answer.
    const next: NextMsgRequest & SeqMsgRequest = {
      seq: Math.max(1, (found.at(-1)?.seq ?? from - 1) + 1),
      next_by_subj: filter_subject,
    }
    const message = await ask((manager) => manager.streams.getMessage(reader.stream_name, next))
    return message !== null && message.seq < before ? 1 : 0
  }

  /** Nothing came: what was there was deleted meanwhile, or it is still to come, or it was lost on its way. */
  async function leftFor(delivered: number): Promise<number> {
    const { stream_name: stream, name } = reader
    const now = await ask((manager) => manager.consumers.info(stream, name))
    if (now.delivered.consumer_seq > delivered) throw notWhole(connection.address)
    return now.num_pending
  }
}

function notWhole(address: string): Error {
  return unavailable(address, 'it did not tell the whole list. Ask again.')
}
