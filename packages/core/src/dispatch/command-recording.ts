// What the engine tells of commands for their record: a detail for each commit, and the end of whatever stored nothing.
import type { ContractParts } from '../contracts/contract.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { CommandDetail, RecordedError } from '../stores/command-log/command-record.ts'
import type { DispatchOptions } from './options.ts'

/** A command on its way, as far as it came. */
export interface Attempt {
  readonly type: string
  /** Absent when the app has none of this type, or the caller's role may not run it. */
  readonly contract: ContractParts | undefined
  readonly commandId: string
  readonly tenant: string
  readonly context: RequestContext
  readonly options: DispatchOptions
  /** As it arrived. */
  readonly raw: unknown
  /** Canonical JSON of `raw`; absent until every check has let the attempt pass. */
  readonly canonical: string | undefined
  /** When it arrived: microseconds UTC, and of the monotonic clock, which is finer. */
  readonly arrivedAt: number
  readonly startedUs: number
  readonly fingerprint: string | undefined
  readonly retries: number
}
export interface CommandRecording {
  /** What is stored with the commit that decides the attempt. `rejection`: the code and reason of a business no. */
  detailOf(attempt: Attempt, rejection: RecordedError | undefined, messages: number, jobs: number): CommandDetail
  /** A commit with a detail was stored. */
  committed(): void
  /** Records what came of an attempt that stored nothing. Never throws: whatever is in the way is counted. */
  failed(attempt: Attempt, cause: unknown): Promise<void>
  /** Records an attempt that was given the outcome of another command, found by its idempotency key. Never throws. */
  repeated(attempt: Attempt, first: string): Promise<void>
}
