import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import {
  captureCommandEvents,
  dispatchCommandEvents,
  emitDomain,
  executeCommand,
  isContractError,
  publishDomain,
  publishEnvelope,
  publishEnvelopes,
  publishIntegration,
  publishPresentation,
  registerCommand,
  registerDomainEvent,
  registerIntegrationEvent,
  registerPresentationEvent,
} from '@gesta/core/registry'
import type { Envelope } from '@gesta/core/registry'
import { z } from 'zod'
import { event, integrationEvent } from '../../src/contracts/define.ts'
import { cancel, createTestRegistry, Placed, Shipped, Shown } from './orders.ts'

const placed = (pence: number): Envelope => ({
  id: `p${pence}`,
  category: 'domain',
  type: 'Order.Placed',
  value: { pence },
})

describe('publish', () => {
  test('runs the subscribers with data, envelope and context', async () => {
    const { registry } = createTestRegistry()
    const seen: unknown[] = []
    const context = { traceparent: '00-1' }
    registerPresentationEvent(registry, Shown, (data, run) => void seen.push(data, run.event, run.context))
    await publishPresentation(registry, Shown({ text: 'a' }), { context, audience: ['t1'] })
    const envelope = {
      id: 'e1',
      traceparent: '00-1',
      audience: ['t1'],
      category: 'presentation',
      type: 'Order.Shown',
      schemaVersion: 1,
      value: { text: 'a' },
    }
    assert.deepEqual(seen, [{ text: 'a' }, envelope, context])
  })

  test('is a success without a subscriber', async () => {
    const { registry } = createTestRegistry()
    await publishDomain(registry, Placed({ pence: 1 }))
    await publishIntegration(registry, Shipped({ parcel: '' }))
    await publishPresentation(registry, Shown({ text: '' }))
    await publishEnvelope(registry, placed(1))
    await publishEnvelopes(registry, [])
  })

  test('never gives an event of one category to subscribers of another', async () => {
    const { registry } = createTestRegistry()
    const never = (): void => assert.fail('called')
    registerDomainEvent(registry, event('Order.Shown', z.object({ text: z.string() })), never)
    registerIntegrationEvent(registry, integrationEvent('Order.Shown', z.object({ text: z.string() })), never)
    await publishPresentation(registry, Shown({ text: 'a' }))
    await publishEnvelope(registry, { category: 'presentation', type: 'Order.Shown', value: { text: 'a' } })
    await assert.rejects(publishDomain(registry, Shown({ text: 'a' }) as never), { code: 'unsupported_handler' })
    await assert.rejects(publishIntegration(registry, Shown({ text: 'a' }) as never), { code: 'unsupported_handler' })
  })

  test('keeps the subscribers that it began with', async () => {
    const { registry } = createTestRegistry()
    const ran: string[] = []
    registerDomainEvent(registry, Placed, () => {
      ran.push('first')
      registerDomainEvent(registry, Placed, () => void ran.push('late'))
    })
    await publishDomain(registry, Placed({ pence: 1 }))
    assert.deepEqual(ran, ['first'])
  })

  test('runs events in order, subscribers one after the other in order of registration, up to the first failure', async () => {
    const behaviour = fc.constantFrom('at once', 'later')
    await fc.assert(
      fc.asyncProperty(
        fc.array(behaviour, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.option(fc.tuple(fc.nat(4), fc.nat(3)), { nil: undefined }),
        async (subscribers, count, failAt) => {
          const { registry } = createTestRegistry()
          const ran: string[] = []
          let running = 0
          for (const [index, of] of subscribers.entries()) {
            registerDomainEvent(registry, Placed, async ({ pence }) => {
              assert.equal(running++, 0)
              ran.push(`${pence}.${index}`)
              if (of === 'later') await Promise.resolve()
              running--
              if (failAt !== undefined && failAt[0] === pence && failAt[1] === index) throw new Error('boom')
            })
          }
          const pairs = Array.from({ length: count }, (_, pence) =>
            subscribers.map((_of, index) => `${pence}.${index}`),
          ).flat()
          const failing = failAt === undefined ? -1 : pairs.indexOf(failAt.join('.'))
          const run = publishEnvelopes(
            registry,
            Array.from({ length: count }, (_, pence) => placed(pence)),
          )
          if (failing === -1) await run
          else
            await assert.rejects(run, {
              code: 'subscriber_failed',
              contract: 'Order.Placed',
              facts: { contract: 'Order.Placed', category: 'domain', eventId: `p${failAt?.[0]}` },
            })
          assert.deepEqual(ran, failing === -1 ? pairs : pairs.slice(0, failing + 1))
        },
      ),
    )
  })

  describe('errors', () => {
    test('keep the cause of a failing subscriber', async () => {
      const { registry } = createTestRegistry()
      const failure = new Error('boom')
      registerDomainEvent(registry, Placed, () => {
        throw failure
      })
      await assert.rejects(publishDomain(registry, Placed({ pence: 1 })), { code: 'subscriber_failed', cause: failure })
    })

    test('refuse data that do not fit, an absent registry, an aborted signal', async () => {
      const { registry } = createTestRegistry()
      registerDomainEvent(registry, Placed, () => assert.fail('called'))
      await assert.rejects(publishDomain(registry, Placed({ pence: 'much' as never })), { code: 'invalid_input' })
      await assert.rejects(publishDomain(undefined as never, Placed({ pence: 1 })), { code: 'nil_handler' })
      await assert.rejects(publishEnvelopes(undefined as never, []), { code: 'nil_handler' })
      await assert.rejects(publishDomain(registry, Placed({ pence: 1 }), { signal: AbortSignal.abort() }), {
        name: 'AbortError',
      })
    })

    test('refuse to publish inside a command handler, also after an await', async () => {
      const { registry } = createTestRegistry()
      registerDomainEvent(registry, Placed, () => assert.fail('called'))
      const inside = (error: unknown): boolean => isContractError(error, 'unsupported_handler')
      registerCommand(registry, cancel, async () => {
        await assert.rejects(publishDomain(registry, Placed({ pence: 1 })), inside)
        await new Promise((resolve) => setImmediate(resolve))
        await assert.rejects(publishDomain(registry, Placed({ pence: 1 })), inside)
        await assert.rejects(publishIntegration(registry, Shipped({ parcel: '' })), inside)
        await assert.rejects(publishPresentation(registry, Shown({ text: '' })), inside)
        await assert.rejects(publishEnvelope(registry, placed(1)), inside)
        await assert.rejects(publishEnvelopes(registry, [placed(1)]), inside)
        await assert.rejects(dispatchCommandEvents(registry, [placed(1)]), inside)
      })
      await executeCommand(registry, cancel({ orderId: 'A-1' }))
    })

    test('do not hinder subscribers, nor callers while a handler runs elsewhere', async () => {
      const { registry } = createTestRegistry()
      const seen: number[] = []
      const started = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      registerDomainEvent(registry, Placed, async ({ pence }) => {
        seen.push(pence)
        if (pence > 1) await publishDomain(registry, Placed({ pence: pence - 1 }))
      })
      registerCommand(registry, cancel, async (_, recorder) => {
        emitDomain(recorder, Placed({ pence: 2 }))
        started.resolve()
        await go.promise
      })
      const running = executeCommand(registry, cancel({ orderId: 'A-1' }))
      await started.promise
      await publishDomain(registry, Placed({ pence: 1 }))
      go.resolve()
      await running
      assert.deepEqual(seen, [1, 2, 1])
    })
  })
})

describe('an envelope', () => {
  const next = event('Order.Priced', z.object({ pence: z.int() })).revise(
    z.object({ price: z.int() }),
    ({ pence }) => ({ price: pence }),
  )

  test('keeps its id, or is assigned one', async () => {
    const { registry } = createTestRegistry()
    const ids: string[] = []
    registerDomainEvent(registry, Placed, (_, run) => void ids.push(run.event.id))
    const { id: _, ...draft } = placed(1)
    await publishEnvelopes(registry, [placed(1), draft, { ...draft, id: '' }])
    assert.deepEqual(ids, ['p1', 'e1', 'e2'])
  })

  test('is JSON: what is captured can be sent and published elsewhere', async () => {
    const { registry } = createTestRegistry()
    const seen: unknown[] = []
    registerCommand(registry, cancel, (_, recorder) => emitDomain(recorder, Placed({ pence: 5 })), { emits: [Placed] })
    const { events } = await captureCommandEvents(registry, cancel({ orderId: 'A-1' }), {
      context: { traceparent: '00-1' },
    })
    const elsewhere = createTestRegistry().registry
    registerDomainEvent(elsewhere, Placed, (_, run) => void seen.push(run.event))
    await publishEnvelopes(elsewhere, JSON.parse(JSON.stringify(events)) as Envelope[])
    assert.deepEqual(seen, events)
  })

  test('of an older schema version is brought up to date', async () => {
    const { registry } = createTestRegistry()
    const seen: unknown[] = []
    registerDomainEvent(registry, next, (data, run) => void seen.push(data, run.event.schemaVersion))
    await publishEnvelopes(registry, [
      { category: 'domain', type: 'Order.Priced', schemaVersion: 1, value: { pence: 3 } },
      { category: 'domain', type: 'Order.Priced', schemaVersion: 2, value: { price: 4 } },
    ])
    assert.deepEqual(seen, [{ price: 3 }, 2, { price: 4 }, 2])
  })

  test('has the highest schema version that was registered for its event, in either order', async () => {
    const price = event('Order.Priced', z.object({ pence: z.int() }))
    for (const order of [
      [price, next],
      [next, price],
    ] as const) {
      const { registry } = createTestRegistry()
      const seen: unknown[] = []
      for (const contract of order)
        registerDomainEvent(registry, contract as typeof next, (data) => void seen.push(data))
      await publishEnvelope(registry, {
        category: 'domain',
        type: 'Order.Priced',
        schemaVersion: 1,
        value: { pence: 3 },
      })
      assert.deepEqual(seen, [{ price: 3 }, { price: 3 }])
    }
  })

  test('has its audience trimmed and without repetitions', async () => {
    const { registry } = createTestRegistry()
    let audience: unknown
    registerPresentationEvent(registry, Shown, (_, run) => void (audience = run.event.audience))
    await publishEnvelope(registry, {
      category: 'presentation',
      type: 'Order.Shown',
      value: { text: '' },
      audience: ['b ', 'a', 'b'],
    })
    assert.deepEqual(audience, ['b', 'a'])
  })

  describe('errors', () => {
    test('refuse what is no event, before anything of the batch runs', async () => {
      const { registry } = createTestRegistry()
      registerDomainEvent(registry, Placed, () => assert.fail('called'))
      for (const wrong of [
        undefined,
        {},
        { ...placed(1), category: 'command' },
        { ...placed(1), category: '__proto__' },
        { ...placed(1), type: undefined },
      ]) {
        await assert.rejects(publishEnvelopes(registry, [placed(1), wrong as never]), { code: 'unsupported_handler' })
      }
    })

    test('refuse a value that does not fit, and a version that is not known', async () => {
      const { registry } = createTestRegistry()
      const priced = { category: 'domain', type: 'Order.Priced' } as const
      registerDomainEvent(registry, next, () => assert.fail('called'))
      await assert.rejects(publishEnvelope(registry, { ...priced, value: { pence: 1 } }), { code: 'invalid_input' })
      await assert.rejects(publishEnvelope(registry, { ...priced, schemaVersion: 3, value: {} }), {
        code: 'event_unreadable',
      })
      await assert.rejects(publishEnvelope(registry, { ...priced, schemaVersion: 0, value: {} }), {
        code: 'event_unreadable',
      })
      await assert.rejects(publishEnvelope(registry, { ...priced, schemaVersion: 1, value: null }), {
        code: 'event_unreadable',
      })
    })
  })
})
