// The contracts that the registry's tests use, and a registry with predictable ids.
import { z } from 'zod'
import { command, event, integrationEvent, job, presentationEvent, query } from '../../src/contracts/define.ts'
import { createRegistry } from '@gesta/core/registry'
import type { Envelope, Observation, Registry } from '@gesta/core/registry'

export const place = command('Order.Place', {
  input: z.object({ orderId: z.string(), pence: z.int().positive() }),
  result: z.object({ number: z.int() }),
  rejections: {
    exists: 'This order exists.',
    over_limit: { reason: 'Too expensive.', details: z.object({ limit: z.int() }) },
  },
})
export const cancel = command('Order.Cancel', { input: z.object({ orderId: z.string() }) })
export const get = query('Order.Get', {
  input: z.object({ orderId: z.string() }),
  result: z.object({ status: z.string() }),
})
export const remind = job('Order.Remind', { input: z.object({ orderId: z.string() }) })
export const Placed = event('Order.Placed', z.object({ pence: z.int() }))
export const Shipped = integrationEvent('Order.Shipped', z.object({ parcel: z.string() }))
export const Shown = presentationEvent('Order.Shown', z.object({ text: z.string() }))

export const order = { orderId: 'A-1', pence: 4200 }

/** A registry whose ids count from `e1`, and what it observed. */
export function createTestRegistry(): { readonly registry: Registry; readonly observed: Observation[] } {
  const observed: Observation[] = []
  let ids = 0
  const registry = createRegistry({ newId: () => `e${++ids}`, observe: (observation) => observed.push(observation) })
  return { registry, observed }
}

/** A sink that keeps what it receives. */
export function createKeepingSink<Delivery>(): {
  readonly batches: (readonly Envelope[])[]
  readonly deliveries: Delivery[]
  readonly sink: (events: readonly Envelope[], delivery: Delivery) => void
} {
  const batches: (readonly Envelope[])[] = []
  const deliveries: Delivery[] = []
  return {
    batches,
    deliveries,
    sink: (events, delivery) => {
      batches.push(events)
      deliveries.push(delivery)
    },
  }
}
