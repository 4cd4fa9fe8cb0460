// What a process tells of a read model, and what operators may tell it.
import type { ParkedEvent, ParkedFilter } from '../stores/read-model/parked-event.ts'

/**
 * `restoring`: it is built from the log and was never built to the end. `live`: it follows the log. `paused`, `stopped`: by an operator.
 * `failed`: at an event that it could not take. `diverged`: its view is of another history of the log.
 */
export type ReadModelState = 'stopped' | 'restoring' | 'live' | 'paused' | 'failed' | 'diverged'

/** Counted since the process started. */
export interface ReadModelMetrics {
  /** Events that it was given. */
  readonly processed: number
  /** Events that a handler took. */
  readonly applied: number
  /** Events that no handler is for. */
  readonly skipped: number
  /** Attempts that failed. */
  readonly failed: number
  /** The last event in the view: its position, and when it was recorded (RFC 3339). */
  readonly lastPosition: number
  readonly lastEventAt: string | undefined
  /** Events of the log behind the last one in the view, as far as this process knows. */
  readonly lagEvents: number
  /** Milliseconds that it has been behind the end of the log, as far as this process noticed; 0 while it is not. */
  readonly lagMs: number
  /** Milliseconds from the recording of an event to its being visible, of the last 1,000 live batches; absent before the first. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number } | undefined
}
/** How far a build has come. */
export interface RestoreProgress {
  readonly generation: number
  readonly position: number
  /** The last position of the log, as far as this process knows. */
  readonly total: number
  readonly eventsPerSecond: number
  /** An estimate; absent before there is a rate. */
  readonly remainingMs: number | undefined
}
export interface ReadModelStatus {
  readonly name: string
  readonly modelVersion: number
  readonly state: ReadModelState
  /** Whether this process writes it; another one does, or none, when it does not. */
  readonly owned: boolean
  /** What queries read; absent before a first generation was built. */
  readonly generation: number | undefined
  /** Of the generation that is being built; absent when none is. */
  readonly restore: RestoreProgress | undefined
  readonly metrics: ReadModelMetrics
  /** Events that wait for an operator. */
  readonly parked: number
  /** What went wrong last, as codes and names: nothing of what an error said. */
  readonly lastError: string | undefined
  /** The event at which it failed; absent while it has not. */
  readonly failedAt: { readonly eventId: string; readonly type: string; readonly position: number } | undefined
}
/** A build that was asked for. */
export interface Restoration {
  readonly generation: number
  /** Resolves when queries read the new generation. Errors: `read_model_failed`, `read_model_stopped` when it was cancelled, `app_stopped`. */
  readonly done: Promise<void>
  /** Gives it up; what queries read stays as it is. */
  cancel(): Promise<void>
}
/** What operators may tell a read model. What is told reaches its owner in whichever process it runs, and survives a restart. */
export interface ReadModelControl {
  status(): ReadModelStatus
  /** Follows again: after `stop`, or after it failed. */
  start(): Promise<void>
  /** Gives up following, and ownership; queries read the view as it is. */
  stop(): Promise<void>
  /** `stop`, then `start`. */
  restart(): Promise<void>
  /** Holds still, and keeps ownership. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Goes on from the checkpoint; with `fromZero` builds a new generation beside the live one, which queries read once it is there. */
  restore(options?: { readonly fromZero?: boolean | undefined }): Promise<Restoration>
  /** Gives up what is being built; with nothing to give up it changes nothing. */
  cancel(): Promise<void>
  /** Events that wait, or were discarded, in the order of the log. */
  parked(filter?: ParkedFilter): Promise<readonly ParkedEvent[]>
  /** Tries again what waits for this key, in order. How many events wait. */
  retryParked(key: { readonly tenant: string; readonly key: string }): Promise<number>
  /** Passes one parked event over, for good, and keeps the reason. How many events it concerns: 0 when it does not wait. Errors: a plain one for an empty reason. */
  discardParked(event: { readonly position: number; readonly reason: string }): Promise<number>
}
/** The read models of an app. */
export interface ReadModels {
  list(): readonly ReadModelStatus[]
  /** Errors: `read_model_unknown`. */
  control(name: string): ReadModelControl
  /**
   * Builds the read model anew beside the live view, in the same store, and compares the two at one position: every row that differs, up to
   * `differencesMax`. Errors: `read_model_unknown`, `read_model_failed`, `deadline_exceeded`.
   */
  verify(name: string, options?: VerifyOptions): Promise<Verification>
}
export interface VerifyOptions {
  /** Differences that are listed, from 1; all are counted. Default 100. */
  readonly differencesMax?: number | undefined
  /** Milliseconds from now. Default: none. */
  readonly deadlineMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}
export interface Difference {
  /** `rows`, or the name of a table of its own. */
  readonly table: string
  readonly tenant: string
  readonly key: string
  /** The row as the log gives it; absent: there is to be none. */
  readonly expected: string | undefined
  /** The row as it is in the view. */
  readonly received: string | undefined
}
export interface Verification {
  readonly readModel: string
  readonly modelVersion: number
  readonly generation: number
  /** Both were compared after this event. */
  readonly position: number
  readonly rows: number
  readonly differences: number
  /** The first of them, in the order of the rows. */
  readonly listed: readonly Difference[]
  /** Events that are parked or were discarded: the view lacks them on purpose, and so does what it was compared with. */
  readonly passedOver: number
}
