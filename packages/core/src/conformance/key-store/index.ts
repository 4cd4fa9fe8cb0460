// The conformance suite of the key store: what the port promises, as cases that every adapter runs.
import type { KeyStore } from '../../stores/key/key-store.ts'
import { numbersOf } from '../random-numbers.ts'
import { withStore } from '../store-place.ts'
import type { StorePlace } from '../store-place.ts'
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import type { GivenKeyStore, KeyStoreCapability, KeyStoreCase } from './given.ts'
import { keepingCases } from './keeping.ts'
import { listingCases } from './listing.ts'
import { replayingCases } from './replaying.ts'
import { shreddingCases } from './shredding.ts'
import { keySteps, playKeySteps } from './steps.ts'

export { placesOf } from '../store-place.ts'
export type { GivenStore, StorePlace } from '../store-place.ts'
export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { GivenKeyStore, KeyStoreCapability, KeyStoreCase } from './given.ts'
export { keySteps, playKeySteps } from './steps.ts'
export type { KeyStep } from './steps.ts'

const tenantCases = [1, 2, 3].map((seed): KeyStoreCase => ({
  group: 'tenants',
  name: `no step of one tenant changes or shows a byte of another (${seed})`,
  run: ({ store }) => playKeySteps(store, keySteps(numbersOf(seed, 40))),
}))

/** Every behaviour of the key store, for runners of one's own. */
export const keyStoreSuite: Suite<GivenKeyStore, KeyStoreCapability> = {
  name: 'key store',
  capabilities: ['durable', 'shared'],
  cases: [...keepingCases, ...shreddingCases, ...replayingCases, ...listingCases, ...tenantCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case. */
export function runKeyStoreSuite(
  test: TestFunction,
  newPlace: () => Promise<StorePlace<KeyStore>>,
  capabilities: Capabilities<KeyStoreCapability>,
): void {
  runSuite(test, keyStoreSuite, capabilities, (run) => withStore(newPlace, run))
}
