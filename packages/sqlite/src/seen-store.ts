// The seen store on SQLite: what the workers of one process have dealt with, in a file beside the store's.
import { checkSeen, checkSubscription, seenIdsMaxDefault } from '@gesta/core/ports'
import type { SeenStore } from '@gesta/core/ports'
import type { SeenOperations } from './seen-file.ts'
import type { SideStore } from './side-stores.ts'

/** `idsMax` are the ids that each subscription keeps. */
export function createSqliteSeenStore(side: SideStore<SeenOperations>, idsMax: number = seenIdsMaxDefault): SeenStore {
  return {
    seen: async (subscription, ids) => {
      checkSeen(subscription, ids)
      return new Set(await side.call('seen', subscription, [...ids]))
    },
    mark: async (subscription, ids) => {
      checkSeen(subscription, ids)
      return side.call('mark', subscription, [...ids], idsMax)
    },
    total: async (subscription) => {
      if (subscription !== undefined) checkSubscription(subscription)
      return side.call('total', subscription)
    },
    reset: async (subscription) => {
      if (subscription !== undefined) checkSubscription(subscription)
      return side.call('reset', subscription)
    },
    info: async () => ({
      store: 'seen',
      backend: 'sqlite',
      readOnly: false,
      items: await side.call('total', undefined),
      details: { ...(await side.call('details')), idsMax },
    }),
    [Symbol.asyncDispose]: () => side[Symbol.asyncDispose](),
  }
}
