// Opening of sealed events: the keys of a page are fetched in one go, then everything is opened at once. A field is `Erased` only when
// the key store says that its key was destroyed; whatever else is wrong is an error.
import { deepFreeze } from '../../codec/json.ts'
import { GestaError, isGestaError } from '../../errors/gesta-error.ts'
import type { KeyScope } from '../key/key-store.ts'
import type { DataKey, Keyring } from '../key/keyring.ts'
import type { StoredEvent } from './event-store.ts'
import { isSealed, needsKey, openFields, openWhole, readSealed } from '../key/sealed-text.ts'
import type { SealedText } from '../key/sealed-text.ts'
import { eventPlace, fieldPlace } from './sealing.ts'

/** An event that is still closed, and the key that opens its outermost text. */
interface Closed {
  readonly stored: StoredEvent
  readonly sealed: SealedText
  /** Absent when it can be read without a key. */
  readonly scope: KeyScope | undefined
}
type Found = DataKey | 'shredded' | 'missing'

/** The data of sealed events, by event. Errors: `event_unreadable` for the first one that cannot be opened; `store_*` of the key store. */
export async function openEvents(
  page: readonly StoredEvent[],
  keyring: Keyring | undefined,
): Promise<ReadonlyMap<StoredEvent, unknown>> {
  const opened = new Map<StoredEvent, unknown>()
  const [first] = page
  if (keyring === undefined) {
    if (first !== undefined) throw withoutKeys(first)
    return opened
  }
  let closed = page.map((stored) => closedOf(stored, stored.data))
  // Two rounds at most: personal fields may lie in a payload that is sealed as a whole.
  while (closed.length > 0) {
    const found = await findKeys(closed, keyring)
    const inner: Closed[] = []
    for (const one of closed) {
      const result = openOne(one, keyFor(one, found))
      if (result.text === undefined) opened.set(one.stored, result.data)
      else inner.push(closedOf(one.stored, result.text))
    }
    closed = inner
  }
  return opened
}

/** The same for one event, with the keys that are in memory. Errors: `event_unreadable`, also when a key is not there. */
export function openAtHand(stored: StoredEvent, keyring: Keyring | undefined): unknown {
  if (keyring === undefined) throw withoutKeys(stored)
  for (let text = stored.data; ;) {
    const one = closedOf(stored, text)
    const key = one.scope === undefined ? undefined : keyring.atHand(one.scope)
    if (one.scope !== undefined && key === undefined)
      throw unreadable(stored, 'the key that sealed it is no longer in memory', 'Read it from the store.')
    const result = openOne(one, key)
    if (result.text === undefined) return result.data
    text = result.text
  }
}

/** An error for an event that cannot be read; `next`: what to do. */
export function unreadable(stored: StoredEvent, why: string, next: string, cause?: unknown): GestaError {
  const id = idOf(stored)
  const message = `Cannot read the event ${id} of type ${stored.type}, schema version ${stored.schemaVersion}, at position ${stored.position}: ${why}. ${next}`
  return new GestaError('event_unreadable', message, {
    cause,
    facts: { eventId: id, type: stored.type, schemaVersion: stored.schemaVersion, position: stored.position },
  })
}

function closedOf(stored: StoredEvent, text: string): Closed {
  try {
    const sealed = readSealed(text)
    const subject = sealed.sealed === 'whole' ? '' : sealed.subject
    const isOpen = sealed.sealed === 'fields' && !needsKey(sealed)
    return { stored, sealed, scope: isOpen ? undefined : { tenant: stored.tenant, subject } }
  } catch (cause) {
    throw unreadable(stored, 'its sealed text is damaged', restore, cause)
  }
}

/** Every key once; a key that cannot be opened is the fault of the events that need it, a store that does not answer is nobody's. */
async function findKeys(closed: readonly Closed[], keyring: Keyring): Promise<ReadonlyMap<string, Found | GestaError>> {
  const found = new Map<string, Found | GestaError>()
  const scopes = new Map(closed.flatMap(({ scope }) => (scope === undefined ? [] : [[textOf(scope), scope] as const])))
  const find = async (id: string, scope: KeyScope): Promise<void> => {
    try {
      found.set(id, keyring.atHand(scope) ?? (await keyring.find(scope)) ?? 'missing')
    } catch (error) {
      if (!(error instanceof GestaError) || !isGestaError(error, 'key_unreadable')) throw error
      found.set(id, error)
    }
  }
  await Promise.all([...scopes].map(([id, scope]) => find(id, scope)))
  return found
}

function keyFor({ stored, scope }: Closed, found: ReadonlyMap<string, Found | GestaError>): Found | undefined {
  if (scope === undefined) return undefined
  const key = found.get(textOf(scope)) ?? 'missing'
  if (key instanceof GestaError) throw unreadable(stored, 'the key that sealed it cannot be opened', restore, key)
  return key
}

/** The next text when another one lies inside, else the data. */
function openOne(
  { stored, sealed, scope }: Closed,
  key: Found | undefined,
): { readonly text: string } | { readonly text?: undefined; readonly data: unknown } {
  if (key === 'missing') {
    const whose = scope?.subject === '' ? 'its tenant' : `the subject ${scope?.subject}`
    throw unreadable(
      stored,
      `it is sealed, and the key of ${whose} is not in the key store, nor was it destroyed`,
      restore,
    )
  }
  const { tenant } = stored
  try {
    if (sealed.sealed === 'fields') {
      const data = openFields(sealed, key ?? 'shredded', (field) => fieldPlace(tenant, idOf(stored), field))
      return { data: deepFreeze(data) }
    }
    if (key === 'shredded' || key === undefined) throw new Error('The key of its tenant was destroyed.')
    const text = openWhole(sealed, key, eventPlace(tenant, idOf(stored)))
    return isSealed(text) ? { text } : { data: deepFreeze(JSON.parse(text)) }
  } catch (cause) {
    throw unreadable(stored, 'what was sealed does not open', restore, cause)
  }
}

function withoutKeys(stored: StoredEvent): GestaError {
  return unreadable(
    stored,
    'it is sealed, and start() was given no encryption',
    'Give the secrets that it was written with.',
  )
}

const restore = 'Check that encryption.secrets, key store and log belong together and are whole.'

function idOf({ commandId, index }: StoredEvent): string {
  return `${commandId}.${index}`
}

function textOf({ tenant, subject }: KeyScope): string {
  return `${tenant}\0${subject}`
}
