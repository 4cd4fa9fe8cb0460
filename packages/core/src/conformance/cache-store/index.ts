// The conformance suite of the cache store: what the port promises, as cases that every adapter runs.
import type { CacheStore } from '../../stores/cache/cache-store.ts'
import { withStore } from '../store-place.ts'
import type { StorePlace } from '../store-place.ts'
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import type { CacheStoreCapability, GivenCacheStore } from './given.ts'
import { historyCases } from './histories.ts'
import { listingCases } from './listing.ts'
import { tenantCases } from './tenants.ts'
import { valueCases } from './values.ts'

export { placesOf } from '../store-place.ts'
export type { GivenStore, StorePlace } from '../store-place.ts'
export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { CacheStoreCapability, CacheStoreCase, GivenCacheStore } from './given.ts'
export { cacheSteps, playCacheSteps } from './steps.ts'
export type { CacheStep } from './steps.ts'

/** Every behaviour of the cache store, for runners of one's own. */
export const cacheStoreSuite: Suite<GivenCacheStore, CacheStoreCapability> = {
  name: 'cache store',
  capabilities: ['durable', 'shared', 'endless'],
  cases: [...valueCases, ...listingCases, ...tenantCases, ...historyCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case, with bounds of at least 16 MiB. */
export function runCacheStoreSuite(
  test: TestFunction,
  newPlace: () => Promise<StorePlace<CacheStore>>,
  capabilities: Capabilities<CacheStoreCapability>,
): void {
  runSuite(test, cacheStoreSuite, capabilities, (run) => withStore(newPlace, run))
}
