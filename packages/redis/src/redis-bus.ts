// The topic bus on a Redis server: how services of several processes talk to each other.
import { checkOptions, checkWhole } from '@gesta/core/ports'
import type { BackendRuntime } from '@gesta/core/ports'
import { busOptionNames, checkBackoff, checkOneOf, publishingSettings } from './broker-options.ts'
import type { RedisBusOptions } from './broker-options.ts'
import { openConnection } from './connection.ts'
import { brokerFailures } from './redis-errors.ts'
import { createRedisTopicBus } from './topic-bus.ts'
import type { RedisTopicBus } from './topic-bus.ts'

/** A description of a bus; nothing is opened before it is used. */
export interface RedisBus {
  readonly backend: 'redis'
  /** Errors: `broker_unavailable`. */
  open(runtime: BackendRuntime): Promise<RedisTopicBus>
}

/**
 * Topics as streams, groups as consumer groups of a Redis server. What was published is as safe as the server's disk: run it with
 * `appendonly yes` and `appendfsync always`, and never let it evict. Errors: plain ones for options.
 * Reference: docs/reference/redis.md.
 */
export function redisBus(options: RedisBusOptions): RedisBus {
  checkOptions(options, busOptionNames, 'redisBus()')
  const { start = 'oldest', unordered = false, claimAfterMs = 30_000, attemptsMax = 10, batchEventsMax = 100 } = options
  const { backoff = { firstMs: 100, maxMs: 30_000 } } = options
  checkOneOf(start, 'start', ['oldest', 'now'])
  checkOneOf(unordered, 'unordered', [true, false])
  checkWhole(claimAfterMs, 'option claimAfterMs', 100, 86_400_000)
  checkWhole(attemptsMax, 'option attemptsMax', 1)
  checkWhole(batchEventsMax, 'option batchEventsMax', 1, 1000)
  checkBackoff(backoff)
  const group = { start, unordered, claimAfterMs, attemptsMax, batchEventsMax, backoff }
  const settings = { ...publishingSettings(options), ...group }
  return {
    backend: 'redis',
    open: async (runtime) =>
      createRedisTopicBus(await openConnection(settings.connection, runtime, brokerFailures), settings, runtime),
  }
}
