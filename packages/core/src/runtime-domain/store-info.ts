// What a store tells of itself, as a row.
import { redactError } from '../errors/redact-error.ts'
import type { Store } from '../stores/store.ts'
import type { StoreRow } from './rows.ts'

/** Errors: `store_*`. */
export async function infoOf(name: string, store: Pick<Store, 'info'>): Promise<StoreRow> {
  const { backend, readOnly, items, details } = await store.info()
  return { name, backend, readOnly, items, details: { ...details } }
}

/** The same for a list: a store that does not answer has a row that says so, and keeps no other from answering. */
export async function rowOf(name: string, store: Pick<Store, 'info'>): Promise<StoreRow> {
  try {
    return await infoOf(name, store)
  } catch (cause) {
    return { name, backend: '', readOnly: false, details: {}, lastError: redactError(cause) }
  }
}
