// The conformance suite of the credential store: what the port promises, as cases that every adapter runs.
import type { CredentialStore } from '../../stores/credential/credential-store.ts'
import { numbersOf } from '../random-numbers.ts'
import { withStore } from '../store-place.ts'
import type { StorePlace } from '../store-place.ts'
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import type { CredentialStoreCapability, CredentialStoreCase, GivenCredentialStore } from './given.ts'
import { keepingCases } from './keeping.ts'
import { listingCases } from './listing.ts'
import { removingCases } from './removing.ts'
import { credentialSteps, playCredentialSteps } from './steps.ts'

export { placesOf } from '../store-place.ts'
export type { GivenStore, StorePlace } from '../store-place.ts'
export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { CredentialStoreCapability, CredentialStoreCase, GivenCredentialStore } from './given.ts'
export { credentialSteps, playCredentialSteps } from './steps.ts'
export type { CredentialStep } from './steps.ts'

const tenantCases = [1, 2, 3].map((seed): CredentialStoreCase => ({
  group: 'tenants',
  name: `no step of one tenant changes or shows a byte of another (${seed})`,
  run: ({ store }) => playCredentialSteps(store, credentialSteps(numbersOf(seed, 40))),
}))

/** Every behaviour of the credential store, for runners of one's own. */
export const credentialStoreSuite: Suite<GivenCredentialStore, CredentialStoreCapability> = {
  name: 'credential store',
  capabilities: ['durable', 'shared'],
  cases: [...keepingCases, ...removingCases, ...listingCases, ...tenantCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case. */
export function runCredentialStoreSuite(
  test: TestFunction,
  newPlace: () => Promise<StorePlace<CredentialStore>>,
  capabilities: Capabilities<CredentialStoreCapability>,
): void {
  runSuite(test, credentialStoreSuite, capabilities, (run) => withStore(newPlace, run))
}
