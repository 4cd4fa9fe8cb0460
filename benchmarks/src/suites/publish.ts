// Publishing in process: one event to 10 synchronous subscribers of a registry, against calling the 10 functions.
import { event } from '@gesta/core'
import { createRegistry, publishDomain, registerDomainEvent } from '@gesta/core/registry'
import { z } from 'zod'
import { callAll, subscribers } from '../limits/bare-calls.ts'
import { compare, medians, quantile } from '../measure.ts'
import type { Make } from '../measure.ts'
import { rowOf } from '../row.ts'
import type { Suite } from './suite.ts'

const Paid = event('Order.Paid', z.object({ pence: z.int() }))
const subscriberCount = 10
/** Microseconds that publishing may cost beside the subscribers. */
const allowedUs = 2

const published: Make = async () => {
  const registry = createRegistry()
  const { handlers } = subscribers(subscriberCount)
  for (const handler of handlers) registerDomainEvent(registry, Paid, handler)
  return {
    run: async (first, count) => {
      for (let n = first; n < first + count; n++) await publishDomain(registry, Paid({ pence: n }))
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}
const called: Make = async () => {
  const all = subscribers(subscriberCount)
  return { run: (first, count) => callAll(all, first, count), [Symbol.asyncDispose]: async () => undefined }
}

export const publish: Suite = async function* (effort) {
  const compared = await compare(published, called, effort)
  yield rowOf('publish', `to ${subscriberCount} subscribers`, 'none', compared)
  const overUs = 1_000_000 / compared.perSec - 1_000_000 / compared.limitPerSec
  yield rowOf('publish', `to ${subscriberCount} subscribers, over their own cost`, 'none', {
    ...medians([1_000_000 / overUs], [1_000_000 / allowedUs]),
    p50us: quantile([overUs], 0.5),
    p99us: undefined,
  })
}
