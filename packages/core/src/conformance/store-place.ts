// Where a store of a suite keeps its data, and the few lines that open, reopen and remove it around a case.
import type { OpenBackend } from '../stores/backend.ts'
import type { BackendPlace } from './suite.ts'

/** A place where one store keeps its data, empty at first. Opening it again finds what was stored, if the store is durable. */
export interface StorePlace<Store extends AsyncDisposable> {
  open(): Promise<Store>
  /** Removes the data; called when everything that was opened is closed. */
  remove(): Promise<void>
}
/** What a case of one store is given. */
export interface GivenStore<Store extends AsyncDisposable> {
  readonly store: Store
  /** Closes the store and opens it again. */
  reopen(): Promise<Store>
  /** Opens the same place once more, as another process would; for stores that allow it. */
  another(): Promise<Store>
}

/** The place of one store of a backend: closing the store closes the backend. */
export function placesOf<Store extends AsyncDisposable>(
  newPlace: () => Promise<BackendPlace>,
  pick: (backend: OpenBackend) => Store,
): () => Promise<StorePlace<Store>> {
  return async () => {
    const { open, remove } = await newPlace()
    return {
      open: async () => {
        const backend = await open()
        return { ...pick(backend), [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() }
      },
      remove,
    }
  }
}

/** Runs a case in a new place, and closes and removes everything afterwards. */
export async function withStore<Store extends AsyncDisposable>(
  newPlace: () => Promise<StorePlace<Store>>,
  run: (given: GivenStore<Store>) => Promise<void>,
): Promise<void> {
  const place = await newPlace()
  const opened = [await place.open()]
  const [store] = opened as [Store]
  const another = async (): Promise<Store> => {
    const next = await place.open()
    opened.push(next)
    return next
  }
  const reopen = async (): Promise<Store> => {
    await opened.at(-1)?.[Symbol.asyncDispose]()
    return another()
  }
  try {
    await run({ store, reopen, another })
  } finally {
    for (const each of opened) await each[Symbol.asyncDispose]()
    await place.remove()
  }
}
