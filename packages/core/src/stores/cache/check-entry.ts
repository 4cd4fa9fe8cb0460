// What every cache store refuses: keys that cannot be kept exactly, values that are no JSON text or over the limit, times to live
// that no backend can count. Adapters call these first; the conformance suite checks that they do.
import { checkPayloadSize } from '../../codec/json.ts'
import { checkKey } from '../../codec/key-text.ts'
import { checkJsonText, checkTenant, checkWhole } from '../check-text.ts'
import { askPage } from '../page.ts'
import type { AskedPage } from '../page.ts'
import type { CacheKey, CacheOptions, CachePageRequest } from './cache-store.ts'

const ttlMsMax = 31_536_000_000

/** Errors: `invalid_key`. */
export function checkCacheKey({ tenant, key }: CacheKey): void {
  checkTenant(tenant)
  checkKey(key, 'cache key')
}

/** Errors: `invalid_key`, `invalid_output`, `payload_too_large`; a `RangeError` for the time to live. */
export function checkCacheEntry(key: CacheKey, value: string, { ttlMs }: CacheOptions = {}): void {
  checkCacheKey(key)
  checkJsonText(value, 'cached value')
  checkPayloadSize(value, 'the cached value')
  if (ttlMs !== undefined) checkWhole(ttlMs, 'time to live in milliseconds', 1, ttlMsMax)
}

/** The checked question of a list; its cursor holds the key. Errors: `invalid_key`, `invalid_cursor`; a `RangeError`. */
export function askEntries(tenant: string, page: CachePageRequest | undefined): AskedPage<readonly [string]> {
  checkTenant(tenant)
  if (page?.prefix !== undefined && page.prefix !== '') checkKey(page.prefix, 'prefix')
  return askPage({ list: 'cache entries', question: { tenant, prefix: page?.prefix ?? '' } }, ['text'], page)
}
