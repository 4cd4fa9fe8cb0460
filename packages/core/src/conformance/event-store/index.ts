// The conformance suite of the event store: what design and port promise, as cases that every adapter runs.
import type { EventStore } from '../../stores/event/event-store.ts'
import { runSuite } from '../suite.ts'
import type { BackendPlace, Capabilities, Suite, TestFunction } from '../suite.ts'
import { expectationCases } from './expectations.ts'
import { forkingCases } from './forking.ts'
import type { EventStoreCapability, GivenEventStore } from './given.ts'
import { listingCases } from './listing.ts'
import { neighbourCases } from './neighbours.ts'
import { orderCases } from './order.ts'
import { readingCases } from './reading.ts'
import { reopeningCases } from './reopening.ts'
import { repetitionCases } from './repetitions.ts'
import { emptyingCases, rewritingCases } from './rewriting.ts'
import { tailCases } from './tails.ts'
import { tenantCases } from './tenants.ts'
import { textCases } from './texts.ts'
import { valueCases } from './values.ts'

export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { EventStoreCapability, EventStoreCase, GivenEventStore } from './given.ts'
export { drawnCommit, drawnFilter } from './drawn-lists.ts'
export { checkLists } from './plain-list.ts'

/** Every behaviour of the event store, for runners of one's own. */
export const eventStoreSuite: Suite<GivenEventStore, EventStoreCapability> = {
  name: 'event store',
  capabilities: ['durable', 'rewriting'],
  cases: [
    ...orderCases,
    ...expectationCases,
    ...repetitionCases,
    ...tenantCases,
    ...neighbourCases,
    ...textCases,
    ...readingCases,
    ...tailCases,
    ...reopeningCases,
    ...forkingCases,
    ...listingCases,
    ...valueCases,
    ...rewritingCases,
    ...emptyingCases,
  ],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case, with `allowRewriting` if the adapter can. */
export function runEventStoreSuite(
  test: TestFunction,
  newPlace: () => Promise<BackendPlace>,
  capabilities: Capabilities<EventStoreCapability>,
): void {
  runSuite(test, eventStoreSuite, capabilities, async (run) => {
    const place = await newPlace()
    let backend = await place.open()
    const reopen = async (): Promise<EventStore> => {
      await backend[Symbol.asyncDispose]()
      backend = await place.open()
      return backend.events
    }
    try {
      await run({ store: backend.events, reopen })
    } finally {
      await backend[Symbol.asyncDispose]()
      await place.remove()
    }
  })
}
