// The domains of the stores behind an app: what only system administrators may look at and change.
import { rateLimit } from '../runtime-domain/rate-limit.ts'
import type { RateLimitOptions } from '../runtime-domain/rate-limit.ts'
import { storeCacheHandlers } from '../runtime-domain/store-cache.ts'
import type { StoreCacheContract } from '../runtime-domain/store-cache.ts'
import { storeCommandHandlers } from '../runtime-domain/store-commands.ts'
import type { StoreCommandContract } from '../runtime-domain/store-commands.ts'
import { storeEventHandlers } from '../runtime-domain/store-events.ts'
import type { StoreEventContract } from '../runtime-domain/store-events.ts'
import { storeLogHandlers } from '../runtime-domain/store-logs.ts'
import type { StoreLogContract } from '../runtime-domain/store-logs.ts'
import { storeDataHandlers } from '../runtime-domain/store-objects.ts'
import type { StoreDataContract } from '../runtime-domain/store-objects.ts'
import { domain } from './domain.ts'
import type { Domain } from './domain.ts'

export type StoreDomains = readonly [
  Domain<'StoreEvent', StoreEventContract>,
  Domain<'StoreCommand', StoreCommandContract>,
  Domain<'StoreData', StoreDataContract>,
  Domain<'StoreCache', StoreCacheContract>,
  Domain<'StoreLog', StoreLogContract>,
]

/**
 * Five domains, one for each store, with four contracts each: the twenty store permissions are theirs. For members of the administrators of
 * the tenant SYSTEM alone; every use is in the audit log before it is done, and nothing here reaches the audit log itself.
 * Errors: plain ones, at set-up. Reference: docs/reference/runtime.md.
 */
export function registerStorePermissions(options: RateLimitOptions = {}): StoreDomains {
  const rate = rateLimit(options, 'registerStorePermissions()')
  const shared = { permissions: 'authorized', roles: ['any'] } as const
  return [
    domain('StoreEvent', { ...shared, handlers: storeEventHandlers(rate) }),
    domain('StoreCommand', { ...shared, handlers: storeCommandHandlers(rate) }),
    domain('StoreData', { ...shared, handlers: storeDataHandlers(rate) }),
    domain('StoreCache', { ...shared, handlers: storeCacheHandlers(rate) }),
    domain('StoreLog', { ...shared, handlers: storeLogHandlers(rate) }),
  ]
}
