// An envelope from outside: its shape is checked, its value brought to the version that is known here, and it gets an id.
import type { ContractParts } from '../contracts/contract.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { parse } from '../schema/parse.ts'
import { ContractError } from './contract-error.ts'
import { createEnvelope, isCategory, normalizeAudience } from './envelope.ts'
import type { Envelope, EnvelopeDraft } from './envelope.ts'
import { eventOf, newIdOf } from './registry.ts'
import type { Registry } from './registry.ts'

/**
 * The envelope as subscribers see it. Events that the registry does not know keep their value.
 * Errors: `unsupported_handler` (no event), `invalid_input`, `event_unreadable` (of a newer version), `invalid_output` (audience).
 */
export async function receiveEnvelope(registry: Registry, draft: EnvelopeDraft): Promise<Envelope> {
  const { id, category, type } = draft
  const audience = normalizeAudience(draft.audience)
  const { value, schemaVersion } = await current(registry, draft)
  const assigned = id === undefined || id === '' ? newIdOf(registry) : id
  return createEnvelope(assigned, category, type, value, { ...draft, audience, schemaVersion })
}

async function current(
  registry: Registry,
  draft: EnvelopeDraft,
): Promise<Pick<EnvelopeDraft, 'value' | 'schemaVersion'>> {
  const { id, category, type } = draft
  const contract = eventOf(registry, category, type)?.contract
  if (contract?.schema === undefined) return draft
  const known = contract.schemaVersion ?? 1
  const sent = draft.schemaVersion ?? known
  if (!(Number.isInteger(sent) && sent >= 1 && sent <= known)) {
    const message = `Expected the ${category} event ${type} in a schema version from 1 to ${known}, received ${sent}. Deploy the version that knows it first.`
    throw new GestaError('event_unreadable', message, { facts: { eventId: id } })
  }
  const upToDate = bringUp(contract, draft, sent)
  const value = await parse(contract.schema, upToDate, 'invalid_input', `the data of the ${category} event ${type}`)
  return { value, schemaVersion: known }
}

function bringUp({ type, upcasts = [] }: ContractParts, { id, value }: EnvelopeDraft, sent: number): unknown {
  try {
    return upcasts.slice(sent - 1).reduce((older, upcast) => upcast(older), value)
  } catch (cause) {
    const message = `Expected the event ${type} of schema version ${sent} to be brought up to date, but an upcast failed. See the cause.`
    throw new GestaError('event_unreadable', message, { facts: { eventId: id }, cause })
  }
}

/** Throws `unsupported_handler` for what is no event. */
export function checkEnvelope(draft: EnvelopeDraft): void {
  const received = draft as EnvelopeDraft | undefined | null
  if (isCategory(received?.category) && typeof received?.type === 'string') return
  throw new ContractError(
    'unsupported_handler',
    received?.type ?? '',
    `Expected an envelope of a domain, integration or presentation event, received category ${JSON.stringify(received?.category)}.`,
  )
}
