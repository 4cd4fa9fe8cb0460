import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMemoryBroker, isContractError, runEventRelay } from '@gesta/core/registry'
import type { Envelope } from '@gesta/core/registry'
import { GestaError, isGestaError } from '../../src/errors/gesta-error.ts'
import { emptyContext } from '../../src/request-context/request-context.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import { createTestRegistry } from '../registry/orders.ts'

const { signal } = new AbortController()
const placed = (n: number): Envelope => ({
  id: `event-${n}`,
  category: n % 2 === 0 ? 'presentation' : 'integration',
  type: 'Order.Placed',
  value: { n },
})

describe('an event relay', () => {
  test('hands every batch to the broker as it is, and acknowledges it then', async () => {
    const from = createMemoryBroker()
    const to = createMemoryBroker()
    const events = Array.from({ length: 150 }, (_, n) => placed(n))
    await from.publishEvents(events, { context: { traceparent: '00-callers' }, signal })
    from.close()
    await runEventRelay(from, to)
    assert.deepEqual([from.size, to.size], [0, 150])
    const batch = await to.receiveEventBatch({ signal })
    assert.deepEqual(
      batch?.events,
      events.slice(0, 100).map((event) => ({ ...event, traceparent: '00-callers' })),
    )
  })

  test('gives a batch back that the broker does not take, waits, and loses nothing', async () => {
    const from = createMemoryBroker()
    const clock = createFakeClock()
    const taken: string[][] = []
    const failures: unknown[] = []
    let away = 3
    const to = {
      publishEvents: async (events: readonly Envelope[]): Promise<void> => {
        if (away-- > 0) throw new GestaError('broker_unavailable', 'away')
        taken.push(events.map(({ id }) => id))
      },
    }
    await from.publishEvents([placed(1), placed(2)], { context: emptyContext, signal })
    from.close()
    const work = runEventRelay(from, to, {
      runtime: fakeRuntime(clock),
      onFailure: ({ attempt, error }) => failures.push([attempt, error]),
    })
    await clock.finish(work)
    assert.deepEqual(taken, [['event-1', 'event-2']])
    assert.deepEqual(
      failures,
      [1, 2, 3].map((attempt) => [attempt, 'broker_unavailable']),
    )
  })

  test('gives events an id that come without one', async () => {
    const nameless = { category: 'domain', type: 'Order.Placed', value: 1 } as const
    const batches = [{ events: [nameless, { ...nameless, id: '' }] }]
    const ids: string[] = []
    await runEventRelay(
      { receiveEventBatch: async () => batches.shift() },
      { publishEvents: async (events) => void ids.push(...events.map(({ id }) => id)) },
    )
    assert.equal(new Set(ids).size, 2)
    for (const id of ids) assert.match(id, /^[0-9a-f-]{36}$/)
  })

  test('is observed through a registry, as a worker is', async () => {
    const { registry, observed } = createTestRegistry()
    const from = createMemoryBroker()
    await from.publishEvents([placed(1)], { context: emptyContext, signal })
    from.close()
    await runEventRelay(from, createMemoryBroker(), { registry })
    assert.deepEqual(
      observed.map(({ name }) => name),
      ['gesta.contract.worker.receive', 'gesta.contract.broker.publish', 'gesta.contract.worker.ack'],
    )
  })

  test('is cancelled with the reason, and drained in peace', async () => {
    const reason = new Error('enough')
    const from = createMemoryBroker()
    const cancelled = runEventRelay(from, createMemoryBroker(), { signal: AbortSignal.abort(reason) })
    await assert.rejects(cancelled, (error) => error === reason)
    const drain = new AbortController()
    const work = runEventRelay(from, createMemoryBroker(), { drain: drain.signal })
    drain.abort()
    await work
  })

  test('names a source or broker that is missing, and refuses unknown options', async () => {
    const nil = (error: unknown): boolean => isContractError(error, 'nil_handler') && isGestaError(error)
    await assert.rejects(runEventRelay(undefined as never, createMemoryBroker()), nil)
    await assert.rejects(runEventRelay(createMemoryBroker(), undefined as never), nil)
    const options = { regstry: undefined } as object
    await assert.rejects(runEventRelay(createMemoryBroker(), createMemoryBroker(), options), /Did you mean "registry"/)
  })
})
