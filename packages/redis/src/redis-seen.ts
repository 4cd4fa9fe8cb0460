// The seen store on a Redis server: what workers of several processes are given to remember what they have dealt with.
import { checkOptions, checkWhole, seenIdsMaxDefault } from '@gesta/core/ports'
import type { SeenStore, SingleStore } from '@gesta/core/ports'
import { checkPrefix } from './broker-options.ts'
import { openConnection } from './connection.ts'
import { createRedisSeenStore } from './seen-store.ts'
import { addressOf } from './server-address.ts'

export interface RedisSeenOptions {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` over TLS. It is shown in no error. */
  readonly url: string
  /** What all keys in Redis begin with; apps that share a server need one each. Default `gesta:seen:`. */
  readonly prefix?: string | undefined
  /** Ids that are kept for each subscription, from 1. Default 10,000. */
  readonly idsMax?: number | undefined
  /** Milliseconds that an id is kept after its last mark, 1,000 to 31,536,000,000. Default 86,400,000 (24 hours). */
  readonly ttlMs?: number | undefined
  /** Milliseconds that a call waits for a connection, and then for an answer, 1 to 60,000. Default 2,000. */
  readonly timeoutMs?: number | undefined
}

/**
 * A seen store that several processes share. Errors when it is opened: `store_unavailable`, `store_full`, `store_read_only`.
 * Reference: docs/reference/redis.md.
 */
export function redisSeen(options: RedisSeenOptions): SingleStore<SeenStore> {
  checkOptions(options, ['url', 'prefix', 'idsMax', 'ttlMs', 'timeoutMs'], 'redisSeen()')
  const { url, prefix = 'gesta:seen:', idsMax = seenIdsMaxDefault, ttlMs = 86_400_000, timeoutMs = 2000 } = options
  addressOf(url)
  checkPrefix(prefix)
  checkWhole(idsMax, 'option idsMax', 1)
  checkWhole(ttlMs, 'option ttlMs', 1000, 31_536_000_000)
  checkWhole(timeoutMs, 'option timeoutMs', 1, 60_000)
  return {
    backend: 'redis',
    open: async (runtime) =>
      createRedisSeenStore(await openConnection({ url, timeoutMs }, runtime), { prefix, idsMax, ttlMs }),
  }
}
