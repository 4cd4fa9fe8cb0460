// So often and no oftener: a bucket of tokens for each caller and permission, which time fills.
import { GestaError } from '../errors/gesta-error.ts'
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import type { Clock } from '../time/clock.ts'

export interface RateLimitOptions {
  /** Uses of one permission by one caller per second, 1 to 10,000; default 10. */
  readonly perSecond?: number | undefined
  /** Uses that may come at once, 1 to 100,000; default 50. */
  readonly burst?: number | undefined
}
export interface RateLimit {
  readonly perSecond: number
  readonly burst: number
}

/** Errors: a plain one, or a `RangeError`. */
export function rateLimit(options: RateLimitOptions, where: string): RateLimit {
  checkOptions(options, ['perSecond', 'burst'], where)
  const { perSecond = 10, burst = 50 } = options
  checkWhole(perSecond, 'option perSecond', 1, 10_000)
  checkWhole(burst, 'option burst', 1, 100_000)
  return { perSecond, burst }
}

interface Bucket {
  tokens: number
  filledUs: number
}
/** Callers that are remembered; beyond them those whose bucket is full are forgotten, which changes nothing for them. */
const callersMax = 1_000

/** A function that takes a token of a caller, or throws `rate_limited`. */
export function createRateLimit(
  clock: Pick<Clock, 'monotonicUs'>,
  { perSecond, burst }: RateLimit,
): (caller: string, permission: string) => void {
  const buckets = new Map<string, Bucket>()
  const tokensOf = ({ tokens, filledUs }: Bucket, nowUs: number): number =>
    Math.min(burst, tokens + ((nowUs - filledUs) / 1_000_000) * perSecond)
  return (caller, permission) => {
    const nowUs = clock.monotonicUs()
    if (buckets.size > callersMax)
      for (const [name, bucket] of buckets) if (tokensOf(bucket, nowUs) >= burst) buckets.delete(name)
    const known = buckets.get(caller)
    const tokens = known === undefined ? burst : tokensOf(known, nowUs)
    if (tokens < 1) throw limited(permission, Math.ceil(((1 - tokens) / perSecond) * 1000))
    buckets.set(caller, { tokens: tokens - 1, filledUs: nowUs })
  }
}

function limited(permission: string, retryAfterMs: number): GestaError {
  return new GestaError(
    'rate_limited',
    `The caller uses ${permission} more often than is allowed. Try again in ${retryAfterMs} ms, or ask for larger pages.`,
    { facts: { permission, retryAfterMs } },
  )
}
