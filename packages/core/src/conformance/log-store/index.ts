// The conformance suite of the log store: what the port promises, as cases that every adapter runs.
import type { LogStore } from '../../stores/log/log-store.ts'
import { withStore } from '../store-place.ts'
import type { StorePlace } from '../store-place.ts'
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import type { GivenLogStore, LogStoreCapability } from './given.ts'
import { lineCases } from './lines.ts'
import { purgingCases } from './purging.ts'
import { searchingCases } from './searching.ts'

export { placesOf } from '../store-place.ts'
export type { GivenStore, StorePlace } from '../store-place.ts'
export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { GivenLogStore, LogStoreCapability, LogStoreCase } from './given.ts'
export { logSteps, playLogSteps } from './steps.ts'
export type { LogStep } from './steps.ts'

/** Every behaviour of the log store, for runners of one's own. */
export const logStoreSuite: Suite<GivenLogStore, LogStoreCapability> = {
  name: 'log store',
  capabilities: ['durable', 'shared'],
  cases: [...lineCases, ...searchingCases, ...purgingCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case, with bounds of at least 16 MiB. */
export function runLogStoreSuite(
  test: TestFunction,
  newPlace: () => Promise<StorePlace<LogStore>>,
  capabilities: Capabilities<LogStoreCapability>,
): void {
  runSuite(test, logStoreSuite, capabilities, (run) => withStore(newPlace, run))
}
