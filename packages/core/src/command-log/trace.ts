// From one id to all that its request led to: commands, refused ones too, their events, who has seen these, messages, jobs, and the
// commands that followed.
import type { ReadModelState } from '../pump/read-model-status.ts'
import type { JobState } from '../stores/job/job-state.ts'
import type { CommandRecord } from '../stores/command-log/command-record.ts'

export interface TraceOptions {
  /** Default: the app has no tenants. */
  readonly tenant?: string | undefined
  /** Commands at most, 1 to 10,000; default 1,000. */
  readonly limit?: number | undefined
}
/** Reference: docs/reference/trace.md. */
export interface Trace {
  /** What the id names. */
  readonly kind: 'correlation' | 'command' | 'event' | 'message' | 'job'
  readonly tenant: string
  readonly correlationId: string
  /** The commands that nothing in the trace caused, in the order of the log, each with what followed from it. */
  readonly commands: readonly TracedCommand[]
  /** Whether the correlation has more commands than `limit`: these are the oldest. */
  readonly truncated: boolean
}
/** No payload: what a command said is asked of the command log. */
export type TracedRecord = Omit<CommandRecord, 'payload'>

export interface TracedCommand {
  readonly record: TracedRecord
  readonly events: readonly TracedEvent[]
  readonly messages: readonly TracedMessage[]
  readonly jobs: readonly TracedJob[]
  /** Commands that the command itself caused, such as its re-issue. */
  readonly followed: readonly TracedCommand[]
}
/** No data: what an event says is asked of the event store. */
export interface TracedEvent {
  readonly id: string
  readonly type: string
  readonly position: number
  readonly aggregateType: string
  readonly aggregateId: string
  readonly version: number
  /** Microseconds UTC. */
  readonly recordedAt: number
  /** The read models with a handler for it. */
  readonly readModels: readonly TracedReadModel[]
  readonly followed: readonly TracedCommand[]
}
export interface TracedReadModel {
  readonly name: string
  readonly state: ReadModelState
  /** Whether the event is in the view: one that is parked or was discarded is not. */
  readonly seen: boolean
  /** Events of the log that the view is behind. */
  readonly lagEvents: number
}
export interface TracedMessage {
  readonly id: string
  /** Type and key are absent when nothing is left of it in the outbox. */
  readonly type: string | undefined
  readonly key: string | undefined
  /** `sent`: it left the outbox, because a broker took it or an operator discarded it. */
  readonly state: 'waiting' | 'sent' | 'dead'
  /** Failed ones, while it is in the outbox. */
  readonly attempts: number
  readonly lastError: string | undefined
  readonly followed: readonly TracedCommand[]
}
export interface TracedJob {
  readonly id: string
  /** Absent, like what follows, when the job is kept no longer. */
  readonly type: string | undefined
  readonly state: JobState | undefined
  readonly queue: string | undefined
  /** Runs begun so far. */
  readonly attempts: number | undefined
  /** Microseconds UTC: since when it may run. */
  readonly dueAt: number | undefined
  /** Of the last run that failed, and why the job was given up, cancelled or not begun. */
  readonly lastError: string | undefined
  readonly reason: string | undefined
  readonly followed: readonly TracedCommand[]
}
