// The conformance suite of the outbox store: what the port promises, as cases that every adapter runs.
import type { OpenBackend } from '../../stores/backend.ts'
import { runSuite } from '../suite.ts'
import type { BackendPlace, Capabilities, Suite, TestFunction } from '../suite.ts'
import type { GivenOutboxStore, OutboxStoreCapability, OutboxStores } from './given.ts'
import { historyCases } from './histories.ts'
import { holdingCases } from './holding.ts'
import { listingCases } from './listing.ts'
import { readingCases } from './reading.ts'
import { repairingCases } from './repairing.ts'
import { settlingCases } from './settling.ts'

export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { GivenOutboxStore, OutboxStoreCapability, OutboxStoreCase, OutboxStores } from './given.ts'
export { outboxSteps, playOutboxSteps } from './steps.ts'
export type { OutboxStep } from './steps.ts'

/** Every behaviour of the outbox store, for runners of one's own. */
export const outboxStoreSuite: Suite<GivenOutboxStore, OutboxStoreCapability> = {
  name: 'outbox store',
  capabilities: ['durable', 'rewriting', 'shared'],
  cases: [...readingCases, ...settlingCases, ...holdingCases, ...listingCases, ...repairingCases, ...historyCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case, with `allowRewriting` if the adapter can. */
export function runOutboxStoreSuite(
  test: TestFunction,
  newPlace: () => Promise<BackendPlace>,
  capabilities: Capabilities<OutboxStoreCapability>,
): void {
  runSuite(test, outboxStoreSuite, capabilities, async (run) => {
    const place = await newPlace()
    const opened: OpenBackend[] = []
    const another = async (): Promise<OutboxStores> => {
      const backend = await place.open()
      opened.push(backend)
      const { events, outbox } = backend
      return { events, outbox }
    }
    const reopen = async (): Promise<OutboxStores> => {
      await opened.pop()?.[Symbol.asyncDispose]()
      return another()
    }
    try {
      await run({ ...(await another()), reopen, another })
    } finally {
      for (const backend of opened) await backend[Symbol.asyncDispose]()
      await place.remove()
    }
  })
}
