// A store that an app may take from elsewhere than its backend, because no commit touches it: data, cache or logs.
import type { BackendRuntime } from './backend.ts'
import type { Store } from './store.ts'

/** A description of one store; nothing is opened before the app starts. */
export interface SingleStore<Port extends Store> {
  /** `file`, `redis`, ... */
  readonly backend: string
  open(runtime: BackendRuntime): Promise<Port>
}
