// An envelope as a CloudEvent 1.0, and back: structured as one JSON text, or binary as headers beside the bare value.
import { decode, encode } from '../codec/json.ts'
import type { Envelope, EnvelopeDraft } from './envelope.ts'
import { envelopeFrom, unreadable } from './envelope-text.ts'

/** What a transport that has headers carries. Names are in lower case. */
export interface CloudMessage {
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** Between our names and those of the specification and its extensions; every attribute's name is lower case, every value text. */
const attributes = [
  ['id', 'id'],
  ['source', 'source'],
  ['type', 'type'],
  ['publishedAt', 'time'],
  ['traceparent', 'traceparent'],
  ['key', 'partitionkey'],
  ['sequence', 'sequence'],
  ['category', 'category'],
  ['schemaVersion', 'schemaversion'],
  ['audience', 'audience'],
  ['tenant', 'tenant'],
  ['correlationId', 'correlationid'],
] as const

export const structuredContentType = 'application/cloudevents+json'
const jsonContentType = 'application/json'

/** One JSON text for the content type `application/cloudevents+json`. Errors: `invalid_output` for a value that is no JSON. */
export function encodeCloudEvent(envelope: Envelope): string {
  const { value = null } = envelope
  return encode({ ...attributesOf(envelope), datacontenttype: jsonContentType, data: value }, nameOf(envelope))
}

/** Attributes as headers under a prefix (`ce-` or `ce_`, as the protocol's binding says), and the value as the body. */
export function encodeBinaryCloudEvent(envelope: Envelope, prefix: 'ce-' | 'ce_'): CloudMessage {
  const headers: { [name: string]: string } = { 'content-type': jsonContentType }
  for (const [name, text] of Object.entries(attributesOf(envelope)))
    headers[`${prefix}${name}`] = prefix === 'ce-' ? escaped(text) : text
  const { value = null } = envelope
  return { headers, body: encode(value, nameOf(envelope)) }
}

/**
 * The envelope of a CloudEvent, whoever made it; one without a category is an integration event, attributes that an envelope does not
 * have are left out. Errors: `event_unreadable`.
 */
export function decodeCloudEvent(text: string): EnvelopeDraft {
  return fromAttributes(parsed(text))
}

/** The envelope of a message in binary mode; `undefined` when its headers name no CloudEvent. Errors: `event_unreadable`. */
export function decodeBinaryCloudEvent({ headers, body }: CloudMessage): EnvelopeDraft | undefined {
  const found: { [name: string]: unknown } = {}
  for (const [header, text] of Object.entries(headers)) {
    const [, separator, name] = /^ce([-_])(.+)$/.exec(header.toLowerCase()) ?? []
    if (name !== undefined) found[name] = separator === '-' ? unescaped(text) : text
  }
  if (found['specversion'] === undefined) return undefined
  return fromAttributes({ ...found, datacontenttype: headers['content-type'], data: parsedData(body) })
}

function attributesOf(envelope: Envelope): { readonly [name: string]: string } {
  // A source is required there, and an event that passed no topic bus has none.
  const known = { ...envelope, source: envelope.source ?? 'gesta' }
  const found: { [name: string]: string } = { specversion: '1.0' }
  for (const [ours, theirs] of attributes) {
    const fact = known[ours]
    if (fact !== undefined) found[theirs] = typeof fact === 'string' ? fact : JSON.stringify(fact)
  }
  return found
}

function fromAttributes(parts: unknown): EnvelopeDraft {
  if (typeof parts !== 'object' || parts === null) throw unreadable('an object')
  const found = parts as Readonly<Record<string, unknown>>
  if (found['specversion'] !== '1.0') throw unreadable('the specversion 1.0')
  const contentType = found['datacontenttype'] ?? jsonContentType
  if (typeof contentType !== 'string' || !/^application\/(.+\+)?json\b/i.test(contentType))
    throw unreadable('data that is JSON')
  const envelope: { [name: string]: unknown } = { value: found['data'] ?? null }
  for (const [ours, theirs] of attributes) if (found[theirs] !== undefined) envelope[ours] = found[theirs]
  envelope['category'] ??= 'integration'
  for (const name of ['schemaVersion', 'audience'])
    if (typeof envelope[name] === 'string') envelope[name] = parsed(envelope[name])
  return envelopeFrom(envelope)
}

function parsed(text: string): unknown {
  try {
    return decode(text)
  } catch {
    throw unreadable('JSON')
  }
}
function parsedData(body: string): unknown {
  return body === '' ? null : parsed(body)
}

/** Percent-encoding of what a header cannot carry: controls, spaces, quotes, percent signs, and everything that is no ASCII. */
function escaped(text: string): string {
  return text.replaceAll(/[^\u0021\u0023\u0024\u0026-\u007e]+/gu, (part) => encodeURIComponent(part.toWellFormed()))
}
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unreadable('headers in percent-encoding')
  }
}

function nameOf({ category, type }: Envelope): string {
  return `the ${category} event ${type}`
}
