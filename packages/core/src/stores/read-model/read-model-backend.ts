// Where a read model keeps its views, when not in the app's store.
import type { BackendRuntime } from '../backend.ts'
import type { ReadModelStore } from './read-model-store.ts'

/** A description of a store of views, whose checkpoints go with it; nothing is opened before the app starts. */
export interface ReadModelBackend {
  /** `memory`, `sqlite`, ... */
  readonly backend: string
  open(runtime: BackendRuntime): Promise<ReadModelStore>
}
