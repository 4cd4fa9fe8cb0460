// An envelope as a message of NATS, and back.
import { headers } from '@nats-io/transport-node'
import type { Msg, MsgHdrs } from '@nats-io/transport-node'
import { decodeWire, encodeWire, GestaError } from '@gesta/core/ports'
import type { Clock, Envelope, EnvelopeDraft, TransportFacts, WireFormat } from '@gesta/core/ports'
import { subjectOfType } from './names.ts'

export interface OutgoingMessage {
  readonly subject: string
  readonly headers: MsgHdrs
  readonly body: Uint8Array
  /** Of headers and body together, as the server counts them. */
  readonly bytes: number
  readonly type: string
}
/** Two messages with one id, within a stream's window, are one. */
export const messageIdHeader = 'Nats-Msg-Id'

export interface EncodeOptions {
  /** What the subject begins with. */
  readonly subject: string
  readonly format: WireFormat
  /** Whether the message carries the event's id for deduplication. */
  readonly withMessageId: boolean
}

const subjectsKept = 10_000
const subjects = new Map<string, string>()
const toBytes = new TextEncoder()
// Bytes that are no UTF-8 shall not become an event with other text.
const toText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Errors: `invalid_output` for a value that is no JSON. */
export function encodeMessage(
  envelope: Envelope,
  { subject, format, withMessageId }: EncodeOptions,
  facts: TransportFacts,
): OutgoingMessage {
  const { headers: named, body } = encodeWire(envelope, format, 'ce-', facts)
  const written = headers()
  for (const [name, value] of Object.entries(named)) written.append(name, value)
  if (withMessageId) written.append(messageIdHeader, headerText(envelope.id))
  return message(`${subject}.${tail(envelope.type)}`, written, toBytes.encode(body), envelope.type)
}

export function message(subject: string, written: MsgHdrs, body: Uint8Array, type: string): OutgoingMessage {
  return { subject, headers: written, body, bytes: headerBytes(written) + body.length, type }
}

/** Errors: `event_unreadable`. */
export function decodeMessage({ headers: written, data }: Pick<Msg, 'headers' | 'data'>): EnvelopeDraft {
  return decodeWire({ headers: Object.fromEntries(namedHeaders(written)), body: textOf(data) })
}

/** Refuses a batch of which one message is too large, before anything of it is sent. */
export function checkSizes(messages: readonly OutgoingMessage[], bytesMax: number): void {
  for (const { bytes, type } of messages) {
    if (bytes <= bytesMax) continue
    throw new GestaError(
      'payload_too_large',
      `Expected a message of at most ${bytesMax} bytes, as NATS allows, received ${bytes} of ${type}. Nothing of its batch was sent. Send less, or raise max_payload of the server or max_msg_size of the stream.`,
      { facts: { contract: type, bytes, bytesMax } },
    )
  }
}

/** RFC 3339. */
export function publishedAt(clock: Pick<Clock, 'nowUs'>): string {
  return new Date(Math.floor(clock.nowUs() / 1000)).toISOString()
}

/** Text as a header can carry it, which trims values and refuses line breaks; different texts stay different. */
function headerText(text: string): string {
  return /^[!-$&-~]+$/.test(text) ? text : encodeURIComponent(text.toWellFormed())
}

function tail(type: string): string {
  const known = subjects.get(type)
  if (known !== undefined) return known
  const made = subjectOfType(type)
  if (subjects.size >= subjectsKept) subjects.clear()
  subjects.set(type, made)
  return made
}

function headerBytes(written: MsgHdrs): number {
  // `NATS/1.0`, a line for each header, an empty line.
  let bytes = 12
  for (const [name, values] of written) for (const value of values) bytes += name.length + 4 + Buffer.byteLength(value)
  return bytes
}

function* namedHeaders(written: MsgHdrs | undefined): Iterable<[string, string]> {
  for (const [name, [value = '']] of written ?? []) yield [name.toLowerCase(), value]
}

function textOf(data: Uint8Array): string {
  try {
    return toText.decode(data)
  } catch {
    throw new GestaError(
      'event_unreadable',
      'Expected an event as it travels, in UTF-8, received other bytes. Look at what else publishes there.',
    )
  }
}
