// The conformance suite of the read-model store: what design and port promise, as cases that every adapter runs.
import type { ReadModelStore } from '../../stores/read-model/read-model-store.ts'
import { runSuite } from '../suite.ts'
import type { BackendPlace, Capabilities, Suite, TestFunction } from '../suite.ts'
import { flushingCases } from './flushing.ts'
import type { GivenReadModelStore, ReadModelStoreCapability } from './given.ts'
import { listingCases } from './listing.ts'
import { viewCases } from './views.ts'

export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { GivenReadModelStore, ReadModelStoreCapability, ReadModelStoreCase } from './given.ts'

/** Every behaviour of the read-model store, for runners of one's own. */
export const readModelStoreSuite: Suite<GivenReadModelStore, ReadModelStoreCapability> = {
  name: 'read-model store',
  capabilities: ['durable'],
  cases: [...flushingCases, ...viewCases, ...listingCases],
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
