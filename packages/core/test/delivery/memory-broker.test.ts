import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMemoryBroker } from '@gesta/core/registry'
import type { Envelope } from '@gesta/core/registry'
import { runEventSourceSuite } from '../../src/conformance/event-source/index.ts'
import { isGestaError } from '../../src/errors/gesta-error.ts'
import type { ErrorCode } from '../../src/errors/codes.ts'
import { emptyContext } from '../../src/request-context/request-context.ts'
import { runtime } from '../stores/runtime.ts'

const { signal } = new AbortController()
const run = { context: emptyContext, signal }
const placed = (n: number, value: unknown = { n }): Envelope => ({
  id: `event-${n}`,
  category: 'domain',
  type: 'Order.Placed',
  value,
})
const fails = (code: ErrorCode) => (error: unknown) => isGestaError(error, code)

runEventSourceSuite(
  test,
  async () => ({
    batchEventsMax: 100,
    runtime,
    open: async () => {
      const broker = createMemoryBroker()
      return {
        send: (events) => broker.publishEvents(events, run),
        source: async () => broker,
        close: async () => broker.close(),
        [Symbol.asyncDispose]: async () => broker.close(),
      }
    },
    remove: async () => undefined,
  }),
  { ordered: true, redelivers: true, competing: true, durable: 'memory ends with its process', drains: true },
)

describe('a broker in memory', () => {
  test('gives batches of 100, first in, first out; ack removes, nack leaves the batch at the head', async () => {
    const broker = createMemoryBroker()
    await broker.publishEvents(
      Array.from({ length: 101 }, (_, n) => placed(n)),
      run,
    )
    const first = await broker.receiveEventBatch({ signal })
    assert.equal(first?.events.length, 100)
    await first?.nack?.(new Error('not now'), { signal })
    assert.equal(broker.size, 101)
    const again = await broker.receiveEventBatch({ signal })
    assert.deepEqual(again?.events, first?.events)
    await again?.ack?.({ signal })
    assert.equal(broker.size, 1)
    const last = await broker.receiveEventBatch({ signal })
    assert.deepEqual(
      last?.events.map(({ id }) => id),
      ['event-100'],
    )
  })

  test('has one batch out at a time: who comes meanwhile waits until it is settled', async () => {
    const broker = createMemoryBroker()
    await broker.publishEvents([placed(1)], run)
    const first = await broker.receiveEventBatch({ signal })
    const second = broker.receiveEventBatch({ signal })
    await broker.publishEvents([placed(2)], run)
    await first?.ack?.({ signal })
    assert.deepEqual(
      (await second)?.events.map(({ id }) => id),
      ['event-2'],
    )
  })

  test('takes a late acknowledgement of a batch that it gave to somebody else', async () => {
    const broker = createMemoryBroker()
    await broker.publishEvents([placed(1)], run)
    const gone = new AbortController()
    const first = await broker.receiveEventBatch({ signal: gone.signal })
    gone.abort()
    const second = await broker.receiveEventBatch({ signal })
    await first?.ack?.({ signal })
    assert.equal(broker.size, 0)
    await second?.nack?.(new Error('not now'), { signal })
    broker.close()
    assert.equal(await broker.receiveEventBatch({ signal }), undefined)
  })

  test('gives frozen events, with the trace of whoever published them', async () => {
    const broker = createMemoryBroker()
    const traced = { ...placed(2), traceparent: '00-own' }
    await broker.publishEvents([placed(1), traced], { context: { traceparent: '00-callers' }, signal })
    const events = (await broker.receiveEventBatch({ signal }))?.events ?? []
    assert.deepEqual(
      events.map(({ traceparent }) => traceparent),
      ['00-callers', '00-own'],
    )
    assert.ok(events.every((event) => Object.isFrozen(event) && Object.isFrozen(event.value)))
  })

  test('refuses what is no JSON, what is too much, and everything when it is closed; nothing of the batch is taken', async () => {
    const broker = createMemoryBroker({ eventsMax: 2 })
    await assert.rejects(broker.publishEvents([placed(1), placed(2, { n: Number.NaN })], run), fails('invalid_output'))
    await assert.rejects(broker.publishEvents([placed(1), placed(2), placed(3)], run), fails('broker_unavailable'))
    assert.equal(broker.size, 0)
    await broker.publishEvents([placed(1), { ...placed(2), value: undefined }], run)
    broker.close()
    await assert.rejects(broker.publishEvents([placed(3)], run), fails('broker_closed'))
    assert.equal((await broker.receiveEventBatch({ signal }))?.events[1]?.value, null)
  })

  test('refuses bounds that are no whole numbers, and unknown options', () => {
    assert.throws(() => createMemoryBroker({ eventsMax: 0 }), RangeError)
    assert.throws(() => createMemoryBroker({ eventMax: 1 } as object), /Did you mean "eventsMax"/)
  })
})
