// The conformance suite of the read-model store: what design and port promise, as cases that every adapter runs.
import type { ReadModelStore } from '../../stores/read-model/read-model-store.ts'
import { runSuite } from '../suite.ts'
import type { BackendPlace, Capabilities, Suite, TestFunction } from '../suite.ts'
import { fencingCases } from './fencing.ts'
import { flushingCases } from './flushing.ts'
import { generationCases } from './generations.ts'
import type { GivenReadModelStore, ReadModelStoreCapability } from './given.ts'
import { listingCases } from './listing.ts'
import { ownStatementCases } from './own-statements.ts'
import { ownTableCases } from './own-tables.ts'
import { parkedRequestCases } from './parked-requests.ts'
import { parkingCases } from './parking.ts'
import { planCases } from './plans.ts'
import { scanningCases } from './scanning.ts'
import { viewCases } from './views.ts'

export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { GivenReadModelStore, ReadModelStoreCapability, ReadModelStoreCase } from './given.ts'

/** Every behaviour of the read-model store, for runners of one's own. */
export const readModelStoreSuite: Suite<GivenReadModelStore, ReadModelStoreCapability> = {
  name: 'read-model store',
  capabilities: ['durable', 'sql'],
  cases: [
    ...flushingCases,
    ...viewCases,
    ...listingCases,
    ...scanningCases,
    ...planCases,
    ...generationCases,
    ...fencingCases,
    ...parkingCases,
    ...parkedRequestCases,
    ...ownTableCases,
    ...ownStatementCases,
  ],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case. */
export function runReadModelStoreSuite(
  test: TestFunction,
  newPlace: () => Promise<BackendPlace>,
  capabilities: Capabilities<ReadModelStoreCapability>,
): void {
  runSuite(test, readModelStoreSuite, capabilities, async (run) => {
    const place = await newPlace()
    let backend = await place.open()
    const reopen = async (): Promise<ReadModelStore> => {
      await backend[Symbol.asyncDispose]()
      backend = await place.open()
      return backend.readModels
    }
    try {
      await run({ store: backend.readModels, reopen })
    } finally {
      await backend[Symbol.asyncDispose]()
      await place.remove()
    }
  })
}
