// How a job is run: what its contract says of all jobs of its type, and what a message says of one.

/** How long a failed run waits for the next one: `firstMs`, doubled with every failure, at most `maxMs`, less some chance. */
export interface JobBackoff {
  /** Milliseconds, 0 to 86,400,000. Default 1,000. */
  readonly firstMs?: number | undefined
  /** Milliseconds, from `firstMs` to 604,800,000. Default 3,600,000. */
  readonly maxMs?: number | undefined
}
/** What a contract says of all its jobs. */
export interface JobSettings {
  /** Letters, digits, `.`, `_` and `-`, at most 64. Default `default`. */
  readonly queue?: string | undefined
  /** 0 to 9; lower ones go first. Default 5. */
  readonly priority?: number | undefined
  /** Runs after which a job is given up, 1 to 1,000. Default 10. */
  readonly attemptsMax?: number | undefined
  /** Milliseconds that one run may take, 1 to 86,400,000; then its signal aborts and the run has failed. Default 900,000. */
  readonly timeoutMs?: number | undefined
  readonly backoff?: JobBackoff | undefined
}
/** A job is a repetition, and is cancelled when it is taken in, while another one of its tenant has the same key. */
export interface JobUnique {
  readonly key: string
  /** Only while the other one was stored less than so many milliseconds before. Default: however long before. */
  readonly withinMs?: number | undefined
  /** In which states the other one counts. Default: all in which it has not ended. */
  readonly states?: readonly UniqueState[] | undefined
}
export type UniqueState =
  | 'scheduled'
  | 'pending'
  | 'running'
  | 'retry_scheduled'
  | 'waiting'
  | 'succeeded'
  | 'dead_letter'
/** What a message says of one job; what it leaves out is as its contract has it. */
export interface JobOptions extends Pick<JobSettings, 'queue' | 'priority' | 'attemptsMax'> {
  /** Milliseconds after its command before which it is not begun. Not together with `at`. */
  readonly delayMs?: number | undefined
  /** RFC 3339: when it may be begun. */
  readonly at?: string | undefined
  /** Milliseconds after its command at which it has to be begun; later it is not, and has expired. */
  readonly expiresInMs?: number | undefined
  /** What limits per key count by, such as the id of an account of another service. */
  readonly key?: string | undefined
  readonly unique?: JobUnique | undefined
}
