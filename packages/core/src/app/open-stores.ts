// Opens what an app keeps things in: its backend, and the stores that were given apart from it.
import type { Backend, BackendRuntime, OpenBackend } from '../stores/backend.ts'
import type { CacheStore } from '../stores/cache/cache-store.ts'
import type { DataStore } from '../stores/data/data-store.ts'
import type { LogStore } from '../stores/log/log-store.ts'
import { memory } from '../stores/memory-backend.ts'
import type { SingleStore } from '../stores/single-store.ts'

export interface StoreOptions {
  /** Where everything is kept. Default `memory()`: nothing survives the process. */
  readonly store?: Backend | undefined
  /** Where objects are kept, if not in `store`. */
  readonly data?: SingleStore<DataStore> | undefined
  /** Where cached values are kept, if not in `store`. */
  readonly cache?: SingleStore<CacheStore> | undefined
  /** Where lines of the application's logger are kept, if not in `store`. */
  readonly log?: SingleStore<LogStore> | undefined
}

/** Everything opened, as one backend; closing it closes all. What fails leaves nothing open. */
export async function openStores(
  { store = memory(), data, cache, log }: StoreOptions,
  runtime: BackendRuntime,
): Promise<OpenBackend> {
  await using opening = new AsyncDisposableStack()
  const backend = opening.use(await store.open(runtime))
  const replaced = {
    ...(data !== undefined && { data: opening.use(await data.open(runtime)) }),
    ...(cache !== undefined && { cache: opening.use(await cache.open(runtime)) }),
    ...(log !== undefined && { log: opening.use(await log.open(runtime)) }),
  }
  const opened = opening.move()
  return { ...backend, ...replaced, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
