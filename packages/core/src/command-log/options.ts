// What an app may say of its command log.
import type { DispatchOptions } from '../dispatch/options.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { CommandLogBackend } from '../stores/command-log/command-log-store.ts'
import type { CommandStatus } from '../stores/command-log/command-record.ts'

/** A dispatch, as extractors see it. */
export interface Dispatched {
  readonly type: string
  readonly data: unknown
  readonly context: RequestContext
  readonly options: DispatchOptions
}
/** How long records are kept. */
export interface CommandLogRetention {
  /** Milliseconds since the command arrived. */
  readonly olderThanMs: number
  /** Default: every status but `started`. */
  readonly statuses?: readonly CommandStatus[] | undefined
}
export interface CommandLogOptions {
  /** Adds to what is noted beside the context; what it throws leaves the record without. Beyond 256 names, or 1,024 characters, it is cut. */
  readonly metadata?: ((dispatched: Dispatched) => { readonly [name: string]: string }) | undefined
  /** Refused attempts of callers without an account that are recorded per second; the rest is counted. Default 100. */
  readonly anonymousPerSecond?: number | undefined
  /** Default: records are kept as long as the log. */
  readonly retention?: readonly CommandLogRetention[] | undefined
  /** A log of its own that gets a copy of every record, such as `natsCommandLog(...)`. */
  readonly copyTo?: CommandLogBackend | undefined
}
