// The cache on a Redis server: what an app is given to share its cache with other processes.
import { checkOptions } from '@gesta/core/ports'
import type { CacheStore, SingleStore } from '@gesta/core/ports'
import { createRedisCacheStore } from './cache-store.ts'
import { openWhateverAnswers } from './connection.ts'
import { addressOf } from './server-address.ts'

export interface RedisCacheOptions {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` over TLS. It is shown in no error. */
  readonly url: string
  /** What all keys in Redis begin with; apps that share a server need one each. Default `gesta:cache:`. */
  readonly prefix?: string | undefined
  /**
   * Milliseconds after which every entry vanishes, 1,000 to 31,536,000,000: also one without a time to live, or with a longer one,
   * so that nothing stays in Redis for ever. Default 604,800,000 (7 days).
   */
  readonly ttlMsMax?: number | undefined
  /** Milliseconds that a call waits for a connection, and then for an answer, 1 to 60,000. Default 2,000. */
  readonly timeoutMs?: number | undefined
}

/**
 * A cache that several processes share. An app starts without its server too: its calls fail until there is one. Errors when the app starts,
 * of a server that refuses: `store_unavailable`, `store_full`, `store_read_only`.
 * Reference: docs/reference/redis.md.
 */
export function redisCache(options: RedisCacheOptions): SingleStore<CacheStore> {
  checkOptions(options, ['url', 'prefix', 'ttlMsMax', 'timeoutMs'], 'redisCache()')
  const { url, prefix = 'gesta:cache:', ttlMsMax = 604_800_000, timeoutMs = 2000 } = options
  addressOf(url)
  if (prefix === '' || !prefix.isWellFormed())
    throw new Error('Expected a prefix of at least one character, received none.')
  checkWhole(ttlMsMax, 'ttlMsMax', 1000, 31_536_000_000)
  checkWhole(timeoutMs, 'timeoutMs', 1, 60_000)
  return {
    backend: 'redis',
    open: async (runtime) =>
      createRedisCacheStore(await openWhateverAnswers({ url, timeoutMs }, runtime), { prefix, ttlMsMax }, runtime.ids),
  }
}

function checkWhole(value: number, option: string, min: number, max: number): void {
  if (!(Number.isSafeInteger(value) && value >= min && value <= max))
    throw new Error(`Expected ${option} of redisCache() to be a whole number from ${min} to ${max}, received ${value}.`)
}
