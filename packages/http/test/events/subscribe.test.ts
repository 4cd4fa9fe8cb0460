import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createFanout } from '@gesta/core/registry'
import type { RequestContext } from '@gesta/core'
import { send, shown } from '@gesta/core/conformance/fanout'
import { startTcpProxy } from '@gesta/services'
import { ClientError, createClient } from '../../src/client/index.ts'
import { createEventParser } from '../../src/client/event-parser.ts'
import type { EventBlock } from '../../src/client/event-parser.ts'
import { serve } from '../../src/index.ts'
import { eventsApp, serveEvents } from './events-app.ts'
import { until } from './runtime.ts'

type App = typeof eventsApp
const quick = { retryMs: 1 }

/** A client, and what it hears of `Order.Shown`. */
function listening(url: string, options: Partial<Parameters<typeof createClient>[0]> = {}) {
  const client = createClient<App>({ baseUrl: url, ...options })
  const heard: number[] = []
  const subscription = client.Order.Shown.subscribe(({ n }) => heard.push(n))
  return { client, heard, subscription }
}

/** A fetch that tells which types are asked for, and keeps one of its calls until it is let go or given up. */
function holding(call: number) {
  const asked: (string | null)[] = []
  const gate = Promise.withResolvers<void>()
  const letGo = (): void => gate.resolve()
  const holdingFetch: typeof fetch = async (...request) => {
    if (asked.push(new URL(request[0] as string).searchParams.get('types')) === call) await gate.promise
    return fetch(...request)
  }
  return { asked, fetch: holdingFetch, letGo, [Symbol.dispose]: letGo }
}

