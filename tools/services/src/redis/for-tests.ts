// Redis as test files ask for it.
import { findPrograms } from '../find.ts'
import type { OwnServer } from '../own/own-server.ts'
import { accessPrograms, accessServer } from '../run/access.ts'
import { chooseKeys } from './keys.ts'
import type { TestKeys } from './keys.ts'
import { launchRedis } from './launch.ts'
import type { RedisOptions } from './launch.ts'
import { redis } from './redis.ts'

export interface RedisForTests {
  /** For `describe` and `test`: `false`, or the reason why there is no server. In CI it is `false`, and tests fail. */
  readonly skip: string | false
  /** A prefix that no key has. What is not disposed is deleted when the run ends. */
  newKeys(): TestKeys
}

export interface OwnRedisForTests {
  /** As in `RedisForTests`. */
  readonly skip: string | false
  start(options?: RedisOptions): Promise<OwnServer>
}

/** The server that all tests share. It may belong to somebody: write under the prefix, and leave the rest alone. */
export async function redisForTests(): Promise<RedisForTests> {
  const { skip, get } = await accessServer(redis)
  return {
    skip,
    newKeys: () => {
      const { url, run } = get()
      return chooseKeys(url, run)
    },
  }
}

/** Servers of a test's own, which it may stop, crash, flush and start again. */
export async function ownRedisForTests(): Promise<OwnRedisForTests> {
  const { skip, get } = await accessPrograms(redis)
  return { skip, start: async (options) => launchRedis(get(), options) }
}

/** The same outside of tests: finds the program first, and throws an error that says what to install. */
export async function startRedis(options?: RedisOptions): Promise<OwnServer> {
  return launchRedis(await findPrograms(redis), options)
}
