// An event on the wire, between the command that emitted it and whoever receives it.
import type { ContractParts } from '../contracts/contract.ts'
import type { Category } from '../contracts/messages.ts'
import { GestaError } from '../errors/gesta-error.ts'

/** A captured event; plain JSON when its value is. Receivers deduplicate by `id`. */
export interface Envelope {
  /** Set where the event is captured; kept wherever the envelope goes. */
  readonly id: string
  /** W3C trace context of the command. */
  readonly traceparent?: string
  /** Labels that a client must all hold to receive a presentation event; absent = everyone. */
  readonly audience?: readonly string[]
  readonly category: Category
  /** The contract's name, `Domain.Type`. */
  readonly type: string
  /** Version of the contract's schema that the value fits; absent when the sender's registry did not know the contract. */
  readonly schemaVersion?: number
  /** The service that published it; set by a topic bus. */
  readonly source?: string
  /** When it was published, RFC 3339; set by a topic bus. Tells nothing about the order. */
  readonly publishedAt?: string
  /** Events of one key are sent in order, and brokers that have partitions keep a key in one; set by an outbox. */
  readonly key?: string
  /** Its place in the sender's outbox, `commit-index`, rising; set by an outbox. */
  readonly sequence?: string
  /** Of the command that emitted it; set by an outbox, and for presentation events where the command is dispatched. */
  readonly tenant?: string
  readonly correlationId?: string
  readonly value: unknown
}

const categories: ReadonlySet<unknown> = new Set<Category>(['domain', 'integration', 'presentation'])

export function isCategory(value: unknown): value is Category {
  return categories.has(value)
}

/** An envelope as it arrives: an id is assigned when it has none. */
export type EnvelopeDraft = Omit<Envelope, 'id'> & { readonly id?: string | undefined }

/** What belongs to an envelope beside its event. */
export type EnvelopeFacts = {
  readonly [Fact in Exclude<keyof Envelope, 'id' | 'category' | 'type' | 'value'>]?: Envelope[Fact] | undefined
}

/** An envelope in the wire's field order; absent facts are absent fields. */
export function createEnvelope(
  id: string,
  category: Category,
  type: string,
  value: unknown,
  facts: EnvelopeFacts,
): Envelope {
  const { traceparent, audience, schemaVersion, source, publishedAt, key, sequence, tenant, correlationId } = facts
  // Field by field: every event passes here, and a spread costs ten times as much.
  const envelope: { -readonly [Field in keyof Envelope]?: Envelope[Field] } = { id }
  if (traceparent !== undefined) envelope.traceparent = traceparent
  if (audience !== undefined) envelope.audience = audience
  envelope.category = category
  envelope.type = type
  if (schemaVersion !== undefined) envelope.schemaVersion = schemaVersion
  if (source !== undefined) envelope.source = source
  if (publishedAt !== undefined) envelope.publishedAt = publishedAt
  if (key !== undefined) envelope.key = key
  if (sequence !== undefined) envelope.sequence = sequence
  if (tenant !== undefined) envelope.tenant = tenant
  if (correlationId !== undefined) envelope.correlationId = correlationId
  envelope.value = value
  return envelope as Envelope
}

const audienceLabelsMax = 16
const audienceLabelBytesMax = 128

/**
 * Labels trimmed and without repetitions; `undefined` for an empty list, which means everyone. A blank label is refused and not
 * dropped: it usually is a missing id, and dropping it would show the event to more people. Errors: `invalid_output`.
 */
export function normalizeAudience(labels: readonly string[] | undefined): readonly string[] | undefined {
  if (labels === undefined || labels.length === 0) return undefined
  const trimmed = [...new Set(labels.map((label) => label.trim()))]
  if (trimmed.length > audienceLabelsMax)
    throw badAudience(`at most ${audienceLabelsMax} labels, received ${trimmed.length}`)
  for (const label of trimmed) {
    if (label === '')
      throw badAudience('labels with text, received a blank one. Leave the audience out to reach everyone')
    const bytes = Buffer.byteLength(label)
    if (bytes > audienceLabelBytesMax)
      throw badAudience(`labels of at most ${audienceLabelBytesMax} bytes, received one of ${bytes}`)
  }
  return Object.freeze(trimmed)
}

/**
 * Who may see a presentation event: what was said where it was emitted, else what its contract makes of its value.
 * Errors: `invalid_output`; what the contract's function throws.
 */
export function audienceOf(
  said: readonly string[] | undefined,
  contract: ContractParts | undefined,
  value: unknown,
): readonly string[] | undefined {
  return said ?? normalizeAudience(contract?.audience?.(value))
}

function badAudience(expected: string): GestaError {
  return new GestaError('invalid_output', `Expected an audience to have ${expected}.`)
}