describe('subscribe', () => {
  test('hears what a command emits, with the types of the app, until it is disposed of', async () => {
    await using served = await serveEvents()
    const { client, heard, subscription } = listening(served.url)
    await subscription.opened
    await client.Order.Place({ orderId: 'A-1' })
    await until(() => heard.length === 1)
    subscription[Symbol.dispose]()
    subscription[Symbol.dispose]()
    await until(() => served.hub.counters().clients === 0)
    await client.Order.Place({ orderId: 'A-1' })
    assert.deepEqual(heard, [1])
  })

  test('shares one stream per client, and asks for the types that somebody listens to', async () => {
    await using served = await serveEvents()
    const client = createClient<App>({ baseUrl: served.url })
    const heard: string[] = []
    using first = client.Order.Shown.subscribe(({ n }) => heard.push(`a${n}`))
    using second = client.Order.Shown.subscribe(({ n }) => heard.push(`b${n}`))
    using third = client.Order.Shipped.subscribe(({ n }) => heard.push(`c${n}`))
    await Promise.all([first.opened, second.opened, third.opened])
    assert.equal(served.hub.counters().clients, 1)
    await send(served.hub, [shown(1), shown(2, { type: 'Order.Other' }), shown(3, { type: 'Order.Shipped' })])
    await until(() => heard.length === 3)
    assert.deepEqual(heard, ['a1', 'b1', 'c3'])
  })

  test('loses and repeats nothing when another type is listened to later', async () => {
    await using served = await serveEvents(quick)
    const { client, heard, subscription } = listening(served.url)
    using others = new DisposableStack()
    await subscription.opened
    const shipped: number[] = []
    for (let n = 1; n <= 50; n++) {
      await send(served.hub, [shown(n)])
      if (n === 20) {
        const later = others.use(client.Order.Shipped.subscribe((data) => shipped.push(data.n)))
        await later.opened
        await send(served.hub, [shown(99, { type: 'Order.Shipped' })])
      }
    }
    await until(() => heard.at(-1) === 50 && shipped.length === 1)
    assert.deepEqual(
      heard,
      Array.from({ length: 50 }, (_, index) => index + 1),
    )
    assert.deepEqual(shipped, [99])
    subscription[Symbol.dispose]()
    assert.equal(served.hub.counters().clients, 1)
  })

  test('goes on where it was when its connection is cut, again and again', async () => {
    await using served = await serveEvents(quick)
    await using proxy = await startTcpProxy(served.url)
    const { heard, subscription } = listening(proxy.through(served.url))
    using listener = subscription
    await listener.opened
    for (let n = 1; n <= 40; n++) {
      await send(served.hub, [shown(n)])
      if (n % 7 === 0) proxy.cut()
      if (n % 10 === 0) await until(() => heard.at(-1) === n)
    }
    assert.deepEqual(
      heard,
      Array.from({ length: 40 }, (_, index) => index + 1),
    )
  })

  test('goes on where it was when the server starts again', async () => {
    const hub = createFanout(quick)
    await using running = await eventsApp.start({ fanout: hub })
    const first = await serve(running, { port: 0, events: { fanout: hub } })
    const { heard, subscription } = listening(first.url)
    using listener = subscription
    await listener.opened
    await send(hub, [shown(1)])
    await until(() => heard.length === 1)
    await first[Symbol.asyncDispose]()
    await send(hub, [shown(2)])
    await using second = await serve(running, { port: Number(new URL(first.url).port), events: { fanout: hub } })
    assert.equal(second.url, first.url)
    await send(hub, [shown(3)])
    await until(() => heard.length === 3)
    assert.deepEqual(heard, [1, 2, 3])
  })

  test('says when events were missed', async () => {
    await using running = await eventsApp.start()
    const [old, young] = [createFanout(quick), createFanout(quick)]
    const first = await serve(running, { port: 0, events: { fanout: old } })
    const client = createClient<App>({ baseUrl: first.url })
    const told: string[] = []
    using subscription = client.Order.Shown.subscribe(({ n }) => told.push(`${n}`), {
      onResync: () => told.push('resync'),
    })
    await subscription.opened
    await first[Symbol.asyncDispose]()
    await using _ = await serve(running, { port: Number(new URL(first.url).port), events: { fanout: young } })
    await until(() => told.length === 1)
    await send(young, [shown(1)])
    await until(() => told.length === 2)
    assert.deepEqual(told, ['resync', '1'])
  })

  test('fails for good when it is refused, and can be tried again', async () => {
    let known = false
    const authenticate = (): RequestContext => {
      if (!known) throw new Error('who?')
      return {}
    }
    await using served = await serveEvents({}, {}, { authenticate })
    const client = createClient<App>({ baseUrl: served.url })
    const errors: unknown[] = []
    using refused = client.Order.Shown.subscribe(() => undefined, { onError: (error) => errors.push(error) })
    await assert.rejects(refused.opened, (error) => error instanceof ClientError && error.status === 401)
    assert.deepEqual(
      errors.map((error) => (error as ClientError).code),
      ['unauthenticated'],
    )
    known = true
    using again = client.Order.Shown.subscribe(() => undefined)
    await again.opened
  })

  test('waits for a place, and for a server that is not there yet', async () => {
    await using served = await serveEvents({ ...quick, clientsMax: 1 })
    const { subscription: first } = listening(served.url)
    await first.opened
    let calls = 0
    const counting: typeof fetch = async (...request) => {
      if (calls++ === 0) throw new TypeError('no route')
      return fetch(...request)
    }
    const { subscription: second } = listening(served.url, { fetch: counting })
    await until(() => served.hub.counters().refused > 0)
    first[Symbol.dispose]()
    await second.opened
    second[Symbol.dispose]()
  })

  test('opens anew a stream that gives no sign of life', async () => {
    await using served = await serveEvents({ ...quick, heartbeatMs: 60_000 })
    await using proxy = await startTcpProxy(served.url)
    let calls = 0
    const counting: typeof fetch = async (...request) => {
      calls++
      return fetch(...request)
    }
    const { heard, subscription } = listening(proxy.through(served.url), { silenceMs: 200, fetch: counting })
    using listener = subscription
    await listener.opened
    proxy.impose({ silent: true })
    const before = calls
    await until(() => calls > before)
    await send(served.hub, [shown(1)])
    proxy.heal()
    await until(() => heard.length > 0)
    await send(served.hub, [shown(2)])
    await until(() => heard.length > 1)
    assert.deepEqual(heard, [1, 2])
  })

  test('asks anew for a type that is listened to again while it comes back without it', async () => {
    await using served = await serveEvents(quick)
    await using proxy = await startTcpProxy(served.url)
    using held = holding(2)
    const { client, heard, subscription } = listening(proxy.through(served.url), { fetch: held.fetch })
    using first = subscription
    const shipped: number[] = []
    const left = client.Order.Shipped.subscribe(({ n }) => shipped.push(n))
    await Promise.all([first.opened, left.opened])
    left[Symbol.dispose]()
    proxy.cut()
    await until(() => held.asked.length === 2)
    using again = client.Order.Shipped.subscribe(({ n }) => shipped.push(n))
    await until(() => held.asked.length === 3)
    held.letGo()
    await again.opened
    await send(served.hub, [shown(1), shown(2, { type: 'Order.Shipped' })])
    await until(() => heard.length === 1 && shipped.length === 1)
    assert.deepEqual([heard, shipped], [[1], [2]])
    assert.deepEqual(held.asked, ['Order.Shipped,Order.Shown', 'Order.Shown', 'Order.Shipped,Order.Shown'])
  })

  test('tells a listener that comes during an outage when the stream is open again, by the same request', async () => {
    await using served = await serveEvents(quick)
    await using proxy = await startTcpProxy(served.url)
    using held = holding(2)
    const { client, subscription } = listening(proxy.through(served.url), { fetch: held.fetch })
    using first = subscription
    await first.opened
    proxy.cut()
    await until(() => held.asked.length === 2)
    let isOpen = false
    using second = client.Order.Shown.subscribe(() => undefined)
    const opened = second.opened.then(() => (isOpen = true))
    await new Promise(setImmediate)
    assert.equal(isOpen, false)
    held.letGo()
    await opened
    assert.equal(held.asked.length, 2)
  })

  test('gives its place back when it cannot read what it is sent, and comes back', async () => {
    await using served = await serveEvents(quick)
    let calls = 0
    const garbling: typeof fetch = async (...request) => {
      const { body, headers } = await fetch(...request)
      const garble = new TransformStream<string, string>({
        transform: (text, into) => into.enqueue(text.replace('{"n":1}', '{"n":')),
      })
      calls++
      const garbled = body?.pipeThrough(new TextDecoderStream()).pipeThrough(garble)
      return new Response(garbled?.pipeThrough(new TextEncoderStream()) ?? null, { headers })
    }
    const { heard, subscription } = listening(served.url, { fetch: garbling })
    using listener = subscription
    await listener.opened
    await send(served.hub, [shown(1)])
    await until(() => calls === 2)
    await until(() => served.hub.counters().clients === 1)
    await send(served.hub, [shown(2)])
    await until(() => heard.length === 1)
    assert.deepEqual(heard, [2])
  })

  test('keeps listeners apart: one that throws is told so, and the others hear', async () => {
    await using served = await serveEvents()
    const client = createClient<App>({ baseUrl: served.url })
    const heard: number[] = []
    const errors: string[] = []
    const fails = (): never => {
      throw new Error('mine')
    }
    using first = client.Order.Shown.subscribe(fails, { onError: (error) => errors.push((error as Error).message) })
    using second = client.Order.Shown.subscribe(fails, { onError: fails })
    using third = client.Order.Shown.subscribe(({ n }) => heard.push(n))
    await Promise.all([first.opened, second.opened, third.opened])
    await send(served.hub, [shown(1), shown(2)])
    await until(() => heard.length === 2)
    assert.deepEqual(
      [heard, errors],
      [
        [1, 2],
        ['mine', 'mine'],
      ],
    )
  })

  test('is told what else than the app answers', async () => {
    await using served = await serveEvents()
    const other: typeof fetch = async () => new Response('<html>', { headers: { 'content-type': 'text/html' } })
    const { subscription } = listening(served.url, { fetch: other })
    await assert.rejects(subscription.opened, { code: 'unexpected_answer' })
  })
})

describe('the parser of an event stream', () => {
  const parsed = (pieces: readonly string[]): readonly EventBlock[] => {
    const blocks: EventBlock[] = []
    const parse = createEventParser((block) => blocks.push(block))
    for (const piece of pieces) parse(piece)
    return blocks
  }

  test('reads blocks in pieces of any size, with either end of line', () => {
    const text =
      ': comment\nretry: 10\nid: a\n\nid:b\nevent: E.F\ndata: {"a":\ndata:  1}\nother: x\ndata\n\nid: c\ndata: cut'
    const expected = [
      { retry: '10', id: 'a' },
      { id: 'b', event: 'E.F', data: '{"a":\n 1}\n' },
    ]
    for (const whole of [text, text.replaceAll('\n', '\r\n')]) {
      assert.deepEqual(parsed([whole]), expected)
      assert.deepEqual(parsed(whole.split('')), expected)
    }
  })
})
