// How often one address may ask: a generous bound on everything that costs something, and a strict one on what tries passwords and tokens.
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { RateLimiterRes } from 'rate-limiter-flexible'
import { checkOptions } from '@gesta/core/host'
import { Refusal } from '../problem.ts'
import type { WholeOption } from '../whole-option.ts'
import { addressKey } from './address-key.ts'

/** Reference: docs/reference/http.md. */
export interface RateLimitOptions {
  /** Commands, queries and streams of one address in a minute, 1 to 100,000,000. Default 60,000. */
  readonly requestsPerMinute?: number | undefined
  /**
   * Of them commands for anonymous callers, where there are sessions; who gets in by one, such as by the right password, has made no attempt.
   * Default 120.
   */
  readonly attemptsPerMinute?: number | undefined
}
export interface RateLimit {
  /** Counts a request of this address, or of all that are gone already and have none; with `attempt` by the strict bound as well. Errors: `rate_limited`, with Retry-After. */
  check(address: string | undefined, attempt: boolean): Promise<void>
  /** Whoever tried got in: people behind one address who sign in do not keep each other out. */
  gotIn(address: string | undefined): void
}
export interface RateLimitSettings {
  readonly requestsPerMinute: number
  readonly attemptsPerMinute: number
}

const seconds = 60
const perMinuteMax = 100_000_000

/** Errors: plain ones. Absent: `false` was said. */
export function rateLimitSettings(
  options: false | RateLimitOptions | undefined,
  whole: WholeOption,
): RateLimitSettings | undefined {
  if (options === false) return undefined
  const { requestsPerMinute = 60_000, attemptsPerMinute = 120 } = options ?? {}
  if (options !== undefined) checkOptions(options, ['requestsPerMinute', 'attemptsPerMinute'], 'serve({ rateLimit })')
  return {
    requestsPerMinute: whole('rateLimit.requestsPerMinute', requestsPerMinute, 1, perMinuteMax),
    attemptsPerMinute: whole('rateLimit.attemptsPerMinute', attemptsPerMinute, 1, perMinuteMax),
  }
}

/** In this process's memory: several processes count for themselves. */
export function createRateLimit({ requestsPerMinute, attemptsPerMinute }: RateLimitSettings): RateLimit {
  const requests = new RateLimiterMemory({ points: requestsPerMinute, duration: seconds })
  const attempts = new RateLimiterMemory({ points: attemptsPerMinute, duration: seconds })
  return {
    check: async (address, attempt) => {
      const key = addressKey(address ?? '')
      try {
        await requests.consume(key)
        if (attempt) await attempts.consume(key)
      } catch (refused) {
        throw tooMany((refused as RateLimiterRes).msBeforeNext)
      }
    },
    gotIn: (address) => void attempts.reward(addressKey(address ?? '')),
  }
}

function tooMany(waitMs: number): Refusal {
  return new Refusal('rate_limited', 'Too many requests came from this address. Nothing was done.', {
    headers: { 'retry-after': `${Math.max(1, Math.ceil(waitMs / 1000))}` },
  })
}
