// The states of a job, and the one table of how it gets from one to another. Reference: docs/reference/jobs.md.

/** Where a job is. `failed` is passed through: a run that failed is followed by another one or by the dead letter, in the same step. */
export type JobState = keyof typeof jobTransitions

/** From each state to those that may follow it; the first row is of a job that was just stored. */
export const jobTransitions = {
  /** Its time has not come. */
  scheduled: ['pending', 'cancelled', 'expired'],
  /** May run as soon as there is room. */
  pending: ['running', 'cancelled', 'expired'],
  /** A worker has it; `pending`: it was given back, with nothing done. */
  running: ['succeeded', 'failed', 'waiting', 'pending', 'cancelled'],
  failed: ['retry_scheduled', 'dead_letter', 'pending'],
  /** A run has failed, and the next one is not due. */
  retry_scheduled: ['pending', 'cancelled', 'expired'],
  /** A run has asked for another one later, which is no failure. */
  waiting: ['pending', 'cancelled', 'expired'],
  succeeded: [],
  /** Given up; kept with everything until somebody requeues or discards it. */
  dead_letter: ['pending', 'cancelled'],
  /** Somebody did not want it any more, or it repeated a job with its unique key. */
  cancelled: ['pending'],
  /** It was not begun in time. */
  expired: ['pending'],
} as const

/** Those whose end is not told yet. */
export const unfinishedStates = ['scheduled', 'pending', 'running', 'retry_scheduled', 'waiting'] as const
/** Those that wait for a time. */
export const timedStates = ['scheduled', 'retry_scheduled', 'waiting'] as const

export const jobStates = Object.keys(jobTransitions) as readonly JobState[]

export function isUnfinished(state: JobState): boolean {
  return (unfinishedStates as readonly JobState[]).includes(state)
}
export function isTimed(state: JobState): boolean {
  return (timedStates as readonly JobState[]).includes(state)
}
/** Whether the table has this step. */
export function mayFollow(from: JobState, to: JobState): boolean {
  return (jobTransitions[from] as readonly JobState[]).includes(to)
}
