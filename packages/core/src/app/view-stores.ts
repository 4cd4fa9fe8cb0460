// Where the views of an app lie: in its store, or where a read model says, each backend opened once.
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import { createMemoryReadModelStore } from '../stores/read-model/memory-read-model-store.ts'
import type { ReadModelBackend } from '../stores/read-model/read-model-backend.ts'
import type { ReadModelStore } from '../stores/read-model/read-model-store.ts'

export interface ViewStores extends AsyncDisposable {
  of(model: ReadModelParts): ReadModelStore
}

/** Errors: `store_*`; what fails leaves nothing open. */
export async function openViewStores(
  models: readonly ReadModelParts[],
  { readModels, readOnly }: OpenBackend,
  runtime: BackendRuntime,
): Promise<ViewStores> {
  await using opening = new AsyncDisposableStack()
  // What may not be changed cannot keep views either; the log is enough to build them.
  const own = readOnly === true ? opening.use(createMemoryReadModelStore()) : readModels
  const apart = new Map<ReadModelBackend, ReadModelStore>()
  for (const { backend } of models)
    if (backend !== undefined && !apart.has(backend)) apart.set(backend, opening.use(await backend.open(runtime)))
  for (const model of models) checkTables(model, storeOf(model))
  const opened = opening.move()
  return { of: storeOf, [Symbol.asyncDispose]: () => opened.disposeAsync() }

  function storeOf({ backend }: ReadModelParts): ReadModelStore {
    return (backend && apart.get(backend)) ?? own
  }
}

function checkTables({ name, tables }: ReadModelParts, { dialect }: ReadModelStore): void {
  if (tables === undefined || dialect !== undefined) return
  throw new Error(
    `The read model ${name} has tables of its own, and its views lie in a store without SQL. Keep them in SQLite or PostgreSQL.`,
  )
}
