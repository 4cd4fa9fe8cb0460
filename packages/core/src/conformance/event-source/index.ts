// The conformance suite of event sources: what a way for events promises, as cases that brokers, queues and outboxes run.
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import { deliveringCases } from './delivering.ts'
import type { Channel, ChannelPlace, EventSourceCapability, GivenChannel } from './given.ts'
import { settlingCases } from './settling.ts'
import { waitingCases } from './waiting.ts'
import { workingCases } from './working.ts'

export type { Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { Channel, ChannelPlace, EventSourceCapability, EventSourceCase, GivenChannel } from './given.ts'

/** Every behaviour of an event source, for runners of one's own. */
export const eventSourceSuite: Suite<GivenChannel, EventSourceCapability> = {
  name: 'event source',
  capabilities: ['ordered', 'redelivers', 'competing', 'durable', 'drains'],
  cases: [...deliveringCases, ...settlingCases, ...waitingCases, ...workingCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case. */
export function runEventSourceSuite(
  test: TestFunction,
  newPlace: () => Promise<ChannelPlace>,
  capabilities: Capabilities<EventSourceCapability>,
): void {
  runSuite(test, eventSourceSuite, capabilities, async (run) => {
    const place = await newPlace()
    const opened: [Channel, ...Channel[]] = [await place.open()]
    const reopen = async (): Promise<Channel> => {
      await opened.at(-1)?.[Symbol.asyncDispose]()
      const channel = await place.open()
      opened.push(channel)
      return channel
    }
    try {
      const { batchEventsMax, dropsRepetitions, runtime } = place
      await run({ channel: opened[0], reopen, batchEventsMax, dropsRepetitions, runtime })
    } finally {
      for (const channel of opened) await channel[Symbol.asyncDispose]()
      await place.remove()
    }
  })
}
