// The plan of a read model in one version: which generations of its view there are, and what operators want of it. Every process reads
// it, so that what one is told reaches the owner; it changes only from a known revision, so that nobody undoes what he has not seen.

/** One build of a view from the start of the log. */
export interface Generation {
  /** From 1, rising; part of the view's name. */
  readonly number: number
  /** The last position of the log when the build began: what was erased up to there is in no row of it. */
  readonly since: number
}
export interface ViewPlan {
  /** Rises by one with every change; 0 for a plan that was never written. */
  readonly revision: number
  /** What queries read; absent until one generation was built to the end. */
  readonly live: Generation | undefined
  /** What is built beside it; absent when nothing is. */
  readonly building: Generation | undefined
  /** `paused` keeps its owner and its place; `stopped` gives both up. */
  readonly wanted: 'running' | 'paused' | 'stopped'
}

/** The plan of a read model that no process has met yet. */
export const noPlan: ViewPlan = { revision: 0, live: undefined, building: undefined, wanted: 'running' }
