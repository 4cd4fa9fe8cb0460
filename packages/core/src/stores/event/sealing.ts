// Sealing of what a commit stores: personal fields under their subject's key, and whole payloads under their tenant's where the app asks for it.
import type { PersonalParts } from '../../contracts/personal.ts'
import { checkKey } from '../../codec/key-text.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import { seal } from '../key/aead.ts'
import type { SealPlace } from '../key/aead.ts'
import type { DataKey, Keyring } from '../key/keyring.ts'
import { openText, sealText } from '../key/sealed-payload.ts'
import type { PayloadName } from '../key/sealed-payload.ts'
import { sealFields } from '../key/sealed-text.ts'

/** An event on its way into the store. */
interface UnsealedEvent {
  readonly tenant: string
  readonly eventId: string
  readonly type: string
  readonly aggregateId: string
  /** Absent: it has no personal fields. */
  readonly personal: PersonalParts | undefined
}
export interface SealedEvent {
  readonly text: string
  /** The subject whose key sealed it: it must not be erased before the event is stored. */
  readonly subject: string | undefined
}
/** Whatever waits for a key is a promise; with the key at hand it is there at once. */
export interface Sealing {
  readonly keyring: Keyring
  /** Whether whole payloads are sealed. */
  readonly all: boolean
  /** `plain`: the JSON text of the data. Errors: `invalid_output` for a subject that is no text, `key_unreadable`, `store_*`. */
  event(event: UnsealedEvent, plain: string): SealedEvent | Promise<SealedEvent>
  /** The answer of a command; as it is unless whole payloads are sealed. */
  answer(tenant: string, commandId: string, plain: string): string | Promise<string>
  /** The answer as it was given, sealed or not. Errors: `payload_unreadable`, `store_*`. */
  openAnswer(tenant: string, commandId: string, text: string): string | Promise<string>
  /** The payload of a command's record; as it is unless whole payloads are sealed. */
  payload(tenant: string, commandId: string, plain: string): string | Promise<string>
  /** The payload as it was recorded, sealed or not. Errors: `payload_unreadable`, `store_*`. */
  openPayload(tenant: string, commandId: string, text: string): string | Promise<string>
}

/** Sealing with the keys of a keyring. */
export function createSealing(keyring: Keyring, payloads: 'personal' | 'all'): Sealing {
  const all = payloads === 'all'
  const fields = (event: UnsealedEvent, personal: PersonalParts, plain: string): SealedEvent | Promise<SealedEvent> => {
    const { tenant, eventId } = event
    const data = objectOf(event, plain)
    const present = personal.fields.filter((field) => Object.hasOwn(data, field))
    if (present.length === 0) return { text: plain, subject: undefined }
    const subject = subjectOf(event, personal, data)
    const sealWith = (key: DataKey | 'shredded'): SealedEvent => ({
      text: sealFields(key, subject, present, data, ({ key: opaque }, field, text) =>
        seal(opaque, fieldPlace(tenant, eventId, field), text, keyring.nonce()),
      ),
      subject: key === 'shredded' ? undefined : subject,
    })
    const key = keyring.atHand({ tenant, subject })
    return key === undefined ? keyring.findOrMake({ tenant, subject }).then(sealWith) : sealWith(key)
  }
  const wrap = (event: UnsealedEvent, { text, subject }: SealedEvent): SealedEvent | Promise<SealedEvent> => {
    const { tenant, eventId } = event
    const name = { tenant, place: eventPlace(tenant, eventId), what: `the event ${eventId}` }
    const wrapped = sealText(keyring, name, text)
    return wrapped instanceof Promise
      ? wrapped.then((sealed) => ({ text: sealed, subject }))
      : { text: wrapped, subject }
  }

  return {
    keyring,
    all,
    event: (event, plain) => {
      const { personal } = event
      const inner = personal === undefined ? { text: plain, subject: undefined } : fields(event, personal, plain)
      if (!all) return inner
      return inner instanceof Promise ? inner.then((sealed) => wrap(event, sealed)) : wrap(event, inner)
    },
    answer: (tenant, commandId, plain) => (all ? sealText(keyring, answerName(tenant, commandId), plain) : plain),
    openAnswer: (tenant, commandId, text) => openText(keyring, answerName(tenant, commandId), text),
    payload: (tenant, commandId, plain) => (all ? sealText(keyring, payloadName(tenant, commandId), plain) : plain),
    openPayload: (tenant, commandId, text) => openText(keyring, payloadName(tenant, commandId), text),
  }
}

/** Where a personal field belongs. */
export function fieldPlace(tenant: string, eventId: string, field: string): SealPlace {
  return ['field', tenant, eventId, field]
}
/** Where the whole data of an event belong. */
export function eventPlace(tenant: string, eventId: string): SealPlace {
  return ['event', tenant, eventId]
}
function answerName(tenant: string, commandId: string): PayloadName {
  return { tenant, place: ['answer', tenant, commandId], what: `the answer of the command ${commandId}` }
}
function payloadName(tenant: string, commandId: string): PayloadName {
  return { tenant, place: ['payload', tenant, commandId], what: `the payload of the command ${commandId}` }
}

function objectOf({ type }: UnsealedEvent, plain: string): { [field: string]: unknown } {
  const data: unknown = JSON.parse(plain)
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as { [field: string]: unknown }
  throw invalid(type, 'be an object, because it has personal fields')
}

function subjectOf(
  { type, aggregateId }: UnsealedEvent,
  { subject: field }: PersonalParts,
  data: { readonly [field: string]: unknown },
): string {
  if (field === undefined) return aggregateId
  const subject = Object.hasOwn(data, field) ? data[field] : undefined
  if (typeof subject !== 'string' || subject === '')
    throw invalid(type, `name the subject of its personal fields in "${field}"`)
  checkKey(subject, `the subject of ${type}`)
  return subject
}

function invalid(type: string, what: string): GestaError {
  return new GestaError('invalid_output', `Expected the data of the event ${type} to ${what}. Mend the decision.`)
}
