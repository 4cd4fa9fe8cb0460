// An envelope as the JSON text that brokers and files carry, and back. Whoever reads sees what the text says, and nothing that the
// sender still holds in memory.
import { decode, deepFreeze, encode } from '../codec/json.ts'
import { isKey } from '../codec/key-text.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { createEnvelope, isCategory, normalizeAudience } from './envelope.ts'
import type { Envelope, EnvelopeDraft, EnvelopeFacts } from './envelope.ts'

/** What a transport adds to an envelope. An absent fact leaves what the envelope says. */
export interface TransportFacts {
  /** Of the caller who publishes: for envelopes that carry none. */
  readonly traceparent?: string | undefined
  readonly source?: string | undefined
  /** RFC 3339. */
  readonly publishedAt?: string | undefined
}

/** The text of an envelope, its fields in the order of the wire. Errors: `invalid_output` for a value that is no JSON. */
export function encodeEnvelope(envelope: Envelope, facts: TransportFacts = {}): string {
  return encode(sentEnvelope(envelope, facts), `the ${envelope.category} event ${envelope.type}`)
}

/** The envelope with what its transport adds. Errors: `invalid_output` for one that no receiver could read. */
export function sentEnvelope(envelope: Envelope, facts: TransportFacts): Envelope {
  const { id, category, type, value } = envelope
  if (!isKey(id)) throw unsendable(envelope, 'an id of 1 to 512 characters')
  if (!isKey(type)) throw unsendable(envelope, 'a type')
  return createEnvelope(id, category, type, value === undefined ? null : value, {
    ...envelope,
    traceparent: envelope.traceparent ?? facts.traceparent,
    source: facts.source ?? envelope.source,
    publishedAt: facts.publishedAt ?? envelope.publishedAt,
  })
}

/**
 * The envelope of a text, frozen to its depth; fields that an envelope does not have are left out. Errors: `event_unreadable`, which
 * says what is wrong and shows nothing of the text.
 */
export function decodeEnvelope(text: string): EnvelopeDraft {
  return envelopeFrom(parsed(text))
}

/** The same for a text that is parsed already, whose value is frozen. Errors: `event_unreadable`. */
export function envelopeFrom(parts: unknown): EnvelopeDraft {
  if (typeof parts !== 'object' || parts === null || Array.isArray(parts)) throw unreadable('an object')
  const { id, audience, category, type, schemaVersion, value, ...more } = parts as Readonly<Record<string, unknown>>
  if (!isCategory(category)) throw unreadable('the category domain, integration or presentation')
  if (!isKey(type)) throw unreadable('a type')
  if (!(id === undefined || id === '' || isKey(id))) throw unreadable('an id of at most 512 characters')
  if (!(schemaVersion === undefined || Number.isSafeInteger(schemaVersion))) throw unreadable('a whole schema version')
  if (value === undefined) throw unreadable('a value')
  return deepFreeze(
    createEnvelope(id ?? '', category, type, value, {
      ...textsOf(more),
      audience: audienceFrom(audience),
      schemaVersion: schemaVersion as number | undefined,
    }),
  )
}

const textFacts = ['traceparent', 'source', 'publishedAt', 'key', 'sequence', 'tenant', 'correlationId'] as const

function textsOf(parts: Readonly<Record<string, unknown>>): EnvelopeFacts {
  const facts: { [Fact in (typeof textFacts)[number]]?: string } = {}
  for (const name of textFacts) {
    const text = parts[name]
    if (typeof text === 'string') facts[name] = text
    else if (text !== undefined) throw unreadable(`a ${name} that is text`)
  }
  return facts
}

function parsed(text: string): unknown {
  try {
    return decode(text)
  } catch {
    // The reason is not kept as a cause, because a parser's message quotes the text.
    throw unreadable('JSON')
  }
}

function audienceFrom(labels: unknown): readonly string[] | undefined {
  if (labels === undefined) return undefined
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === 'string'))
    throw unreadable('an audience that is a list of texts')
  try {
    return normalizeAudience(labels)
  } catch {
    throw unreadable('an audience within its bounds')
  }
}

function unsendable({ category }: Envelope, expected: string): GestaError {
  return new GestaError(
    'invalid_output',
    `Expected the ${category} event to have ${expected}, received something else. No receiver could read it; nothing was sent.`,
  )
}

export function unreadable(expected: string): GestaError {
  return new GestaError(
    'event_unreadable',
    `Expected an event as it travels, with ${expected}, received something else. Look at what else publishes there.`,
  )
}
