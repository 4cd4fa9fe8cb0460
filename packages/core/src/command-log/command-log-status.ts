// How recording goes, in this process since it started.

/** How far a copy of the log in another store is. */
export interface CopyStatus {
  /** Whether this process writes it; another one does, or none, when it does not. */
  readonly active: boolean
  /** The last commit that is in the copy, as far as this process knows. */
  readonly commitNo: number
  /** What went wrong last, as codes and names; absent while all is well. */
  readonly lastError: string | undefined
}
export interface CommandLogStatus {
  /** Attempts that left a record. */
  readonly recorded: number
  /** Refused attempts of callers without an account, beyond the limit for such records. */
  readonly sampled: number
  /** Attempts whose record could not be stored, with the code of the store's last error. */
  readonly lost: number
  readonly lastError: string | undefined
  /** What kept old records and idempotency keys from being forgotten the last time, as codes and names; absent while all is well. */
  readonly retentionError: string | undefined
  /** Absent when the app copies its log to no other store. */
  readonly copy: CopyStatus | undefined
}
