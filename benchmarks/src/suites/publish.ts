// Publishing in process: one event to 10 synchronous subscribers of a registry, against calling the 10 functions; and
// what it costs beside them.
import { event } from '@gesta/core'
import { createRegistry, publishDomain, registerDomainEvent } from '@gesta/core/registry'
import { z } from 'zod'
import { callAll, subscribers } from '../limits/bare-calls.ts'
import { compare, medians } from '../measure.ts'
import type { Make } from '../measure.ts'
import { rowOf } from '../row.ts'
import type { Suite } from './suite.ts'

const Paid = event('Order.Paid', z.object({ pence: z.int() }))
const subscriberCount = 10
/** Microseconds that publishing may cost beside the subscribers. */
const allowedUs = 2
/** Passes that are short enough to be left alone now and then, for each one that counts elsewhere. */
const shortPasses = 20
const warmUpPasses = 10

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

/** The least microseconds per event of many short passes: whatever else the machine does only ever adds to it. */
async function leastUs(make: Make, passes: number, count: number): Promise<number> {
  await using subject = await make()
  await subject.run(0, count * warmUpPasses)
  let leastMs = Number.POSITIVE_INFINITY
  for (let pass = 0; pass < passes; pass++) {
    const startedAt = performance.now()
    await subject.run(0, count)
    leastMs = Math.min(leastMs, performance.now() - startedAt)
  }
  return (leastMs * 1000) / count
}

export const publish: Suite = async function* (effort) {
  const compared = await compare(published, called, effort)
  yield rowOf('publish', `to ${subscriberCount} subscribers`, 'none', compared)
  const count = Math.max(100, Math.round((compared.perSec * effort.seconds) / shortPasses))
  const passes = effort.rounds * shortPasses
  const overUs = Math.max(0.001, (await leastUs(published, passes, count)) - (await leastUs(called, passes, count)))
  yield rowOf('publish', `to ${subscriberCount} subscribers, over their own cost`, 'none', {
    ...medians([1_000_000 / overUs], [1_000_000 / allowedUs]),
    p50us: overUs,
    p99us: undefined,
  })
}
