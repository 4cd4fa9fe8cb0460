// What the cases of this suite are written with: a worker on a clock that stands still, a registry that keeps a diary, and a source
// that plays batches one after the other.
import assert from 'node:assert/strict'
import type { DomainEventContract, EventContract } from '../../contracts/contract.ts'
import { event, integrationEvent, presentationEvent } from '../../contracts/define.ts'
import type { EventWorkerOptions } from '../../delivery/event-worker.ts'
import { createIds } from '../../ids/ids.ts'
import type { Observation } from '../../observation/observation.ts'
import type { EventBatch, EventSource } from '../../registry/delivery-ports.ts'
import type { EnvelopeDraft } from '../../registry/envelope.ts'
import { registerDomainEvent, registerIntegrationEvent, registerPresentationEvent } from '../../registry/register.ts'
import { createRegistry } from '../../registry/registry.ts'
import type { Registry } from '../../registry/registry.ts'
import type { AllowedRole } from '../../registry/roles.ts'
import type { SubscriberContext } from '../../registry/run-context.ts'
import type { Schema } from '../../schema/schema.ts'
import type { BackendRuntime } from '../../stores/backend.ts'
import type { Clock } from '../../time/clock.ts'
import type { Case } from '../suite.ts'

export interface GivenEventWorker {
  /** The worker under test. */
  run(registry: Registry, source: EventSource, options: EventWorkerOptions): Promise<void>
}
export type EventWorkerCase = Case<GivenEventWorker, never>

interface Numbered {
  readonly n: number
}
const numbered: Schema<Numbered, Numbered> = {
  '~standard': {
    version: 1,
    vendor: 'gesta',
    validate: (value) =>
      typeof (value as Partial<Numbered> | undefined)?.n === 'number'
        ? { value: value as Numbered }
        : { issues: [{ message: 'has no number' }] },
  },
}
const Placed: DomainEventContract<'Order.Placed', Numbered> = event('Order.Placed', numbered)
const Paid: EventContract<'integration', 'Order.Paid', Numbered> = integrationEvent('Order.Paid', numbered)
const Shown: EventContract<'presentation', 'Order.Shown', Numbered> = presentationEvent('Order.Shown', numbered)

export interface Stage {
  readonly registry: Registry
  /** What happened, in order: `placed 1`, `ack 1`, ... */
  readonly diary: string[]
  readonly observed: Observation[]
  /** Clock and randomness of the worker. */
  readonly runtime: BackendRuntime
  /** Milliseconds of the waits that began. */
  readonly waits: number[]
  /** Ends the wait that is going on. */
  wake(): void
  /** Subscribes to all three events: the diary gets a line, then `on` runs, which may throw. */
  subscribe(on?: (n: number, run: SubscriberContext) => Promise<void> | void, roles?: readonly AllowedRole[]): void
}

/** `endless`: waits last until `wake`; otherwise they are over at once. */
export function newStage(endless: 'endless' | 'at once' = 'at once'): Stage {
  const diary: string[] = []
  const observed: Observation[] = []
  const waits: number[] = []
  let ring: (() => void) | undefined
  const clock: Clock = {
    nowUs: () => 0,
    monotonicUs: () => 0,
    after: (delayMs, run) => {
      waits.push(delayMs)
      ring = run
      if (endless === 'at once') queueMicrotask(run)
      return { cancel: () => (ring = undefined) }
    },
  }
  const ids = createIds(clock, (bytes) => bytes.fill(255))
  const registry = createRegistry({ observe: (each) => observed.push(each), newId: () => 'made' })
  return {
    registry,
    diary,
    observed,
    runtime: { clock, ids: { ...ids, random: () => 0.5 } },
    waits,
    wake: () => ring?.(),
    subscribe: (on = () => undefined, roles) => {
      const keep =
        (what: string) =>
        async ({ n }: Numbered, run: SubscriberContext): Promise<void> => {
          diary.push(`${what} ${n}`)
          await on(n, run)
        }
      registerDomainEvent(registry, Placed, keep('placed'), { roles })
      registerIntegrationEvent(registry, Paid, keep('paid'), { roles })
      registerPresentationEvent(registry, Shown, keep('shown'), { roles })
    },
  }
}

/** An envelope of `Order.Placed` with the number as value and, unless another one is given, as id. */
export function placed(n: number, id: string | undefined = `event-${n}`): EnvelopeDraft {
  return { id, category: 'domain', type: 'Order.Placed', value: { n } }
}

export type Play = EventBatch | Error | 'wait'

/** Batches in turn, then the end. An error is thrown; `wait` never answers, and does not look at its signal. */
export function playing(...plays: readonly Play[]): EventSource & {
  readonly received: number
  readonly signals: readonly AbortSignal[]
} {
  const signals: AbortSignal[] = []
  return {
    get received() {
      return signals.length
    },
    signals,
    receiveEventBatch: async ({ signal }) => {
      const play = plays[signals.length]
      signals.push(signal)
      if (play instanceof Error) throw play
      return play === 'wait' ? Promise.withResolvers<undefined>().promise : play
    },
  }
}

/** A batch whose hooks write into the diary: `ack`, `nack`. */
export function kept(diary: string[], ...events: readonly EnvelopeDraft[]): Required<EventBatch> {
  return {
    events,
    ack: async () => void diary.push('ack'),
    nack: async () => void diary.push('nack'),
  }
}

/** Everything that needs no time to pass has happened. */
export async function settledWork(): Promise<void> {
  for (let turns = 0; turns < 200; turns += 1) await Promise.resolve()
}

/** Insists that the worker rejects with this very error. */
export async function rejectsWith(work: Promise<void>, error: unknown): Promise<void> {
  await assert.rejects(work, (received) => {
    assert.equal(received, error)
    return true
  })
}
