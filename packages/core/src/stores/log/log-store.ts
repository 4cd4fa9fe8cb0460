// The log store: lines of the application's own logger, kept for a while and searched. Not the event log, not the audit log.
import type { Page, PageRequest, Store } from '../store.ts'

/** From the least to the most serious. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type LogLevel = (typeof logLevels)[number]

export interface NewLogEntry {
  readonly level: LogLevel
  /** When it was logged, microseconds UTC. */
  readonly at: number
  /** The empty text for lines that belong to no tenant. */
  readonly tenant: string
  /** At most 1 MiB, without NUL and lone surrogates; may be empty. */
  readonly text: string
  /** W3C trace id, 32 lower-case hexadecimal digits; absent outside a trace. */
  readonly traceId?: string | undefined
  /** JSON text of an object with further fields, at most 1 MiB; already redacted. */
  readonly fields?: string | undefined
}
export interface LogEntry extends NewLogEntry {
  /** Rises in the order of appending and is never used again; has gaps. */
  readonly id: number
}
export interface LogFilter {
  /** This level and those above it. */
  readonly level?: LogLevel | undefined
  /** Inclusive, microseconds UTC. */
  readonly from?: number | undefined
  /** Exclusive, microseconds UTC. */
  readonly to?: number | undefined
  readonly tenant?: string | undefined
  /** Lines whose text contains it, whatever the case of ASCII letters. */
  readonly text?: string | undefined
  readonly traceId?: string | undefined
  /** Default `newest`. */
  readonly order?: 'newest' | 'oldest' | undefined
}

/**
 * Order: by id, which is the order of appending. Lines that are appended while a list is read page by page, newest first, are not met.
 * Bounded: by the retention and by what the backend says; the oldest lines go first.
 * Errors: `store_*`, `invalid_key` (tenant, trace id), `invalid_output` (text, fields), `invalid_cursor`, `payload_too_large`;
 * a `RangeError` for times and durations that are no whole numbers, a plain one for an unknown level or order.
 */
export interface LogStore extends Store {
  /** Appends lines, all or none. */
  append(entries: readonly NewLogEntry[]): Promise<void>
  /** Absent: there is no such line. A `RangeError` for what is no whole number from 1. */
  get(id: number): Promise<LogEntry | undefined>
  list(filter: LogFilter, page?: PageRequest): Promise<Page<LogEntry>>
  total(filter?: LogFilter): Promise<number>
  /** Removes lines that were logged before this time (microseconds UTC, exclusive), of a tenant or of all. Returns how many. */
  purge(before: number, tenant?: string): Promise<number>
  /** Milliseconds that a line is kept after it was logged; absent: until it is purged. */
  retention(): Promise<number | undefined>
  /**
   * Says how long lines are kept, in milliseconds from 1, or absent for ever. It is stored with the lines; what is too old goes at
   * once, and from then on whenever lines are appended.
   */
  setRetention(keptMs: number | undefined): Promise<void>
  /** Removes the lines of a tenant, or of all. The retention stays. */
  reset(tenant?: string): Promise<void>
}
