// What the cases of this suite are written with: a topic bus, and the envelopes and receivers of the suite of event sources.
import type { Broker, TopicBus } from '../../registry/delivery-ports.ts'
import type { Envelope } from '../../registry/envelope.ts'
import { emptyContext } from '../../request-context/request-context.ts'
import type { BackendRuntime } from '../../stores/backend.ts'
import { forEver } from '../event-source/given.ts'
import type { Case } from '../suite.ts'

/**
 * `redelivers`: what a group did not acknowledge comes again.
 * `lasting`: a group outlives its receivers, and gets what is published while it has none.
 * `durable`: groups and what they did not acknowledge outlive the processes.
 * `shared`: the same place can be opened several times at once, by one process or by many.
 */
export type BrokerCapability = 'redelivers' | 'lasting' | 'durable' | 'shared'
export interface BrokerPlace {
  /** Real clock and randomness, for workers. */
  readonly runtime: BackendRuntime
  /** Connects to the place; nothing is published there by anybody else. */
  open(): Promise<TopicBus>
  /** Removes topics and groups; called when every bus is closed. */
  remove(): Promise<void>
}
export interface GivenBroker extends Pick<BrokerPlace, 'runtime'> {
  readonly bus: TopicBus
  /** Closes the bus and connects again, as after a restart. */
  reopen(): Promise<TopicBus>
  /** Connects once more, as another process would. */
  another(): Promise<TopicBus>
}
export type BrokerCase = Case<GivenBroker, BrokerCapability>

/** Publishes to a topic in the name of `shop`. */
export async function publish(bus: TopicBus, topic: string, events: readonly Envelope[]): Promise<void> {
  await publishWith(bus.publisher(topic, { source: 'shop' }), events)
}
/** Publishes in nobody's name in particular. */
export async function publishWith(broker: Broker, events: readonly Envelope[]): Promise<void> {
  await broker.publishEvents(events, { context: emptyContext, signal: forEver() })
}
