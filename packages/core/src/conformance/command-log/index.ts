// The conformance suite of the command log: what the port promises, as cases that every log runs. One beside an event store is run with
// `runCommandLogSuite`, one of its own with `runSuite`.
import type { CommandLog } from '../../stores/command-log/command-log.ts'
import type { CommandLogStore } from '../../stores/command-log/command-log-store.ts'
import { withStore } from '../store-place.ts'
import type { StorePlace } from '../store-place.ts'
import { runSuite as runCases } from '../suite.ts'
import type { BackendPlace, Capabilities, Suite, TestFunction } from '../suite.ts'
import { chainCases } from './chains.ts'
import { crowdCases } from './crowds.ts'
import { forgettingCases } from './forgetting.ts'
import type {
  CommandLogCapability,
  CommandLogCase,
  CommandLogStoreCapability,
  GivenCommandLogStore,
  GivenHeaders,
} from './given.ts'
import { headerCases } from './headers.ts'
import { historyCases } from './histories.ts'
import { keepingCases } from './keeping.ts'
import { listingCases } from './listing.ts'
import { recordingCases } from './recording.ts'
import { storeByCommits } from './stored-by-commits.ts'

export type { StorePlace } from '../store-place.ts'
export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type {
  CommandLogCapability,
  CommandLogCase,
  CommandLogStoreCapability,
  CommandLogStoreCase,
  GivenCommandLog,
  GivenCommandLogStore,
  GivenHeaders,
  HeaderCase,
} from './given.ts'

const sharedCases: readonly CommandLogCase[] = [
  ...keepingCases,
  ...listingCases,
  ...chainCases,
  ...crowdCases,
  ...forgettingCases,
]

/** Every behaviour of a log of headers, for runners of one's own. */
export const commandLogSuite: Suite<GivenHeaders, CommandLogCapability> = {
  name: 'command log',
  capabilities: ['durable', 'rewriting'],
  cases: [...sharedCases, ...headerCases],
}
/** Every behaviour of a log of its own, for runners of one's own. */
export const commandLogStoreSuite: Suite<GivenCommandLogStore, CommandLogStoreCapability> = {
  name: 'command log store',
  capabilities: ['durable', 'shared'],
  cases: [...sharedCases, ...recordingCases, ...historyCases],
}

/**
 * Proves a command log of your own, with node:test or alike. `newPlace` makes an empty place for each case. What the store does not do
 * is declared with the reason, which is shown at the cases that are skipped.
 *
 *   runSuite(test, async () => ({ open: async () => myCommandLog(), remove: async () => {} }), {
 *     durable: 'it lives in memory',
 *     shared: 'it lives in memory',
 *   })
 *
 * Guide: docs/guides/command-log-of-your-own.md.
 */
export function runSuite(
  test: TestFunction,
  newPlace: () => Promise<StorePlace<CommandLogStore>>,
  capabilities: Capabilities<CommandLogStoreCapability>,
): void {
  runCases(test, commandLogStoreSuite, capabilities, (run) =>
    withStore(newPlace, async ({ store, reopen, another }) => {
      const record: GivenCommandLogStore['record'] = async (records) => {
        await store.record(records)
        return records
      }
      await run({ log: store, record, reopen, another, close: async () => store[Symbol.asyncDispose]() })
    }),
  )
}

/** Proves the log of a backend's headers. `newPlace` makes an empty place for each case, with `allowRewriting` if the backend can. */
export function runCommandLogSuite(
  test: TestFunction,
  newPlace: () => Promise<BackendPlace>,
  capabilities: Capabilities<CommandLogCapability>,
): void {
  runCases(test, commandLogSuite, capabilities, async (run) => {
    const place = await newPlace()
    let backend = await place.open()
    const { events, commandLog: log } = backend
    const close = async (): Promise<void> => backend[Symbol.asyncDispose]()
    const reopen = async (): Promise<CommandLog> => {
      await close()
      backend = await place.open()
      return backend.commandLog
    }
    try {
      await run({ log, events, record: async (records) => storeByCommits(events, records), reopen, close })
    } finally {
      await close()
      await place.remove()
    }
  })
}
