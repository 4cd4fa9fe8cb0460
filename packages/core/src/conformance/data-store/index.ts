// The conformance suite of the data store: what the port promises, as cases that every adapter runs.
import type { DataStore } from '../../stores/data/data-store.ts'
import { withStore } from '../store-place.ts'
import type { StorePlace } from '../store-place.ts'
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import type { DataStoreCapability, GivenDataStore } from './given.ts'
import { historyCases } from './histories.ts'
import { listingCases } from './listing.ts'
import { nameCases } from './names.ts'
import { objectCases } from './objects.ts'
import { tenantCases } from './tenants.ts'

export { placesOf } from '../store-place.ts'
export type { GivenStore, StorePlace } from '../store-place.ts'
export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { DataStoreCapability, DataStoreCase, GivenDataStore } from './given.ts'
export { dataSteps, playDataSteps } from './steps.ts'
export type { DataStep } from './steps.ts'

/** Every behaviour of the data store, for runners of one's own. */
export const dataStoreSuite: Suite<GivenDataStore, DataStoreCapability> = {
  name: 'data store',
  capabilities: ['durable', 'shared'],
  cases: [...objectCases, ...nameCases, ...listingCases, ...tenantCases, ...historyCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case. */
export function runDataStoreSuite(
  test: TestFunction,
  newPlace: () => Promise<StorePlace<DataStore>>,
  capabilities: Capabilities<DataStoreCapability>,
): void {
  runSuite(test, dataStoreSuite, capabilities, (run) => withStore(newPlace, run))
}
