// Integration events that sources of the app deliver to its subscribers.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, integrationEvent, subscriber } from '@gesta/core'
import type { AppSource, Role } from '@gesta/core'
import { createMemoryBroker } from '@gesta/core/registry'
import type { EnvelopeDraft, EventSource } from '@gesta/core/registry'
import { z } from 'zod'
import { emptyContext } from '../../src/request-context/request-context.ts'
import { Deposited } from '../account-domain.ts'
import { startApp } from '../started-app.ts'
import { notesIn, noting, statusOf, take, takeNote, until } from '../pump/notes-domain.ts'

const Paid = integrationEvent('Shop.Paid', z.object({ orderId: z.string() }))
const paid = (id: string, more: Partial<EnvelopeDraft> = {}): EnvelopeDraft & { readonly id: string } => ({
  category: 'integration',
  type: 'Shop.Paid',
  value: { orderId: `A-${id}` },
  ...more,
  id,
})
const run = { context: emptyContext, signal: new AbortController().signal }
const noteOf = (name = 'Stock') =>
  subscriber(name).on(Paid, async ({ orderId }, { dispatch }) => {
    await dispatch(take({ text: orderId }))
  })

describe('a source', () => {
  test('delivers to the subscribers of the app, with what the event brings, and is acknowledged', async () => {
    const contexts: unknown[] = []
    const broker = createMemoryBroker()
    const stock = subscriber('Stock').on(Paid, async ({ orderId }, { dispatch, context, event: envelope, attempt }) => {
      contexts.push([context, envelope.source, attempt])
      await dispatch(take({ text: orderId }))
    })
    await using app = await startApp(noting(stock), { sources: [broker] })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const facts = { traceparent, source: 'shop', tenant: 't-1', correlationId: 'co' }
    await broker.publishEvents([paid('e-1', facts), paid('e-2', { source: 'shop' })], run)
    await until(app, () => broker.size === 0)
    assert.deepEqual(contexts, [
      [{ targetTenant: 't-1', correlationId: 'co', causationId: 'e-1', traceparent }, 'shop', 1],
      [{ causationId: 'e-2' }, 'shop', 1],
    ])
    assert.deepEqual(await notesIn(app, 't-1'), ['A-e-1'])
    assert.deepEqual(await notesIn(app), ['A-e-2'])
    assert.deepEqual(app.running.sources(), [{ state: 'live', lastError: undefined }])
    assert.deepEqual(app.running.subscribers(), [], 'a subscriber of integration events alone follows no log')
  })

  test('delivers again what a subscriber could not take; what others sent for it is there once', async () => {
    let failures = 2
    const attempts: number[] = []
    const broker = createMemoryBroker()
    const fussy = subscriber('Fussy').on(Paid, (_, { attempt }) => {
      attempts.push(attempt)
      if (failures-- > 0) throw new TypeError('a secret')
    })
    await using app = await startApp(noting(noteOf(), fussy), { sources: [broker] })
    await broker.publishEvents([paid('e-1')], run)
    await app.clock.advance(0)
    assert.deepEqual(attempts, [1])
    assert.deepEqual(app.running.sources(), [
      { state: 'retrying', lastError: 'subscriber_failed of Shop.Paid < TypeError' },
    ])
    await until(app, () => broker.size === 0)
    assert.deepEqual(attempts, [1, 2, 3])
    assert.deepEqual(await notesIn(app), ['A-e-1'])
    assert.equal(app.running.sources()[0]?.state, 'live')
  })

  test('delivers nothing that was dealt with before, also by another source or before a restart', async () => {
    let ran = 0
    const counting = subscriber('Count').on(Paid, () => void ran++)
    const [one, two] = [createMemoryBroker(), createMemoryBroker()]
    const app = await startApp(noting(counting), { sources: [one, two] })
    await one.publishEvents([paid('e-1')], run)
    await until(app, () => one.size === 0)
    await two.publishEvents([paid('e-1'), paid('e-2')], run)
    await until(app, () => two.size === 0)
    await app[Symbol.asyncDispose]()
    await using again = await startApp(noting(counting), { beside: app, sources: [one] })
    await one.publishEvents([paid('e-2'), paid('e-3')], run)
    await until(again, () => one.size === 0)
    assert.equal(ran, 3)
  })

  test('delivers neither presentation events nor domain events to subscribers of the log', async () => {
    const seen: string[] = []
    const broker = createMemoryBroker()
    const audit = subscriber('Audit')
      .on(Deposited, () => void seen.push('domain'))
      .onAny(() => void seen.push('any'))
      .on(Paid, () => void seen.push('integration'))
    await using app = await startApp(noting(audit), { sources: [broker] })
    const foreign = { type: 'Account.Deposited', value: { pence: 1 } }
    await broker.publishEvents(
      [
        { ...foreign, id: 'e-1', category: 'domain' },
        { ...foreign, id: 'e-2', category: 'presentation' },
        { id: 'e-3', category: 'presentation', type: 'Shop.Paid', value: { orderId: 'x' } },
        { id: 'e-4', category: 'integration', type: 'Elsewhere.Unknown', value: 1 },
        paid('e-5'),
      ],
      run,
    )
    await until(app, () => broker.size === 0)
    assert.deepEqual(seen, ['integration'])
  })

  test('sends what a domain event of the same id sends apart', async () => {
    const both = subscriber('Both')
      .on(Deposited, (_, { dispatch }) => dispatch(take({ text: 'domain' })))
      .on(Paid, (_, { dispatch }) => dispatch(take({ text: 'integration' })))
    const broker = createMemoryBroker()
    await using app = await startApp(noting(both), { sources: [broker] })
    const { deposit } = await import('../account-domain.ts')
    const { commandId } = await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await broker.publishEvents([paid(`${commandId}.0`)], run)
    await until(app, async () => (await notesIn(app)).length === 2)
    assert.deepEqual((await notesIn(app)).toSorted(), ['domain', 'integration'])
    assert.equal(statusOf(app, 'Both').durable, true)
  })

  for (const [role, works] of [
    [undefined, true],
    ['worker', true],
    ['web', false],
  ] as const satisfies readonly (readonly [Role | undefined, boolean])[]) {
    test(`${works ? 'is worked on' : 'is left alone'} by a process ${role === undefined ? 'without a role' : `of role ${role}`}`, async () => {
      let ran = 0
      const broker = createMemoryBroker()
      const counting = subscriber('Count').on(Paid, () => void ran++)
      await using app = await startApp(noting(counting), { sources: [broker], ...(role && { role }) })
      await broker.publishEvents([paid('e-1')], run)
      await app.clock.advance(1_000)
      assert.equal(ran, works ? 1 : 0)
      assert.equal(app.running.sources().length, works ? 1 : 0)
    })
  }

  test('that fails is asked again; one that is closed is not', async () => {
    let asked = 0
    const broken: EventSource = {
      receiveEventBatch: async () => {
        if (++asked < 4) throw new RangeError('away')
        return undefined
      },
    }
    await using app = await startApp(noting(noteOf()), { sources: [broken] })
    await app.clock.advance(0)
    assert.deepEqual(app.running.sources(), [{ state: 'retrying', lastError: 'RangeError' }])
    await until(app, () => app.running.sources()[0]?.state === 'closed')
    assert.equal(asked, 4)
  })

  test('that the app opens is opened again when it failed, and closed each time', async () => {
    const steps: string[] = []
    const described: AppSource = {
      open: async () => {
        steps.push('opened')
        const nth = steps.filter((step) => step === 'opened').length
        if (nth === 1) throw new Error('cannot be opened')
        return {
          receiveEventBatch: async ({ signal }) => {
            if (nth === 2) throw new Error('fails')
            return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
          },
          [Symbol.asyncDispose]: async () => void steps.push('closed'),
        }
      },
    }
    const app = await startApp(noting(noteOf()), { sources: [described] })
    await until(app, () => steps.length === 4)
    assert.equal(app.running.sources()[0]?.state, 'live')
    await app[Symbol.asyncDispose]()
    assert.deepEqual(steps, ['opened', 'opened', 'closed', 'opened', 'closed'])
    assert.equal(app.running.sources()[0]?.state, 'stopped')
  })

  test('is left when the app stops, after the event in hand; what was not acknowledged stays', async () => {
    const free = Promise.withResolvers<void>()
    const seen: string[] = []
    const slow = subscriber('Slow').on(Paid, async ({ orderId }, { dispatch }) => {
      seen.push(orderId)
      await free.promise
      await dispatch(take({ text: orderId }))
    })
    const broker = createMemoryBroker()
    const app = await startApp(noting(slow), { sources: [broker] })
    await broker.publishEvents([paid('e-1')], run)
    await until(app, () => seen.length === 1)
    await broker.publishEvents([paid('e-2')], run)
    const stopped = Promise.resolve(app.running[Symbol.asyncDispose]())
    await app.clock.advance(100)
    free.resolve()
    await app.clock.finish(stopped)
    assert.deepEqual(await notesIn(app), ['A-e-1'])
    assert.equal(broker.size, 1)
  })

  test('may give batches that are instances of a class', async () => {
    const settled: string[] = []
    class Batch {
      readonly events = [paid('e-1')]
      async ack(): Promise<void> {
        settled.push('ack')
      }
      async nack(): Promise<void> {
        settled.push('nack')
      }
    }
    let given = 0
    const source: EventSource = {
      receiveEventBatch: ({ signal }) =>
        given++ < 2
          ? Promise.resolve(new Batch())
          : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    }
    let failures = 1
    const fussy = subscriber('Fussy').on(Paid, () => {
      if (failures-- > 0) throw new TypeError('no')
    })
    await using app = await startApp(noting(fussy), { sources: [source] })
    await until(app, () => settled.length === 2)
    assert.deepEqual(settled, ['nack', 'ack'])
  })

  test('that worked after it had failed begins with short waits again', async () => {
    const opened: number[] = []
    let asked = 0
    const described: AppSource = {
      open: async () => {
        opened.push(app.clock.nowUs())
        const broker = createMemoryBroker()
        await broker.publishEvents([paid(`e-${++asked}`)], run)
        let received = false
        return {
          receiveEventBatch: async (options) => {
            if (received) throw new RangeError('cut')
            received = true
            return broker.receiveEventBatch(options)
          },
          [Symbol.asyncDispose]: async () => undefined,
        }
      },
    }
    const starting = startApp(noting(noteOf()))
    const app = await starting
    await using working = await startApp(noting(noteOf()), { beside: app, sources: [described] })
    await until(working, () => opened.length === 12)
    const waits = opened.slice(1).map((at, index) => at - (opened[index] ?? 0))
    assert(
      waits.every((us) => us < 250_000),
      waits.join(' '),
    )
    await app[Symbol.asyncDispose]()
  })

  test('that cannot be opened in time does not keep the app from stopping, and is closed when it comes too late', async () => {
    const late = Promise.withResolvers<EventSource & AsyncDisposable>()
    const app = await startApp(noting(noteOf()), { sources: [{ open: () => late.promise }] })
    await app[Symbol.asyncDispose]()
    const closed = Promise.withResolvers<void>()
    late.resolve({
      receiveEventBatch: async () => undefined,
      [Symbol.asyncDispose]: async () => closed.resolve(),
    })
    await closed.promise
  })

  test('whose subscriber does not end is left after ten seconds, and delivers the event again', async () => {
    const broker = createMemoryBroker()
    let ran = 0
    const deaf = subscriber('Deaf').on(Paid, async () => {
      ran++
      if (ran === 1) await new Promise(() => undefined)
    })
    const app = await startApp(noting(deaf), { sources: [broker] })
    await broker.publishEvents([paid('e-1')], run)
    await until(app, () => ran === 1)
    const before = app.clock.nowUs()
    await app[Symbol.asyncDispose]()
    assert.equal(app.clock.nowUs() - before, 10_000_000)
    await using again = await startApp(noting(deaf), { beside: app, sources: [broker] })
    await until(again, () => broker.size === 0)
    assert.equal(ran, 2)
  })
})

