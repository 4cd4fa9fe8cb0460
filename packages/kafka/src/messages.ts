// An envelope as a message of Kafka, and back.
import { encodeWire, decodeWire, GestaError } from '@gesta/core/ports'
import type { Envelope, EnvelopeDraft, TransportFacts } from '@gesta/core/ports'
import type { Settings } from './options.ts'

/** What CloudEvents' headers begin with in Kafka. */
const cloudEventPrefix = 'ce_'
/** Of a message for one group alone, which all others of its topic pass by: a dead letter that was put back. */
export const groupHeader = 'gesta-group'
/** What a record takes beside its key, value and headers: lengths, offset, time; with room to spare. */
const recordBytes = 40
const headerBytes = 10

export type Header = readonly [name: Buffer, value: Buffer]
export interface Message {
  readonly topic: string
  /** Absent: by the key. */
  readonly partition?: number | undefined
  readonly key?: Buffer | undefined
  readonly value: Buffer
  readonly headers: readonly Header[]
}

/** Errors: `invalid_output`, `payload_too_large`. */
export function messageOf(
  topic: string,
  envelope: Envelope,
  facts: TransportFacts & { readonly source: string },
  { format, unkeyed, messageBytesMax }: Pick<Settings, 'format' | 'unkeyed' | 'messageBytesMax'>,
): Message {
  const { headers, body } = encodeWire(envelope, format, cloudEventPrefix, facts)
  const message: Message = {
    topic,
    key: Buffer.from(envelope.key ?? (unkeyed === 'spread' ? envelope.id : facts.source)),
    value: Buffer.from(body),
    headers: Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]),
  }
  const bytes = bytesOf(message)
  if (bytes <= messageBytesMax) return message
  throw new GestaError(
    'payload_too_large',
    `Expected the ${envelope.category} event ${envelope.type} to be at most ${messageBytesMax} bytes as a message of Kafka, received ${bytes}. Keep what is large elsewhere and send its name, or raise messageBytesMax together with max.message.bytes of the topic.`,
    { facts: { eventId: envelope.id, bytes, messageBytesMax } },
  )
}

export function bytesOf({ key, value, headers }: Message): number {
  const ofHeaders = headers.reduce((sum, [name, text]) => sum + name.length + text.length + headerBytes, 0)
  return recordBytes + (key?.length ?? 0) + value.length + ofHeaders
}

/** Errors: `event_unreadable`. */
export function envelopeOf({ value, headers }: Pick<Message, 'value' | 'headers'>): EnvelopeDraft {
  const texts: { [name: string]: string } = {}
  for (const [name, text] of headers) texts[textOf(name).toLowerCase()] = textOf(text)
  return decodeWire({ headers: texts, body: textOf(value) })
}

export function headerOf({ headers }: Pick<Message, 'headers'>, name: string): string | undefined {
  return headers.find(([candidate]) => candidate.toString() === name)?.[1].toString()
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new GestaError(
      'event_unreadable',
      'Expected an event as it travels, in UTF-8, received other bytes. Look at what else publishes there.',
    )
  }
}
