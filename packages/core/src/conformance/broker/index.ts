// The conformance suite of brokers: what a topic bus promises, as cases that every adapter runs. How one group receives is the
// suite of event sources.
import type { TopicBus } from '../../registry/delivery-ports.ts'
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import { groupCases } from './groups.ts'
import type { BrokerCapability, BrokerPlace, GivenBroker } from './given.ts'
import { publishingCases } from './publishing.ts'
import { serviceCases } from './services.ts'

export type { Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { BrokerCapability, BrokerCase, BrokerPlace, GivenBroker } from './given.ts'

/** Every behaviour of a topic bus, for runners of one's own. */
export const brokerSuite: Suite<GivenBroker, BrokerCapability> = {
  name: 'broker',
  capabilities: ['redelivers', 'lasting', 'durable', 'shared'],
  cases: [...publishingCases, ...groupCases, ...serviceCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case. */
export function runBrokerSuite(
  test: TestFunction,
  newPlace: () => Promise<BrokerPlace>,
  capabilities: Capabilities<BrokerCapability>,
): void {
  runSuite(test, brokerSuite, capabilities, async (run) => {
    const place = await newPlace()
    const opened: [TopicBus, ...TopicBus[]] = [await place.open()]
    const another = async (): Promise<TopicBus> => {
      const bus = await place.open()
      opened.push(bus)
      return bus
    }
    const reopen = async (): Promise<TopicBus> => {
      await opened.at(-1)?.[Symbol.asyncDispose]()
      return another()
    }
    try {
      await run({ bus: opened[0], reopen, another, runtime: place.runtime })
    } finally {
      for (const bus of opened) await bus[Symbol.asyncDispose]()
      await place.remove()
    }
  })
}
