// Services that talk through a bus, each with a registry and a worker of its own: what one publishes, others act on and publish further.
import assert from 'node:assert/strict'
import type { EventContract } from '../../contracts/contract.ts'
import { integrationEvent } from '../../contracts/define.ts'
import { workEvents } from '../../delivery/event-worker.ts'
import type { TopicBus } from '../../registry/delivery-ports.ts'
import { publishEventsToBroker } from '../../registry/destination-sinks.ts'
import { registerIntegrationEvent } from '../../registry/register.ts'
import { createRegistry } from '../../registry/registry.ts'
import type { SubscriberContext } from '../../registry/run-context.ts'
import type { Schema } from '../../schema/schema.ts'
import type { BackendRuntime } from '../../stores/backend.ts'
import { placed, placedFrom } from '../event-source/given.ts'
import { publishWith } from './given.ts'
import type { BrokerCase } from './given.ts'

const anything: Schema<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'gesta', validate: (value) => ({ value }) },
}
const Happened: EventContract<'integration', 'Service.Happened', unknown> = integrationEvent(
  'Service.Happened',
  anything as never,
)

/** A service that answers every event of one topic with one of its own on another topic. */
async function service(
  bus: TopicBus,
  name: string,
  topics: { readonly from: string; readonly to?: string },
  on: (run: SubscriberContext) => Promise<void> | void,
  runtime: BackendRuntime,
): Promise<{ stop(): Promise<void> }> {
  const registry = createRegistry({ newId: runtime.ids.newId })
  const answers = topics.to === undefined ? undefined : bus.publisher(topics.to, { source: name })
  registerIntegrationEvent(registry, Happened, async (_, run) => {
    await on(run)
    const { id, traceparent } = run.event
    if (answers === undefined) return
    const answer = placed(0, { id: `${name} of ${id}`, category: 'integration', type: 'Service.Happened' })
    await publishEventsToBroker(answers, [answer], { context: traceparent === undefined ? {} : { traceparent } })
  })
  const drain = new AbortController()
  const source = await bus.subscribe(topics.from, name)
  const backoff = { firstMs: 1, maxMs: 5 }
  const work = workEvents(registry, source, { drain: drain.signal, backoff }, runtime)
  return {
    stop: async () => {
      drain.abort()
      await work
      await source[Symbol.asyncDispose]()
    },
  }
}

const group = 'services'
export const serviceCases: readonly BrokerCase[] = [
  {
    group,
    name: 'an event of service A reaches B and C, and what these publish reaches D, with its trace and its sources',
    run: async ({ bus, runtime }) => {
      const reached = Promise.withResolvers<void>()
      const arrived: string[] = []
      const services = await Promise.all([
        service(bus, 'B', { from: 'a', to: 'bc' }, () => undefined, runtime),
        service(bus, 'C', { from: 'a', to: 'bc' }, () => undefined, runtime),
        service(
          bus,
          'D',
          { from: 'bc' },
          ({ event, context }) => {
            arrived.push(`${event.source}: ${event.id} (${event.traceparent}, ${context.causationId})`)
            if (arrived.length === 6) reached.resolve()
          },
          runtime,
        ),
      ])
      const events = placedFrom(1, 3).map((each) => ({
        ...each,
        category: 'integration' as const,
        type: 'Service.Happened',
        traceparent: `00-${each.id}`,
      }))
      await publishWith(bus.publisher('a', { source: 'A' }), events)
      await reached.promise
      for (const each of services) await each.stop()
      for (const name of ['B', 'C']) {
        assert.deepEqual(
          arrived.filter((line) => line.startsWith(name)),
          [1, 2, 3].map((n) => `${name}: ${name} of event-${n} (00-event-${n}, ${name} of event-${n})`),
        )
      }
      assert.equal(arrived.length, 6)
    },
  },
  {
    group,
    needs: 'redelivers',
    name: 'a service that fails for a while gets everything in the end, and another one does not notice',
    run: async ({ bus, runtime }) => {
      const reached = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const counts = [new Map<string, number>(), new Map<string, number>()]
      let failures = 3
      const services = await Promise.all(
        ['failing', 'other'].map((name, index) =>
          service(
            bus,
            name,
            { from: 'a' },
            ({ event: { id } }) => {
              if (name === 'failing' && id === 'event-2' && failures-- > 0) throw new Error('not now')
              const count = counts[index] ?? new Map<string, number>()
              count.set(id, (count.get(id) ?? 0) + 1)
              if (count.size === 3) reached[index]?.resolve()
            },
            runtime,
          ),
        ),
      )
      const events = placedFrom(1, 3).map((each) => ({ ...each, category: 'integration' as const }))
      const happened = events.map((each) => ({ ...each, type: 'Service.Happened' }))
      await publishWith(bus.publisher('a', { source: 'A' }), happened)
      await Promise.all(reached.map(({ promise }) => promise))
      for (const each of services) await each.stop()
      assert.deepEqual(
        [...(counts[1] ?? [])],
        [
          ['event-1', 1],
          ['event-2', 1],
          ['event-3', 1],
        ],
      )
    },
  },
]
