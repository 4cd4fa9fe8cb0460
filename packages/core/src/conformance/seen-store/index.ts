// The conformance suite of the seen store: what the port promises, as cases that every adapter runs.
import { withStore } from '../store-place.ts'
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import { forgettingCases } from './forgetting.ts'
import type { GivenSeenStore, SeenStoreCapability, SeenStorePlace } from './given.ts'
import { markingCases } from './marking.ts'

export { placesOf } from '../store-place.ts'
export type { GivenStore, StorePlace } from '../store-place.ts'
export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { GivenSeenStore, SeenStoreCapability, SeenStoreCase, SeenStorePlace } from './given.ts'
export { playSeenSteps, seenSteps } from './steps.ts'
export type { SeenStep } from './steps.ts'

/** Every behaviour of the seen store, for runners of one's own. */
export const seenStoreSuite: Suite<GivenSeenStore, SeenStoreCapability> = {
  name: 'seen store',
  capabilities: ['counted', 'durable', 'shared'],
  cases: [...markingCases, ...forgettingCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case. */
export function runSeenStoreSuite(
  test: TestFunction,
  newPlace: () => Promise<SeenStorePlace>,
  capabilities: Capabilities<SeenStoreCapability>,
): void {
  runSuite(test, seenStoreSuite, capabilities, async (run) => {
    const place = await newPlace()
    await withStore(
      async () => place,
      (given) => run({ ...given, idsMax: place.idsMax }),
    )
  })
}
