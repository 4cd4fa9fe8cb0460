// Spans of a real app, recorded by the SDK.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { context, trace } from '@opentelemetry/api'
import type { Span, Tracer } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { aggregate, command, createApp, domain, event, handle, job, query, subscriber } from '@gesta/core'
import { whenCaughtUp, whenIdle } from '@gesta/core/testing'
import { z } from 'zod'
import { openTelemetry } from '../src/index.ts'

const Placed = event('Order.Placed', z.object({}))
const Noted = event('Order.Noted', z.object({ by: z.string() }))
const Order = aggregate('Order', () => ({ notes: 0 }))
  .on(Placed, (order) => order)
  .on(Noted, (order) => ({ notes: order.notes + 1 }))
const place = command('Order.Place', {
  input: z.object({ orderId: z.string(), secret: z.string() }),
  redact: { secret: 'secret' },
})
const note = command('Order.Note', { input: z.object({ orderId: z.string(), by: z.string() }) })
const get = query('Order.Get', { result: z.object({}) })
const send = job('Order.Send', { input: z.object({ orderId: z.string() }) })
const shop = createApp('shop', {
  domains: [
    domain('Order', {
      permissions: 'anonymous',
      handlers: [
        Order.decide(place, 'orderId', (_, { orderId }) => [Placed({}), send({ orderId })]),
        Order.decide(note, 'orderId', (_, { by }) => [Noted({ by })]),
        handle(send, async ({ orderId }, { dispatch }) => void (await dispatch(note({ orderId, by: 'job' })))),
        handle(get, async () => {
          throw new Error('the password is hunter2')
        }),
      ],
      subscribers: [
        subscriber('Notes').on(Placed, (_, { event: { aggregate: of }, dispatch }) =>
          dispatch(note({ orderId: of.id, by: 'subscriber' })),
        ),
      ],
    }),
  ],
})

describe('spans', () => {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const manager = new AsyncLocalStorageContextManager().enable()
  const tracer = provider.getTracer('test')
  before(() => void context.setGlobalContextManager(manager))
  after(() => {
    context.disable()
    trace.disable()
  })
  beforeEach(() => exporter.reset())

  const named = (name: string): readonly ReadableSpan[] =>
    exporter.getFinishedSpans().filter((span) => span.name === name)
  const one = (name: string): ReadableSpan => {
    const [span, ...others] = named(name)
    assert.ok(span !== undefined && others.length === 0, `one span "${name}", found ${others.length + 1}`)
    return span
  }
  const parentOf = (span: ReadableSpan): string | undefined => span.parentSpanContext?.spanId
  const traceOf = (span: ReadableSpan): string => span.spanContext().traceId

  test('are nested under the one that is active: command, commit', async () => {
    await using running = await shop.start({ tracing: openTelemetry({ tracer }) })
    await tracer.startActiveSpan('request', async (request) => {
      await running.dispatch(place({ orderId: 'A-1', secret: 'hunter2' }))
      request.end()
    })
    assert.equal(parentOf(one('command Order.Place')), one('request').spanContext().spanId)
    assert.equal(parentOf(one('commit Order.Place')), one('command Order.Place').spanContext().spanId)
  })

  test('of jobs and subscribers are traces of their own, linked to their cause, with what they send inside', async () => {
    await using running = await shop.start({ tracing: openTelemetry({ tracer }) })
    await running.dispatch(place({ orderId: 'A-1', secret: 'hunter2' }))
    await whenCaughtUp(running)
    await whenIdle(running)
    const cause = one('command Order.Place')
    for (const name of ['job Order.Send', 'subscriber Notes']) {
      const span = one(name)
      assert.notEqual(traceOf(span), traceOf(cause))
      assert.equal(parentOf(span), undefined)
      assert.deepEqual(
        span.links.map((link) => link.context.spanId),
        [cause.spanContext().spanId],
      )
      const sent = named('command Order.Note').filter((each) => traceOf(each) === traceOf(span))
      assert.deepEqual(sent.map(parentOf), [span.spanContext().spanId])
    }
  })

  test('go on from what a request says, when nothing is active', async () => {
    await using running = await shop.start({ tracing: openTelemetry({ tracer }) })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await running.dispatch(place({ orderId: 'A-1', secret: 'hunter2' }), { context: { traceparent } })
    const span = one('command Order.Place')
    assert.deepEqual([traceOf(span), parentOf(span)], traceparent.split('-').slice(1, 3))
  })

  test('that fail say a code, and nothing that an error or a payload said', async () => {
    await using running = await shop.start({ tracing: openTelemetry({ tracer }) })
    await assert.rejects(running.query(get()))
    await running.dispatch(place({ orderId: 'A-1', secret: 'hunter2' }))
    assert.equal(one('query Order.Get').attributes['error.type'], 'Error')
    const told = exporter
      .getFinishedSpans()
      .map(({ name, attributes, events, status }) => ({ name, attributes, events, status }))
    assert.doesNotMatch(JSON.stringify(told), /hunter2|A-1/)
  })

  test('that cannot be recorded fail nothing: what was stored is told as such, and what failed as it did', async () => {
    const broken = (): never => {
      throw new Error('the exporter is away')
    }
    const onEnd = { onStart: () => undefined, onEnd: broken }
    const onStart = { onStart: broken, onEnd: () => undefined }
    for (const processor of [onEnd, onStart]) {
      const full = { ...processor, forceFlush: async () => undefined, shutdown: async () => undefined }
      const failing = new TracerProvider({ spanProcessors: [full] }).getTracer('test')
      await using running = await shop.start({ tracing: openTelemetry({ tracer: failing }) })
      const { ok, version } = await running.dispatch(place({ orderId: 'A-1', secret: 's' }))
      assert.deepEqual([ok, version], [true, 1])
      await assert.rejects(running.query(get()), /hunter2/)
    }
  })

  test('that do not say what they are fail nothing either', async () => {
    const span = Object.assign(Object.create(trace.getTracer('nobody').startSpan('none')) as Span, {
      spanContext: () => {
        throw new Error('the exporter is away')
      },
    })
    const mute: Tracer = { startSpan: () => span, startActiveSpan: () => undefined as never }
    await using running = await shop.start({ tracing: openTelemetry({ tracer: mute }) })
    const { ok } = await running.dispatch(place({ orderId: 'A-1', secret: 's' }))
    assert.equal(ok, true)
  })

  test('go on from nothing that names no span', async () => {
    await using running = await shop.start({ tracing: openTelemetry({ tracer }) })
    const traceparent = 'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await running.dispatch(place({ orderId: 'A-1', secret: 'hunter2' }), { context: { traceparent } })
    assert.equal(parentOf(one('command Order.Place')), undefined)
  })

  test('are none where nothing records them, and the context stays as it was', async () => {
    await using running = await shop.start({ tracing: openTelemetry({ tracer: trace.getTracer('nobody') }) })
    const { commandId } = await running.dispatch(place({ orderId: 'A-1', secret: 's' }))
    const record = await running.commandLog.get('', commandId)
    assert.doesNotMatch(record?.context ?? '', /traceparent/)
  })
})
