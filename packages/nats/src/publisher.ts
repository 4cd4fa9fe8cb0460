// Publishing events to one topic: each becomes a message, and the batch is done when the stream has acknowledged all of them.
import type { Broker, Clock, TransportFacts, WireFormat } from '@gesta/core/ports'
import type { AcknowledgedPublishing } from './acknowledged-publishing.ts'
import type { Connection } from './connection.ts'
import { checkSizes, encodeMessage, publishedAt } from './message.ts'
import type { OutgoingMessage } from './message.ts'
import type { Streams } from './streams.ts'

export interface PublisherSettings {
  readonly format: WireFormat
  readonly pipelined: boolean
  readonly deduplicationMs: number | false
}
export interface PublisherParts {
  readonly connection: Connection
  readonly publishing: AcknowledgedPublishing
  readonly streams: Streams
  readonly clock: Pick<Clock, 'nowUs'>
}

export function createPublisher(
  { connection, publishing, streams, clock }: PublisherParts,
  topic: string,
  source: string,
  { format, pipelined, deduplicationMs }: PublisherSettings,
): Broker {
  const { subject } = streams.namesOf(topic)
  const encoding = { subject, format, withMessageId: deduplicationMs !== false }
  /** What the stream takes at most, as soon as it is known to be there. */
  let streamBytesMax: number | undefined
  const forgetStream = (): void => {
    streamBytesMax = undefined
    streams.forget(topic)
  }
  const sending = { pipelined, onMissing: forgetStream }
  const send = (messages: readonly OutgoingMessage[], bytesMax: number): Promise<void> => {
    checkSizes(messages, Math.min(connection.bytesMax(), bytesMax))
    return publishing.send(messages, sending)
  }
  const prepareAndSend = async (messages: readonly OutgoingMessage[]): Promise<void> => {
    const bytesMax = await streams.ensureTopic(topic)
    streamBytesMax = bytesMax
    await send(messages, bytesMax)
  }
  return {
    publishEvents: async (events, { context, signal }) => {
      signal.throwIfAborted()
      if (events.length === 0) return
      const facts: TransportFacts = { traceparent: context.traceparent, source, publishedAt: publishedAt(clock) }
      const messages = events.map((event) => encodeMessage(event, encoding, facts))
      const knownMax = streamBytesMax ?? Number.POSITIVE_INFINITY
      // The limit may have been raised since it was asked for.
      if (messages.some(({ bytes }) => bytes > knownMax)) forgetStream()
      await (streamBytesMax === undefined ? prepareAndSend(messages) : send(messages, streamBytesMax))
    },
  }
}
