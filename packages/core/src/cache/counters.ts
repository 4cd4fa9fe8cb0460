// What a cache counts, since its process started.

export interface CacheCounts {
  /** Answers from memory. */
  readonly hits: number
  /** Of these: answers that there is none. */
  readonly negativeHits: number
  /** Answers that were not in memory: found in the shared layer, loaded, or waited for. */
  readonly misses: number
  /** Misses that the shared layer had an answer to. */
  readonly sharedHits: number
  /** Misses that waited for a load that was going on. */
  readonly joined: number
  readonly loads: number
  readonly loadErrors: number
  /** Stale values that were given because loading failed, or at once with a load behind them. */
  readonly stale: number
  /** Loads whose value was not kept, because what it was made from had changed meanwhile. */
  readonly outdated: number
  /** Aggregates and tags that had something here and changed. */
  readonly invalidations: number
  /** Values that had to make room. */
  readonly evictions: number
  /** Calls to the shared layer that failed or took too long. */
  readonly sharedErrors: number
  /** Calls to the shared layer that were not made, because it failed before. */
  readonly sharedSkipped: number
}
export type Counters = { -readonly [Name in keyof CacheCounts]: number }

export function createCounters(): Counters {
  return {
    hits: 0,
    negativeHits: 0,
    misses: 0,
    sharedHits: 0,
    joined: 0,
    loads: 0,
    loadErrors: 0,
    stale: 0,
    outdated: 0,
    invalidations: 0,
    evictions: 0,
    sharedErrors: 0,
    sharedSkipped: 0,
  }
}
