// A record of the outbox as a line of its file, and the other lines that it may have:
//
//   {"id":…,"eventId":…,"traceparent":…,"audience":…,"storedAt":…,"category":…,"type":…,"value":…,"attempts":…,…}   a record; a later
//                                                                     line with the same id is what became of it
//   {"batch":3}            the next 3 lines were written together: what is left of them at the end of the file does not count
//   {"acked":["…","…"]}    these records are done
import { isUtf8 } from 'node:buffer'
import { encodeEnvelope, envelopeFrom, GestaError } from '@gesta/core/ports'
import type { Envelope, EnvelopeDraft } from '@gesta/core/ports'

/** What is known of a delivery that failed, beside the event. */
export interface Attempts {
  /** Deliveries that failed. */
  readonly attempts: number
  /** RFC 3339. */
  readonly lastAttemptAt?: string | undefined
  /** Codes and names, without what the error said. */
  readonly lastError?: string | undefined
}
export type OutboxLine =
  | { readonly kind: 'record'; readonly id: string; readonly attempts: number; readonly event: EnvelopeDraft }
  /** One that cannot be read. It has an id when it was marked before. */
  | { readonly kind: 'unreadable'; readonly id: string | undefined; readonly attempts: number }
  | { readonly kind: 'batch'; readonly count: number }
  | { readonly kind: 'acked'; readonly ids: readonly string[] }

/** Bytes that the line of a new record may have. */
const lineBytesMax = 10 * 1024 * 1024

/** The line of a new record, with its end. Errors: `invalid_output`, `payload_too_large`. */
export function recordLine(id: string, storedAt: string, event: Envelope): Buffer {
  // Refuses what JSON cannot hold.
  encodeEnvelope(event)
  const { id: eventId, traceparent, audience, category, type, schemaVersion, source, publishedAt, value } = event
  // JSON leaves out what is absent.
  const line = lineOf({
    id,
    eventId,
    traceparent,
    audience,
    storedAt,
    category,
    type,
    schemaVersion,
    source,
    publishedAt,
    value: value === undefined ? null : value,
    attempts: 0,
  })
  const bytes = line.byteLength - 1
  if (bytes > lineBytesMax) {
    throw new GestaError(
      'payload_too_large',
      `Expected the ${category} event ${type} to have a line of at most ${lineBytesMax} bytes in the outbox, received ${bytes}. Store large content apart and keep a reference.`,
      { facts: { bytes, bytesMax: lineBytesMax, eventId } },
    )
  }
  return line
}

export function batchLine(count: number): Buffer {
  return lineOf({ batch: count })
}

export function ackedLine(ids: readonly string[]): Buffer {
  return lineOf({ acked: ids })
}

/** The line of a record after a delivery that failed; of one that cannot be read it keeps the bytes under its id. */
export function markedLine(line: Buffer, id: string, marks: Attempts): Buffer {
  const known = parsed(line)
  const found = lineFrom(known)
  if (found.kind === 'unreadable' && found.id === undefined) {
    const text = isUtf8(line) ? { unreadable: line.toString() } : { unreadableBase64: line.toString('base64') }
    return lineOf({ id, ...text, ...marks })
  }
  return lineOf({ ...(known as object), ...marks })
}

/** What a line of the file says. */
export function readLine(line: Buffer): OutboxLine {
  return lineFrom(parsed(line))
}

function lineFrom(value: unknown): OutboxLine {
  if (typeof value !== 'object' || value === null) return unmarked
  const { id, attempts, batch, acked } = value as Readonly<Record<string, unknown>>
  if (isCount(batch) && id === undefined) return { kind: 'batch', count: batch }
  if (Array.isArray(acked) && id === undefined) return { kind: 'acked', ids: acked as readonly string[] }
  if (typeof id !== 'string' || id === '' || !isCount(attempts)) return unmarked
  try {
    const event = envelopeFrom({ ...value, id: (value as { readonly eventId?: unknown }).eventId })
    return { kind: 'record', id, attempts, event }
  } catch {
    return { kind: 'unreadable', id, attempts }
  }
}

const unmarked: OutboxLine = { kind: 'unreadable', id: undefined, attempts: 0 }

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function parsed(line: Buffer): unknown {
  try {
    return isUtf8(line) ? JSON.parse(line.toString()) : undefined
  } catch {
    return undefined
  }
}

function lineOf(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}
