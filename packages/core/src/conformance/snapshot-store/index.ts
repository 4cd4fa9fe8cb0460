// The conformance suite of the snapshot store: what the port promises, as cases that every adapter runs.
import type { SnapshotStore } from '../../stores/snapshot/snapshot-store.ts'
import { numbersOf } from '../random-numbers.ts'
import { withStore } from '../store-place.ts'
import type { StorePlace } from '../store-place.ts'
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import type { GivenSnapshotStore, SnapshotStoreCapability, SnapshotStoreCase } from './given.ts'
import { removingCases } from './removing.ts'
import { savingCases } from './saving.ts'
import { playSnapshotSteps, snapshotSteps } from './steps.ts'

export { placesOf } from '../store-place.ts'
export type { GivenStore, StorePlace } from '../store-place.ts'
export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { GivenSnapshotStore, SnapshotStoreCapability, SnapshotStoreCase } from './given.ts'
export { playSnapshotSteps, snapshotSteps } from './steps.ts'
export type { SnapshotStep } from './steps.ts'

const tenantCases = [1, 2, 3].map((seed): SnapshotStoreCase => ({
  group: 'tenants',
  name: `no step of one tenant changes or shows a byte of another (${seed})`,
  run: ({ store }) => playSnapshotSteps(store, snapshotSteps(numbersOf(seed, 25))),
}))

/** Every behaviour of the snapshot store, for runners of one's own. */
export const snapshotStoreSuite: Suite<GivenSnapshotStore, SnapshotStoreCapability> = {
  name: 'snapshot store',
  capabilities: ['durable'],
  cases: [...savingCases, ...removingCases, ...tenantCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case. */
export function runSnapshotStoreSuite(
  test: TestFunction,
  newPlace: () => Promise<StorePlace<SnapshotStore>>,
  capabilities: Capabilities<SnapshotStoreCapability>,
): void {
  runSuite(test, snapshotStoreSuite, capabilities, (run) => withStore(newPlace, run))
}
