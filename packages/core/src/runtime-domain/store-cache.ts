// The cache store for system administrators: `StoreCache`.
import type { CommandContract, Handler, QueryContract } from '../contracts/contract.ts'
import { command, query } from '../contracts/define.ts'
import { optional, record, text, whole } from '../schema/plain-schema.ts'
import type { PlainSchema } from '../schema/plain-schema.ts'
import { storeRow } from './answers.ts'
import type { Introspection } from './introspection.ts'
import type { RateLimit } from './rate-limit.ts'
import type { StoreRow } from './rows.ts'
import { guarded } from './store-guard.ts'
import { infoOf } from './store-info.ts'
import { askedPage, changedOne, name, pageFields, reason, shownPage, single } from './store-pages.ts'
import { storeChange, storePage, tenant } from './store-pages.ts'
import type { StoreChange, StorePage, StorePageInput } from './store-pages.ts'

export interface StoreCacheQuestion extends StorePageInput {
  readonly tenant: string
  /** One entry, by its key. */
  readonly key?: string | undefined
  /** Entries whose key begins with it. */
  readonly prefix?: string | undefined
}
export interface StoreCacheItem {
  readonly tenant: string
  readonly key: string
  /** JSON text. */
  readonly value: string
  /** Absent for one that does not expire, and for one that was asked for by its key. */
  readonly expiresInMs?: number | undefined
}
export interface StoreCacheUpdate {
  readonly tenant: string
  readonly key: string
  /** JSON text. */
  readonly value: string
  /** Milliseconds until it vanishes; default: until it is evicted. */
  readonly ttlMs?: number | undefined
  readonly reason: string
}
export interface StoreCacheDelete {
  /** Absent: the caches of all tenants are emptied. */
  readonly tenant?: string | undefined
  /** Absent: the tenant's cache is emptied; needs `tenant`. */
  readonly key?: string | undefined
  readonly reason: string
}
const item: PlainSchema<StoreCacheItem> = record<StoreCacheItem>({
  tenant: text(),
  key: text(),
  value: text(),
  expiresInMs: optional(whole()),
})
const ttlMsMax = 31_536_000_000

export const StoreCacheInfo: QueryContract<'StoreCache.Info', void, StoreRow> = query('StoreCache.Info', {
  description: 'See what the cache tells of itself.',
  result: storeRow,
})
export const StoreCacheRead: QueryContract<'StoreCache.Read', StoreCacheQuestion, StorePage<StoreCacheItem>> = query(
  'StoreCache.Read',
  {
    description: 'List cached values of all tenants.',
    input: record<StoreCacheQuestion>({ ...pageFields, tenant, key: optional(name), prefix: optional(text(0, 512)) }),
    result: storePage(item),
  },
)
export const StoreCacheUpdateCommand: CommandContract<'StoreCache.Update', StoreCacheUpdate, StoreChange> = command(
  'StoreCache.Update',
  {
    description: 'Put a value into the cache.',
    input: record<StoreCacheUpdate>({ tenant, key: name, value: text(1), ttlMs: optional(whole(1, ttlMsMax)), reason }),
    result: storeChange,
    redact: { value: 'secret' },
    audited: true,
  },
)
export const StoreCacheDeleteCommand: CommandContract<'StoreCache.Delete', StoreCacheDelete, StoreChange> = command(
  'StoreCache.Delete',
  {
    description: 'Delete a cached value, or empty the cache.',
    input: record<StoreCacheDelete>({ tenant: optional(tenant), key: optional(name), reason }),
    result: storeChange,
    audited: true,
  },
)
export type StoreCacheContract =
  | typeof StoreCacheInfo
  | typeof StoreCacheRead
  | typeof StoreCacheUpdateCommand
  | typeof StoreCacheDeleteCommand

export function storeCacheHandlers(rate: RateLimit): readonly Handler<StoreCacheContract>[] {
  return [
    guarded(
      StoreCacheInfo,
      rate,
      () => ({ resource: 'cache' }),
      ({ backend }) => infoOf('cache', backend.cache),
    ),
    guarded(
      StoreCacheRead,
      rate,
      (asked) => ({ resource: `cache/${asked.tenant}/${asked.key ?? `${asked.prefix ?? ''}*`}` }),
      readCache,
    ),
    guarded(
      StoreCacheUpdateCommand,
      rate,
      (asked) => ({ resource: `cache/${asked.tenant}/${asked.key}`, reason: asked.reason }),
      async ({ backend }, { tenant: of, key, value, ttlMs }) => {
        await backend.cache.set({ tenant: of, key }, value, { ttlMs })
        return changedOne(true)
      },
    ),
    guarded(
      StoreCacheDeleteCommand,
      rate,
      (asked) => ({ resource: `cache/${asked.tenant ?? '*'}/${asked.key ?? '*'}`, reason: asked.reason }),
      deleteOrFlush,
    ),
  ]
}

async function readCache({ backend }: Introspection, asked: StoreCacheQuestion): Promise<StorePage<StoreCacheItem>> {
  const { tenant: of, key, prefix } = asked
  if (key === undefined) {
    const page = await backend.cache.list(of, { ...askedPage(asked), prefix })
    return shownPage(page, (entry) => ({ ...entry }))
  }
  const value = await backend.cache.get({ tenant: of, key })
  return single(value === undefined ? undefined : { tenant: of, key, value })
}

async function deleteOrFlush({ backend }: Introspection, { tenant: of, key }: StoreCacheDelete): Promise<StoreChange> {
  if (key !== undefined) return changedOne(await backend.cache.delete({ tenant: of ?? '', key }))
  const changed = await backend.cache.total(of)
  await backend.cache.flush(of)
  return { changed }
}
