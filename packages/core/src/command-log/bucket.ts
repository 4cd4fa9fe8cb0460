// So many per second and no more: a bucket of tokens that time fills, a second's worth at most.
import type { Clock } from '../time/clock.ts'

export interface Bucket {
  /** Whether there was a token. */
  take(): boolean
}

export function createBucket(clock: Pick<Clock, 'monotonicUs'>, perSecond: number): Bucket {
  let tokens = perSecond
  let filledUs = clock.monotonicUs()
  return {
    take: () => {
      const nowUs = clock.monotonicUs()
      tokens = Math.min(perSecond, tokens + ((nowUs - filledUs) / 1_000_000) * perSecond)
      filledUs = nowUs
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
  }
}
