// The conformance suite of outboxes that are sources too. How their events are received is the suite of event sources.
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import { givingUpCases } from './giving-up.ts'
import type { GivenOutbox, OpenOutbox, OutboxCapability, OutboxPlace } from './given.ts'
import { storingCases } from './storing.ts'

export type { Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { GivenOutbox, OpenOutbox, OutboxCapability, OutboxCase, OutboxPlace } from './given.ts'

/** Every behaviour of an outbox, for runners of one's own. */
export const outboxSuite: Suite<GivenOutbox, OutboxCapability> = {
  name: 'outbox',
  capabilities: ['durable', 'limited'],
  cases: [...storingCases, ...givingUpCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case. */
export function runOutboxSuite(
  test: TestFunction,
  newPlace: () => Promise<OutboxPlace>,
  capabilities: Capabilities<OutboxCapability>,
): void {
  runSuite(test, outboxSuite, capabilities, async (run) => {
    const place = await newPlace()
    const opened: [OpenOutbox, ...OpenOutbox[]] = [await place.open()]
    const reopen = async (): Promise<OpenOutbox> => {
      await opened.at(-1)?.[Symbol.asyncDispose]()
      const outbox = await place.open()
      opened.push(outbox)
      return outbox
    }
    try {
      await run({ outbox: opened[0], reopen, attemptsMax: place.attemptsMax })
    } finally {
      for (const outbox of opened) await outbox[Symbol.asyncDispose]()
      await place.remove()
    }
  })
}
