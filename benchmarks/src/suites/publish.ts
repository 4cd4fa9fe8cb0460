// Publishing in process: one event to 10 synchronous subscribers of a registry, against calling the 10 functions; and the processor's
// time that it takes beside them, which others on the machine do not change.
import { event } from '@gesta/core'
import { createRegistry, publishDomain, registerDomainEvent } from '@gesta/core/registry'
import { z } from 'zod'
import { callAll, subscribers } from '../limits/bare-calls.ts'
import { collectGarbage, compare, medians, quantile } from '../measure.ts'
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

/** Microseconds of the processor per event, collection of garbage included. */
async function processorUs(make: Make, count: number): Promise<number> {
  await using subject = await make()
  collectGarbage()
  const before = process.cpuUsage()
  await subject.run(0, count)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

export const publish: Suite = async function* (effort) {
  const compared = await compare(published, called, effort)
  yield rowOf('publish', `to ${subscriberCount} subscribers`, 'none', compared)
  const count = Math.max(100, Math.round(compared.perSec * effort.seconds))
  const oversUs: number[] = []
  for (let round = 0; round < effort.rounds; round++)
    oversUs.push((await processorUs(published, count)) - (await processorUs(called, count)))
  const overUs = Math.max(0.001, quantile(oversUs, 0.5))
  yield rowOf('publish', `to ${subscriberCount} subscribers, over their own cost`, 'none', {
    ...medians([1_000_000 / overUs], [1_000_000 / allowedUs]),
    p50us: overUs,
    p99us: undefined,
  })
}
