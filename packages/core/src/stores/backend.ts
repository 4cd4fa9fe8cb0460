// A backend: one database that offers every port that a commit touches.
import type { Clock } from '../time/clock.ts'
import type { Ids } from '../ids/ids.ts'
import type { EventStore } from './event/event-store.ts'
import type { ReadModelStore } from './read-model/read-model-store.ts'

/** What the composition root lends to a backend. */
export interface BackendRuntime {
  readonly clock: Clock
  readonly ids: Ids
}
/** A description of a store; nothing is opened before the app starts. */
export interface Backend {
  /** `memory`, `sqlite`, ... */
  readonly backend: string
  open(runtime: BackendRuntime): Promise<OpenBackend>
}
export interface OpenBackend extends AsyncDisposable {
  readonly events: EventStore
  readonly readModels: ReadModelStore
  /**
   * What is left of acknowledged commits. `full`: all of them, also after a power cut. `normal`: all of them after a killed process;
   * a power cut can take the last ones. `none`: none after the process ends.
   */
  readonly durability: 'full' | 'normal' | 'none'
}
