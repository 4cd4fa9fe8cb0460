import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createMemoryBroker, registerDomainEvent, runEventWorker, runEventWorkerForRole } from '@gesta/core/registry'
import type { Envelope } from '@gesta/core/registry'
import { runEventWorkerSuite } from '../../src/conformance/event-worker/index.ts'
import { emptyContext } from '../../src/request-context/request-context.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import { createTestRegistry, Placed } from '../registry/orders.ts'

const { signal } = new AbortController()
const placed = (pence: number, id = `event-${pence}`): Envelope => ({
  id,
  category: 'domain',
  type: 'Order.Placed',
  value: { pence },
})

runEventWorkerSuite(test, { run: runEventWorker })

describe('an event worker', () => {
  test('runs with the clock and randomness of its process when it is given none', async () => {
    const { registry } = createTestRegistry()
    const broker = createMemoryBroker()
    const seen: number[] = []
    let failures = 1
    registerDomainEvent(registry, Placed, ({ pence }) => {
      if (failures-- > 0) throw new Error('not now')
      seen.push(pence)
    })
    await broker.publishEvents([placed(1)], { context: emptyContext, signal })
    broker.close()
    await runEventWorker(registry, broker, { backoff: { firstMs: 1, maxMs: 1 } })
    assert.deepEqual(seen, [1])
  })

  test('runs for a role, which must be one', async () => {
    const { registry } = createTestRegistry()
    const seen: string[] = []
    registerDomainEvent(registry, Placed, () => void seen.push('cron'), { roles: ['cron'] })
    registerDomainEvent(registry, Placed, () => void seen.push('worker'), { roles: ['worker'] })
    const broker = createMemoryBroker()
    await broker.publishEvents([placed(1)], { context: emptyContext, signal })
    broker.close()
    for (const role of [undefined, 'any', 'croon'])
      await assert.rejects(runEventWorkerForRole(registry, role as never, broker), /have a role of web, api, worker/)
    await runEventWorkerForRole(registry, 'cron', broker)
    assert.deepEqual(seen, ['cron'])
  })

  test('dispatches every event, each for the first time in order, and none again once its batch was acknowledged', async () => {
    const event = fc.record({ id: fc.nat({ max: 30 }), failures: fc.nat({ max: 2 }) })
    const batches = fc.array(fc.array(event, { maxLength: 8 }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(batches, async (published) => {
        const { registry } = createTestRegistry()
        const clock = createFakeClock()
        const broker = createMemoryBroker()
        const failures = new Map(published.flat().map((each) => [each.id, each.failures]))
        const done: number[] = []
        let acknowledged: ReadonlySet<number> = new Set()
        registerDomainEvent(registry, Placed, ({ pence }) => {
          assert.ok(!acknowledged.has(pence))
          const left = failures.get(pence) ?? 0
          failures.set(pence, left - 1)
          if (left > 0) throw new Error('not now')
          done.push(pence)
        })
        for (const events of published) {
          const envelopes = events.map(({ id }) => placed(id))
          await broker.publishEvents(envelopes, { context: emptyContext, signal })
        }
        broker.close()
        const source: typeof broker = {
          ...broker,
          receiveEventBatch: async (options) => {
            const batch = await broker.receiveEventBatch(options)
            return (
              batch && {
                ...batch,
                ack: async (given) => {
                  await batch.ack?.(given)
                  acknowledged = new Set(done)
                },
              }
            )
          },
        }
        await clock.finish(runEventWorker(registry, source, { runtime: fakeRuntime(clock) }))
        const expected = [...new Set(published.flat().map(({ id }) => id))]
        assert.deepEqual([...new Set(done)], expected)
        assert.equal(broker.size, 0)
        assert.equal(clock.timers, 0)
      }),
      { numRuns: 100 },
    )
  })
})
