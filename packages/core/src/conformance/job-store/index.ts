// The conformance suite of the job store: what the port promises, as cases that every adapter runs.
import type { OpenBackend } from '../../stores/backend.ts'
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import { arrivingCases } from './arriving.ts'
import { changingCases } from './changing.ts'
import { claimingCases } from './claiming.ts'
import { endingCases } from './ending.ts'
import type { GivenJobStore, JobStoreCapability, JobStorePlace, JobStores } from './given.ts'
import { historyCases } from './histories.ts'
import { keepingCases } from './keeping.ts'
import { listingCases } from './listing.ts'
import { losingCases } from './losing.ts'
import { repeatingCases } from './repeating.ts'

export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type {
  GivenJobStore,
  JobStoreCapability,
  JobStoreCase,
  JobStorePlace,
  JobStores,
  JobStoreTime,
} from './given.ts'
export { jobSteps, playJobSteps } from './steps.ts'
export type { JobStep } from './steps.ts'

/** Every behaviour of the job store, for runners of one's own. */
export const jobStoreSuite: Suite<GivenJobStore, JobStoreCapability> = {
  name: 'job store',
  capabilities: ['durable', 'rewriting', 'shared'],
  cases: [
    ...arrivingCases,
    ...repeatingCases,
    ...claimingCases,
    ...endingCases,
    ...losingCases,
    ...changingCases,
    ...listingCases,
    ...keepingCases,
    ...historyCases,
  ],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case, with `allowRewriting` if the adapter can. */
export function runJobStoreSuite(
  test: TestFunction,
  newPlace: () => Promise<JobStorePlace>,
  capabilities: Capabilities<JobStoreCapability>,
): void {
  runSuite(test, jobStoreSuite, capabilities, async (run) => {
    const place = await newPlace()
    const opened: OpenBackend[] = []
    const another = async (): Promise<JobStores> => {
      const backend = await place.open()
      opened.push(backend)
      const { events, jobs } = backend
      return { events, jobs }
    }
    const reopen = async (): Promise<JobStores> => {
      await opened.pop()?.[Symbol.asyncDispose]()
      return another()
    }
    try {
      await run({ ...(await another()), reopen, another, pass: place.pass })
    } finally {
      for (const backend of opened) await backend[Symbol.asyncDispose]()
      await place.remove()
    }
  })
}
