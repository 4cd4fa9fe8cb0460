// The command log of a started app: what it holds, where a command came from and led to, and issuing one again.
import type { Outcome } from '../dispatch/handler.ts'
import type { DispatchOptions } from '../dispatch/options.ts'
import type { CommandLog } from '../stores/command-log/command-log.ts'
import type { CommandLogStatus } from './command-log-status.ts'
import type { Trace, TraceOptions } from './trace.ts'

export interface ReissueRequest {
  /** Default: the app has no tenants. */
  readonly tenant?: string | undefined
  readonly commandId: string
  /** Instead of what was recorded, which may be redacted or truncated. */
  readonly payload?: unknown
}
/** Whoever holds the app may use all of it: no permission is checked here. Reference: docs/reference/command-log.md. */
export interface AppCommandLog extends Pick<CommandLog, 'get' | 'list' | 'total' | 'redact' | 'purge' | 'info'> {
  readonly status: CommandLogStatus
  /** What any id belongs to: a correlation, a command, an event, a message, a job. Absent: no command of the log has to do with it. */
  trace(id: string, options?: TraceOptions): Promise<Trace | undefined>
  /**
   * Dispatches a recorded command again, under a new id, caused by the old one and in its correlation, on behalf of `options.context`: never
   * of the old sender. Permissions and the schema apply as always. Errors: `command_unknown`; `data_gone` when the record was redacted,
   * `record_incomplete` when its payload was truncated or never recorded, or has fields that were not; and those of a dispatch.
   */
  reissue(
    request: ReissueRequest,
    options?: Omit<DispatchOptions, 'commandId'>,
  ): Promise<Outcome<unknown, { [code: string]: unknown }>>
}
