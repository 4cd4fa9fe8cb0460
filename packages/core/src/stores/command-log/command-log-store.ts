// A command log of its own: without an event store, or beside one as a copy.
import type { BackendRuntime } from '../backend.ts'
import type { CommandLog } from './command-log.ts'
import type { CommandRecord } from './command-record.ts'

/** A log of its own. Harmless to tell twice: the first outcome of a command stays. */
export interface CommandLogStore extends CommandLog {
  /**
   * Adds records in order, all of them or a first part, and resolves when they are stored. One that is there stays as it is, unless it
   * is `started`, which any outcome replaces in its place. Commit numbers are not kept. At most 10,000.
   * Errors: `store_*`; those of `checkRecords`, which every store calls first: `invalid_key`, `invalid_output`, `payload_too_large`, a
   * `RangeError` for a record over its limits.
   */
  record(records: readonly CommandRecord[]): Promise<void>
}
/** A description of a log of its own; nothing is opened before it is used. */
export interface CommandLogBackend {
  /** `memory`, `sqlite`, `nats`, ... */
  readonly backend: string
  open(runtime: BackendRuntime): Promise<CommandLogStore>
}
