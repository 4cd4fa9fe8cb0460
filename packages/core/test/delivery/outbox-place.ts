// What tests of the outbox's relay are written with: a store in memory on a fake clock, commits with messages, and a broker that does
// what a test tells it to.
import { outboxSettings } from '../../src/delivery/outbox-relay-options.ts'
import type { OutboxOptions } from '../../src/delivery/outbox-relay-options.ts'
import { startOutboxRelay } from '../../src/delivery/outbox-relay.ts'
import type { OutboxRelay } from '../../src/delivery/outbox-relay.ts'
import { commit, stored } from '../../src/conformance/event-store/given.ts'
import type { CommitFields } from '../../src/conformance/event-store/given.ts'
import { GestaError } from '../../src/errors/gesta-error.ts'
import type { Broker } from '../../src/registry/delivery-ports.ts'
import type { Envelope } from '../../src/registry/envelope.ts'
import { createRegistry } from '../../src/registry/registry.ts'
import type { Registry } from '../../src/registry/registry.ts'
import type { OpenBackend } from '../../src/stores/backend.ts'
import { memory } from '../../src/stores/memory-backend.ts'
import type { HeldMessage, OutboxStore } from '../../src/stores/outbox/outbox-store.ts'
import { createFakeClock, fakeRuntime, settled } from '../fake-clock.ts'
import type { FakeClock } from '../fake-clock.ts'

export interface OutboxPlace extends AsyncDisposable {
  readonly clock: FakeClock
  readonly backend: OpenBackend
  readonly outbox: OutboxStore
  /** Stores one commit with a message for each text, which is its key and its number: `a1`. */
  send(texts: readonly string[], fields?: CommitFields): Promise<void>
  /** A relay on the store, stopped when the test ends. */
  relay(broker: Broker, options?: OutboxOptions, changed?: RelayChanges): OutboxRelay
  /** Lets time pass until it holds; throws when it does not within ten minutes. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>
  held(): Promise<readonly HeldMessage[]>
}
/** What of a relay's surroundings is another one. */
export interface RelayChanges {
  readonly signal?: AbortSignal
  readonly registry?: Registry
  readonly backend?: Partial<Pick<OpenBackend, 'outbox' | 'leases' | 'events'>>
}

export async function openPlace(): Promise<OutboxPlace> {
  const clock = createFakeClock()
  const runtime = fakeRuntime(clock)
  const backend = await memory().open(runtime)
  const { outbox } = backend
  const relays: OutboxRelay[] = []
  return {
    clock,
    backend,
    outbox,
    send: async (texts, fields = {}) => {
      const messages = texts.map((text) => ({
        key: text.slice(0, 1),
        type: 'Order.Sent',
        schemaVersion: 2,
        data: JSON.stringify(text),
      }))
      await stored(backend.events, commit({ recordedAt: clock.nowUs(), ...fields, messages }))
    },
    relay: (broker, options = {}, { registry = createRegistry(), backend: changed = {}, signal } = {}) => {
      const { events, leases } = { ...backend, ...changed }
      const settings = outboxSettings({ backoff: { firstMs: 100, maxMs: 1_000 }, ...options }, 'shop')
      const parts = { outbox: changed.outbox ?? outbox, events, leases, broker, registry, settings, runtime, signal }
      const relay = startOutboxRelay(parts)
      relays.push(relay)
      return relay
    },
    until: async (holds) => {
      for (let stepMs = 1, passed = 0; passed < 600_000; passed += stepMs) {
        if (await holds()) return
        stepMs = Math.min(200, Math.max(10, Math.ceil(passed / 10)))
        await clock.advance(stepMs)
      }
      throw new Error('Expected it to hold within ten minutes.')
    },
    held: async () => (await outbox.list({}, { limit: 10_000 })).items,
    [Symbol.asyncDispose]: async () => {
      for (const relay of relays) await clock.finish(Promise.resolve(relay[Symbol.asyncDispose]()))
      await backend[Symbol.asyncDispose]()
    },
  }
}

/** What a test broker does with a batch: takes it, throws, or whatever the function does after some of it has arrived. */
export type Reaction = (
  events: readonly Envelope[],
  take: (events: readonly Envelope[]) => void,
) => Promise<void> | void
export interface TestBroker extends Broker {
  /** What arrived, batch by batch. */
  readonly batches: (readonly Envelope[])[]
  /** The values of what arrived, in order. */
  readonly values: readonly string[]
  /** Batches that are on their way, and how many events were at most. */
  readonly inFlight: number
  readonly inFlightMax: number
  /** What happens to every batch from now on. */
  react: Reaction
}
export const takes: Reaction = (events, take) => take(events)

export function createTestBroker(reaction: Reaction = takes): TestBroker {
  const batches: (readonly Envelope[])[] = []
  let inFlight = 0
  let inFlightMax = 0
  const broker = {
    batches,
    get values() {
      return batches.flatMap((batch) => batch.map(({ value }) => value as string))
    },
    get inFlight() {
      return inFlight
    },
    get inFlightMax() {
      return inFlightMax
    },
    react: reaction,
    publishEvents: async (events: readonly Envelope[]) => {
      inFlight += events.length
      inFlightMax = Math.max(inFlightMax, inFlight)
      try {
        await broker.react(events, (taken) => void batches.push(taken))
      } finally {
        inFlight -= events.length
      }
    },
  }
  return broker
}

export function unavailable(): GestaError {
  return new GestaError('broker_unavailable', 'Expected to reach the broker.')
}
/** Refuses batches that hold one of these values, and takes all others. */
export function refuses(...values: readonly string[]): Reaction {
  return (events, take) => {
    if (events.some(({ value }) => values.includes(value as string))) throw new TypeError('secret')
    take(events)
  }
}
/** Lets what is ready run. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await settled()
}
