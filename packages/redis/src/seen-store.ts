// The seen store on Redis: per subscription the last ids, for a while. How they lie in it: seen-scripts.ts.
import { checkSeen, checkSubscription } from '@gesta/core/ports'
import type { SeenStore } from '@gesta/core/ports'
import type { Connection } from './connection.ts'
import { runScript } from './script.ts'
import type { Script } from './script.ts'
import { countIds, markIds, resetIds, seenIds } from './seen-scripts.ts'

export interface SeenSettings {
  /** What all keys in Redis begin with. */
  readonly prefix: string
  /** Ids that are kept for each subscription. */
  readonly idsMax: number
  /** Milliseconds that an id is kept. */
  readonly ttlMs: number
}

export function createRedisSeenStore(connection: Connection, { prefix, idsMax, ttlMs }: SeenSettings): SeenStore {
  const idsPrefix = `${prefix}ids:`
  const index = `${prefix}subscriptions`
  const run = (script: Script, keys: readonly string[], ...values: readonly string[]): Promise<unknown> =>
    connection.call((client) => runScript(client, script, keys, [String(ttlMs), ...values]))
  const some = (subscription: string | undefined): readonly string[] => {
    if (subscription === undefined) return [idsPrefix]
    checkSubscription(subscription)
    return [idsPrefix, subscription]
  }
  const total = async (subscription?: string): Promise<number> =>
    Number(await run(countIds, [index], ...some(subscription)))
  return {
    seen: async (subscription, ids) => {
      checkSeen(subscription, ids)
      return new Set((await run(seenIds, [`${idsPrefix}${subscription}`], ...ids)) as readonly string[])
    },
    mark: async (subscription, ids) => {
      checkSeen(subscription, ids)
      const values = [String(idsMax), subscription, ...ids]
      if (ids.length === 0) return connection.call(async () => undefined)
      await run(markIds, [`${idsPrefix}${subscription}`, index], ...values)
    },
    total,
    reset: async (subscription) => void (await run(resetIds, [index], ...some(subscription))),
    info: async () => ({
      store: 'seen',
      backend: 'redis',
      readOnly: false,
      items: await total(),
      details: { address: connection.address, prefix, idsMax, ttlMs },
    }),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
}
