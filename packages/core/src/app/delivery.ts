// What delivery offers to programs: the engines with this process's clock and randomness, unless others are given.
import type { Role } from '../contracts/messages.ts'
import { relayEvents } from '../delivery/event-relay.ts'
import type { EventRelayOptions } from '../delivery/event-relay.ts'
import { workEvents } from '../delivery/event-worker.ts'
import type { EventWorkerOptions } from '../delivery/event-worker.ts'
import { openFanout } from '../delivery/fanout-hub.ts'
import type { FanoutHub } from '../delivery/fanout-hub.ts'
import type { FanoutOptions } from '../delivery/fanout-options.ts'
import { openSharedFanout } from '../delivery/fanout-sharing.ts'
import type { SharedFanout, SharedFanoutOptions } from '../delivery/fanout-sharing.ts'
import { topicBusInMemory } from '../delivery/memory-topic-bus.ts'
import type { QueueBounds } from '../delivery/memory-topic-bus.ts'
import type { Broker, EventSource, Fanout, TopicBus } from '../registry/delivery-ports.ts'
import { forRole } from '../registry/for-role.ts'
import type { Registry } from '../registry/registry.ts'
import { checkOptions } from '../schema/options.ts'
import type { Clock } from '../time/clock.ts'
import { systemRuntime } from './system.ts'

/**
 * Dispatches what a source delivers to the subscribers in the registry, batch by batch, until the source is closed or the worker is
 * stopped. Events that were dealt with before, or come twice in a batch, are skipped; presentation events are dropped, because they
 * are never input. A batch is acknowledged after its last event, and marked as seen after that. One that fails is given back, and
 * comes again after a wait. Resolves when the source is closed or `drain` aborted; rejects with the reason of `signal`.
 * Errors: `nil_handler`; `nack_failed` with both errors; when the source takes nothing back, what failed; what receiving or
 * acknowledging failed with, unchanged. A plain error for a role or option that does not exist.
 * Reference: docs/reference/delivery.md.
 */
export async function runEventWorker(
  registry: Registry,
  source: EventSource,
  options: EventWorkerOptions = {},
): Promise<void> {
  return workEvents(registry, source, options, options.runtime ?? systemRuntime())
}

/** `runEventWorker` with a role. Reference: docs/reference/delivery.md. */
export function runEventWorkerForRole(
  registry: Registry,
  role: Role,
  source: EventSource,
  options?: Omit<EventWorkerOptions, 'role'>,
): Promise<void> {
  return runEventWorker(registry, source, forRole(role, options))
}

/**
 * Hands what a source delivers to a broker, each batch as one, until the source is closed or the relay is stopped. A batch is
 * acknowledged when the broker has taken it; one that fails is given back and comes again after a wait.
 * Errors: as `runEventWorker`.
 * Reference: docs/reference/delivery.md.
 */
export async function runEventRelay(
  source: EventSource,
  broker: Broker,
  options: EventRelayOptions = {},
): Promise<void> {
  return relayEvents(source, broker, options, options.runtime ?? systemRuntime())
}

export interface MemoryTopicBusOptions extends QueueBounds {
  /** Tells when an event was published. Default: that of this process. */
  readonly clock?: Pick<Clock, 'nowUs'> | undefined
}

/** A topic bus for the services of one process; its groups live as long as it does. Reference: docs/reference/delivery.md. */
export function createMemoryTopicBus(options: MemoryTopicBusOptions = {}): TopicBus {
  checkOptions(options, ['eventsMax', 'clock'], 'createMemoryTopicBus()')
  return topicBusInMemory(options.clock ?? systemRuntime().clock, options)
}

/**
 * A hub of presentation events, for `start({ fanout })` and the clients of a transport. An event goes to every client of its tenant
 * that holds all labels of its audience and asked for its type; clients that come back with the id of their last event are sent what
 * they missed, or told to read everything again. No client can slow others or a command down: one that does not read is cut.
 * Errors: plain ones for options; of sending: `invalid_output`, `payload_too_large`.
 * Reference: docs/reference/fanout.md.
 */
export function createFanout(options: FanoutOptions = {}): FanoutHub {
  return openFanout(options, options.runtime ?? systemRuntime())
}

/**
 * A fanout that several processes share: what one of them is sent, the clients of all are shown. Needs a topic whose groups end with
 * their process, as in memory and on core NATS; a group that outlives a killed process has to be removed there.
 * Errors: those of `fanout`; of publishing and subscribing those of the bus. The clients of this process are shown first.
 * Reference: docs/reference/fanout.md.
 */
export async function shareFanout(
  fanout: Fanout,
  bus: TopicBus,
  options: SharedFanoutOptions = {},
): Promise<SharedFanout> {
  return openSharedFanout(fanout, bus, options, options.runtime ?? systemRuntime())
}
