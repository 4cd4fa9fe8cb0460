// The seen store on PostgreSQL: what the workers of many processes have dealt with. A mark never waits for the server's disk.
import { checkSeen, checkSubscription, seenIdsMaxDefault } from '@gesta/core/ports'
import type { SeenStore } from '@gesta/core/ports'
import { textArray } from './binary-arrays.ts'
import type { StoreAccess } from './store-access.ts'

/** `s`: the schema, quoted. */
function statements(s: string) {
  const isOf = (row: string): string => `${s}.index_key(${row}.subscription) = ${s}.index_key($1)`
  return {
    seen: `SELECT e.id FROM unnest($2::text[]) n(id) CROSS JOIN LATERAL (
        SELECT id FROM ${s}.seen_events e WHERE ${isOf('e')} AND ${s}.index_key(e.id) = ${s}.index_key(n.id) OFFSET 0
      ) e`,
    mark: `SELECT ${s}.mark_seen($1, $2, $3)`,
    total: `SELECT coalesce(sum(k.ids), 0)::bigint FROM ${s}.seen_subscriptions k WHERE $1::text IS NULL OR ${isOf('k')}`,
    forget: `SELECT ${s}.forget_seen($1)`,
  }
}

/** `idsMax` are the ids that each subscription keeps. */
export function createPostgresSeenStore(access: StoreAccess, idsMax: number = seenIdsMaxDefault): SeenStore {
  const { read, write } = access
  const sql = statements(access.schema)
  const total = async (subscription: string | undefined): Promise<number> =>
    Number((await read(sql.total, [subscription ?? null]))[0]?.[0])
  return {
    seen: async (subscription, ids) => {
      checkSeen(subscription, ids)
      return new Set((await read(sql.seen, [subscription, textArray(ids)])).map(([id]) => String(id)))
    },
    mark: async (subscription, ids) => {
      checkSeen(subscription, ids)
      // An id that is repeated counts where it stands last.
      const each = [...new Set(ids.toReversed())].toReversed()
      await write(sql.mark, [subscription, textArray(each), idsMax])
    },
    total: async (subscription) => {
      if (subscription !== undefined) checkSubscription(subscription)
      return total(subscription)
    },
    reset: async (subscription) => {
      if (subscription !== undefined) checkSubscription(subscription)
      await write(sql.forget, [subscription ?? null])
    },
    info: async () => {
      const items = await total(undefined)
      return { store: 'seen', backend: 'postgres', readOnly: false, items, details: { idsMax } }
    },
    [Symbol.asyncDispose]: async () => access.close(),
  }
}
