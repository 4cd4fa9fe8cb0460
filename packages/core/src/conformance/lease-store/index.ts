// The conformance suite of the lease store: what the port promises, as cases that every adapter runs.
import { withStore } from '../store-place.ts'
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import { expiringCases } from './expiring.ts'
import type { GivenLeaseStore, LeaseStoreCapability, LeaseStorePlace } from './given.ts'
import { holdingCases } from './holding.ts'
import { historyCases } from './histories.ts'

export { placesOf } from '../store-place.ts'
export type { GivenStore, StorePlace } from '../store-place.ts'
export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { GivenLeaseStore, LeaseStoreCapability, LeaseStoreCase, LeaseStorePlace } from './given.ts'
export { leaseSteps, playLeaseSteps } from './steps.ts'
export type { LeaseStep } from './steps.ts'

/** Every behaviour of the lease store, for runners of one's own. */
export const leaseStoreSuite: Suite<GivenLeaseStore, LeaseStoreCapability> = {
  name: 'lease store',
  capabilities: ['durable', 'shared'],
  cases: [...holdingCases, ...expiringCases, ...historyCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case. */
export function runLeaseStoreSuite(
  test: TestFunction,
  newPlace: () => Promise<LeaseStorePlace>,
  capabilities: Capabilities<LeaseStoreCapability>,
): void {
  runSuite(test, leaseStoreSuite, capabilities, async (run) => {
    const place = await newPlace()
    await withStore(
      async () => place,
      (given) => run({ ...given, pass: place.pass }),
    )
  })
}
