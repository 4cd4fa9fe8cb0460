// Typed keys: what a key names is known to the compiler, and parts of it cannot run into each other.
import type { CachedKey } from '../dispatch/caching.ts'

/**
 * Keys of values of one kind: `const priceOf = cacheKey<Price>('Shop.Price')`, then `priceOf(sku)`. What an answer depends on belongs into
 * the key, also who asks, where that matters; the tenant does so by itself.
 * @param name unique in the app; ends in a version such as `.2` once the values change their form.
 * Errors: a plain one for an empty name. Reference: docs/reference/cache.md.
 */
export function cacheKey<Value>(name: string): (...parts: readonly (string | number)[]) => CachedKey<Value> {
  if (typeof name !== 'string' || !/^[\w.-]+$/.test(name))
    throw new Error(`Expected the name of a cache key to be letters, digits, dots and hyphens, received "${name}".`)
  return (...parts) => ({ text: parts.reduce((text: string, part) => `${text}/${partText(part)}`, name) })
}

/** Most parts are ids, which need no escape. */
function partText(part: string | number): string {
  return typeof part === 'string' && !/^[\w.-]+$/.test(part) ? encodeURIComponent(part) : String(part)
}