test('what is no broker and no fanout is refused when the app starts', async () => {
  await assert.rejects(startApp(noting(), { broker: {} as never }), /Expected broker to have publishEvents, or open/)
  await assert.rejects(startApp(noting(), { fanout: {} as never }), /Expected fanout to have sendPresentationEvents/)
})

test('what is no source is refused when the app starts', async () => {
  await assert.rejects(
    startApp(noting(noteOf()), { sources: [createMemoryBroker(), {} as never] }),
    /Expected sources\[1\] to have receiveEventBatch, or open/,
  )
})

test('an app may hear its own integration events', async () => {
  const seen: string[] = []
  const Happened = event('Thing.Happened', z.object({}))
  const happen = command('Thing.Happen', {})
  const Thing = aggregate('Thing', () => 0).on(Happened, () => 0)
  const hears = subscriber('Hears').on(Paid, ({ orderId }) => void seen.push(orderId))
  const broker = createMemoryBroker()
  const domains = [
    domain('Thing', {
      permissions: 'anonymous',
      handlers: [
        Thing.decide(
          happen,
          () => 'x',
          () => [Happened({})],
        ),
      ],
    }),
    domain('Shop', { permissions: 'anonymous', handlers: [], emits: [Paid], subscribers: [hears] }),
    domain('Note', { permissions: 'anonymous', handlers: [takeNote] }),
  ]
  await using app = await startApp(domains, { sources: [broker] })
  await broker.publishEvents([paid('e-1')], run)
  await until(app, () => seen.length === 1)
})
