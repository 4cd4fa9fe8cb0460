// What the harness and a process that runs jobs say to each other, as lines of JSON.

/** What the process is told first. */
export interface JobsOpening {
  readonly store: 'sqlite' | 'postgres'
  /** A path, or a connection string. */
  readonly at: string
  /** A file to which each run of a job adds a line: an effect outside of commits. */
  readonly effects: string
  readonly seed: number
}
/** `rest`: it shall enqueue nothing more. `look`: it shall tell what the store says. */
export type JobsAsked = 'rest' | 'look'
export type FromJobsProcess =
  /** It works, under this name. */
  | { readonly ready: string }
  /** Ids of jobs whose enqueuing was acknowledged. */
  | { readonly enqueued: readonly string[] }
  | JobsLook
  /** Something that must not be. */
  | { readonly wrong: string }
export interface JobsLook {
  /** Workers that have jobs running, as the store knows it. */
  readonly running: readonly string[]
  readonly unfinished: number
  /** Runs of this process that were given to others. */
  readonly lost: number
}

/** What jobs and their effects are called by the process and by the one that checks it. */
export const tallyName = 'Tally'
export const addedType = 'Tally.Added'
export const jobType = 'Tally.Work'
