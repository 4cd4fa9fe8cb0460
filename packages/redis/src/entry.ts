// An entry of a stream: the body of an event's message in the field `body`, its headers as fields of their names. An entry that was put
// back for one group says so in the field `gesta-group`.
import { decodeWire, encodeWire, GestaError } from '@gesta/core/ports'
import type { Envelope, EnvelopeDraft, TransportFacts, WireFormat } from '@gesta/core/ports'

/**
 * `known`: a repetition within ten minutes is recognised; what comes late is put at the end. `strict`: and what comes late is refused,
 * for a sender that sends all of its log in one order. `ignored`: every event is a new one.
 */
export type SequenceUse = 'known' | 'strict' | 'ignored'
export const sequenceUses: readonly SequenceUse[] = ['known', 'strict', 'ignored']

export interface EntryShape {
  readonly format: WireFormat
  /** What an event's place in its sender's log is good for. */
  readonly sequence: SequenceUse
  /** Bytes of one event's fields. */
  readonly eventBytesMax: number
}

/** The prefix of CloudEvents' headers; that of NATS is read too. */
const headerPrefix = 'ce_'
const place = /^(\d{1,16})-(\d{1,9})$/

/** What the script that publishes is told of an event. Errors: `invalid_output`, `payload_too_large`. */
export function entryOf(envelope: Envelope, shape: EntryShape, facts: TransportFacts): readonly string[] {
  const { headers, body } = encodeWire(envelope, shape.format, headerPrefix, facts)
  const fields = [...Object.entries(headers).flat(), 'body', body]
  checkSize(envelope, fields, shape.eventBytesMax)
  const [commit, index] = shape.sequence === 'ignored' ? ['', ''] : placeOf(envelope)
  return [commit, index, envelope.id, String(fields.length), ...fields]
}

/**
 * The event of an entry's fields; `undefined` when it is for another group. Errors: `event_unreadable`.
 */
export function eventOf(fields: readonly string[], group: string): EnvelopeDraft | undefined {
  const headers: { [name: string]: string } = {}
  for (let at = 0; at + 1 < fields.length; at += 2) headers[fields[at]?.toLowerCase() ?? ''] = fields[at + 1] ?? ''
  const { body, 'gesta-group': only, ...rest } = headers
  if (only !== undefined && only !== group) return undefined
  if (body === undefined) {
    throw new GestaError(
      'event_unreadable',
      'Expected an entry of a stream to have a field body, received another one. Look at what else writes there.',
    )
  }
  return decodeWire({ headers: rest, body })
}

function placeOf({ sequence, category, type }: Envelope): readonly [string, string] {
  if (sequence === undefined) return ['', '']
  const [, commit = '', index = ''] = place.exec(sequence) ?? []
  if (commit !== '' && Number.isSafeInteger(Number(commit))) return [commit, index]
  throw new GestaError(
    'invalid_output',
    `Expected the sequence of the ${category} event ${type} to be the number of a commit, a hyphen and an index, received another text. Leave it to the relay.`,
  )
}

function checkSize({ id, category, type }: Envelope, fields: readonly string[], bytesMax: number): void {
  let bytes = 0
  for (const text of fields) bytes += Buffer.byteLength(text)
  if (bytes <= bytesMax) return
  throw new GestaError(
    'payload_too_large',
    `Expected the ${category} event ${type} to have at most ${bytesMax} bytes as an entry of a stream, received ${bytes}. Store large content apart and keep a reference, or raise eventBytesMax.`,
    { facts: { eventId: id, bytes, bytesMax } },
  )
}
