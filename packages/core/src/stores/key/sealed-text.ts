// The text of sealed data: JSON that begins with a space. JSON.stringify writes no leading white space, so no payload of a user has
// such a text, whatever its value looks like: what is sealed is told by the text alone, never by a shape or by a setting.
import { erased } from '../../contracts/erased.ts'
import { open, seal } from './aead.ts'
import type { SealPlace } from './aead.ts'
import type { DataKey } from './keyring.ts'

/** A payload that is sealed as a whole, under its tenant's key. */
interface SealedWhole {
  readonly sealed: 'whole'
  readonly key: string
  readonly text: string
}
/** Data some of whose fields are sealed, under the key of their subject. */
export interface SealedFields {
  readonly sealed: 'fields'
  readonly subject: string
  /** Absent when the subject was erased before: then no field has a text. */
  readonly key?: string
  /** The sealed JSON text of each personal field that the data has; `null` for one that was erased before it was stored. */
  readonly fields: { readonly [field: string]: string | null }
  /** The data with `null` in the place of those fields, which keeps their order. */
  readonly data: { readonly [field: string]: unknown }
}
export type SealedText = SealedWhole | SealedFields

const prefix = ' {"sealed":"'

/** Whether a stored text is sealed. */
export function isSealed(text: string): boolean {
  // Nearly no text is, and nearly every one shows it by its first character.
  return text.charCodeAt(0) === 32 && text.startsWith(prefix)
}

/** What a sealed text says, still closed. Throws when it is damaged. */
export function readSealed(text: string): SealedText {
  const read = JSON.parse(text) as SealedText
  const isWhole = read.sealed === 'whole' && typeof read.key === 'string' && typeof read.text === 'string'
  const isFields =
    read.sealed === 'fields' && typeof read.subject === 'string' && isObject(read.fields) && isObject(read.data)
  if (!isWhole && !isFields) throw new Error('The sealed text is damaged.')
  return read
}

export function sealWhole({ id, key }: DataKey, place: SealPlace, plain: string, nonce: Uint8Array): string {
  const whole: SealedWhole = { sealed: 'whole', key: id, text: seal(key, place, plain, nonce).toString('base64url') }
  return ` ${JSON.stringify(whole)}`
}
/** The text that was sealed. Throws when it cannot be opened. */
export function openWhole(whole: SealedWhole, found: DataKey, place: SealPlace): string {
  return open(keyOf(whole, found), place, Buffer.from(whole.text, 'base64url')).toString('utf8')
}

/**
 * The text of data with these fields sealed under the subject's key, each bound to its own name; or without them, when the subject
 * was erased. Fields that the data lacks are passed over.
 */
export function sealFields(
  key: DataKey | 'shredded',
  subject: string,
  names: readonly string[],
  plain: { [field: string]: unknown },
  sealField: (key: DataKey, field: string, text: string) => Uint8Array,
): string {
  const fields: { [field: string]: string | null } = {}
  for (const name of names) {
    if (!Object.hasOwn(plain, name)) continue
    const text = JSON.stringify(plain[name])
    define(fields, name, key === 'shredded' ? null : Buffer.from(sealField(key, name, text)).toString('base64url'))
    define(plain, name, null)
  }
  const sealed: SealedFields =
    key === 'shredded'
      ? { sealed: 'fields', subject, fields, data: plain }
      : { sealed: 'fields', subject, key: key.id, fields, data: plain }
  return ` ${JSON.stringify(sealed)}`
}

/** The data with its fields back, or erased. Throws when a field cannot be opened. */
export function openFields(
  { fields, data, ...sealed }: SealedFields,
  found: DataKey | 'shredded',
  placeOf: (field: string) => SealPlace,
): { [field: string]: unknown } {
  const opened: { [field: string]: unknown } = data
  for (const [name, text] of Object.entries(fields)) define(opened, name, openField(name, text))
  return opened

  function openField(name: string, text: string | null): unknown {
    if (text === null || found === 'shredded') return erased
    return JSON.parse(open(keyOf(sealed, found), placeOf(name), Buffer.from(text, 'base64url')).toString('utf8'))
  }
}

/** Whether opening needs the subject's key. */
export function needsKey({ fields }: SealedFields): boolean {
  return Object.values(fields).some((text) => text !== null)
}

function keyOf({ key }: { readonly key?: string }, found: DataKey): DataKey['key'] {
  if (found.id === key) return found.key
  throw new Error(`It was sealed with the key ${key}, but the key store has the key ${found.id} in its place.`)
}

/** Also for a field named `__proto__`, which an assignment would take for something else. */
function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
