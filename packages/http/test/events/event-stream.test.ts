import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deny } from '@gesta/core'
import type { RequestContext } from '@gesta/core'
import { GestaError } from '@gesta/core/host'
import { createFanout } from '@gesta/core/registry'
import { hear, hearEnd, hearNumbers, runFanoutSuite, send, shown } from '@gesta/core/conformance/fanout'
import { serve } from '../../src/index.ts'
import type { Problem } from '../../src/index.ts'
import { askingHeaders, eventsApp, place, serveEvents } from './events-app.ts'
import { runtime, until } from './runtime.ts'
import { connectStream } from './stream-client.ts'

runFanoutSuite(
  test,
  async () => ({
    runtime,
    open: async (options) => {
      const served = await serveEvents(options)
      return {
        hub: served.hub,
        connect: (asking) => connectStream(served.url, asking),
        [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
      }
    },
  }),
  { stalls: true },
)

async function refusal(url: string, headers: Record<string, string> = {}): Promise<readonly [number, string, Problem]> {
  const response = await fetch(url, { headers })
  const problem = (await response.json()) as Problem
  return [response.status, problem.code, problem]
}

describe('the stream of events', () => {
  test('has the headers that keep everything in between from storing and holding back', async () => {
    await using served = await serveEvents()
    const leave = new AbortController()
    const response = await fetch(`${served.url}/api/events`, { signal: leave.signal })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/event-stream')
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.equal(response.headers.get('x-accel-buffering'), 'no')
    leave.abort()
    const head = await fetch(`${served.url}/api/events`, { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'text/event-stream'])
  })

  test('shows what a command emits', async () => {
    await using served = await serveEvents()
    const listener = await connectStream(served.url, {})
    await served.running.dispatch(place({ orderId: 'A-1' }))
    assert.deepEqual(await hearNumbers(listener, 1), [1])
  })

  test('goes on after Last-Event-ID, whatever the URL of the first request said', async () => {
    await using served = await serveEvents()
    const listener = await connectStream(served.url, {})
    await send(served.hub, [shown(1), shown(2), shown(3)])
    const first = await hear(listener)
    const second = await hear(listener)
    assert.ok(first.kind === 'event' && second.kind === 'event')
    const response = await fetch(`${served.url}/api/events?after=${first.id}`, {
      headers: { 'last-event-id': second.id },
    })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('"n":3')) text += (await reader?.read())?.value ?? ''
    assert.doesNotMatch(text, /"n":2/)
    await reader?.cancel()
  })

  test('is refused with a problem for what cannot be asked', async () => {
    await using served = await serveEvents()
    const url = `${served.url}/api/events`
    assert.deepEqual((await refusal(`${url}?type=Order.Shown`)).slice(0, 2), [400, 'unknown_parameter'])
    assert.deepEqual((await refusal(`${url}?after=a&after=b`)).slice(0, 2), [400, 'repeated_parameter'])
    assert.deepEqual((await refusal(`${url}?types=Order%0AShown`)).slice(0, 2), [422, 'invalid_input'])
    const many = Array.from({ length: 101 }, (_, n) => `Order.T${n}`).join(',')
    assert.deepEqual((await refusal(`${url}?types=${many}`)).slice(0, 2), [422, 'invalid_input'])
    assert.deepEqual((await refusal(`${url}?after=%00`)).slice(0, 2), [400, 'invalid_text'])
    assert.equal(served.hub.counters().clients, 0)
    assert.equal((await fetch(url, { method: 'POST' })).status, 405)
  })

  test('is not there without a hub, and takes no other thing for one', async () => {
    await using running = await eventsApp.start()
    await using server = await serve(running, { port: 0 })
    assert.equal((await refusal(`${server.url}/api/events`))[1], 'unknown_path')
    await assert.rejects(
      serve(running, { port: 0, events: { fanout: {} as never } }),
      /expected events.fanout to be a hub/,
    )
    const fanout = createFanout()
    await assert.rejects(serve(running, { port: 0, events: { fanout, origin: [] } as never }), /Did you mean "origins"/)
    await assert.rejects(
      serve(running, { port: 0, events: { fanout, origins: ['shop.example'] } }),
      /expected events.origins/,
    )
    await assert.rejects(serve(running, { port: 0, events: { fanout, recheckMs: 1 } }), /events.recheckMs/)
  })

  test('is in the OpenAPI document', async () => {
    await using served = await serveEvents()
    const document = (await (await fetch(`${served.url}/docs/api`)).json()) as {
      readonly paths: { readonly [path: string]: { readonly get: { readonly responses: object } } }
    }
    const { responses } = document.paths['/api/events']?.get ?? { responses: {} }
    assert.deepEqual(Object.keys(responses), ['101', '200', '400', '401', '403', '422', '429', '500', '503', '504'])
  })

  test('answers bounds with 429 and 503', async () => {
    await using served = await serveEvents({ clientsPerIdentityMax: 1, clientsMax: 2 })
    const url = `${served.url}/api/events`
    const asking = { identity: 'i' }
    const first = await connectStream(served.url, asking)
    const [status, code, problem] = await refusal(url, askingHeaders(asking))
    assert.deepEqual([status, code], [429, 'too_many_clients'])
    assert.match(problem.detail ?? '', /at most 1 clients of one identity/)
    await connectStream(served.url, { identity: 'j' })
    assert.deepEqual((await refusal(url, askingHeaders({ identity: 'k' }))).slice(0, 2), [503, 'overloaded'])
    await first.leave()
  })

  test('counts anonymous callers by their address', async () => {
    await using served = await serveEvents({ clientsPerIdentityMax: 2 }, {}, { trustProxy: true })
    const url = `${served.url}/api/events`
    const from = (address: string): Promise<Response> => fetch(url, { headers: { 'x-forwarded-for': address } })
    const open = [await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.2')]
    const refused = await from('192.0.2.1')
    assert.equal(refused.status, 429)
    await refused.body?.cancel()
    for (const response of open) await response.body?.cancel()
  })
})

describe('who listens', () => {
  test('is asked like the caller of every other route', async () => {
    const refuse = (): RequestContext => {
      throw new Error('a secret of the check')
    }
    await using served = await serveEvents({}, {}, { authenticate: refuse })
    const [status, code, problem] = await refusal(`${served.url}/api/events`)
    assert.deepEqual([status, code], [401, 'unauthenticated'])
    assert.doesNotMatch(JSON.stringify(problem), /secret/)
    assert.equal(served.hub.counters().clients, 0)
  })

  test('can be denied the stream, as anonymous and as somebody', async () => {
    const staffOnly = (caller: RequestContext | undefined) => (caller?.identity === 'staff' ? [] : deny('not staff'))
    await using served = await serveEvents({}, { audience: staffOnly })
    const url = `${served.url}/api/events`
    assert.deepEqual((await refusal(url)).slice(0, 2), [401, 'unauthenticated'])
    assert.deepEqual((await refusal(url, askingHeaders({ identity: 'i' }))).slice(0, 2), [403, 'permission_denied'])
    await connectStream(served.url, { identity: 'staff' })
  })

  test('sees nothing when the audience cannot be told: no list, an empty label, an error, no answer', async () => {
    const audiences = [
      () => 'a' as never,
      () => ['a', ''],
      () => [undefined as never],
      () => true as never,
      async () => Promise.reject(new Error('a secret of the audience')),
      () => new Promise<never>(() => undefined),
    ]
    for (const audience of audiences) {
      await using served = await serveEvents({}, { audience }, { deadlineMs: 50 })
      const [status, code, problem] = await refusal(`${served.url}/api/events`)
      assert.ok((status === 500 && code === 'internal') || (status === 504 && code === 'deadline_exceeded'))
      assert.doesNotMatch(JSON.stringify(problem), /secret/)
      assert.equal(served.hub.counters().clients, 0)
    }
  })

  test('holds no label without an audience, and sees only what is for everyone of its tenant', async () => {
    await using served = await serveEvents({}, { audience: undefined })
    const listener = await connectStream(served.url, { tenant: 'north', audience: ['a'] })
    await send(served.hub, [shown(1, { audience: ['a'] }), shown(2)], { tenant: 'north' })
    assert.deepEqual(await hearNumbers(listener, 1), [2])
  })

  test('sees its own tenant, whatever other tenant its requests are about', async () => {
    const authenticate = (): RequestContext => ({ tenant: 'north', targetTenant: 'south', identity: 'i' })
    await using served = await serveEvents({}, {}, { authenticate })
    const listener = await connectStream(served.url, {})
    await send(served.hub, [shown(1, { tenant: 'south' }), shown(2, { tenant: 'north' })])
    assert.deepEqual(await hearNumbers(listener, 1), [2])
  })
})

describe('the caller of an open stream', () => {
  test('is looked at again: one that is no longer known loses the stream', async () => {
    let known = true
    const authenticate = (): RequestContext => {
      if (!known) throw new Error('logged out')
      return { identity: 'i' }
    }
    await using served = await serveEvents({}, { recheckMs: 10 }, { authenticate })
    const listener = await connectStream(served.url, {})
    known = false
    assert.equal(await hearEnd(listener), 'expired')
    await until(() => served.hub.counters().clients === 0)
  })

  test('that is somebody else or holds other labels has to come back, and one that stays the same stays', async () => {
    let caller: RequestContext = { identity: 'i' }
    let labels = ['b', 'a']
    let asked = 0
    const authenticate = (): RequestContext => {
      asked++
      return { ...caller }
    }
    await using served = await serveEvents({}, { recheckMs: 10, audience: () => labels }, { authenticate })
    const first = await connectStream(served.url, {})
    labels = ['a', 'b']
    await until(() => asked > 3)
    await send(served.hub, [shown(1)])
    assert.deepEqual(await hearNumbers(first, 1), [1])
    labels = ['a']
    assert.equal(await hearEnd(first), 'changed')
    const second = await connectStream(served.url, {})
    caller = { identity: 'j' }
    assert.equal(await hearEnd(second), 'changed')
  })

  test('keeps the stream while whoever knows callers is away, and not when the audience fails', async () => {
    let failing: Error | undefined
    let asked = 0
    const audience = (): readonly string[] => {
      asked++
      if (failing !== undefined) throw failing
      return []
    }
    await using served = await serveEvents({}, { recheckMs: 10, audience })
    const listener = await connectStream(served.url, {})
    failing = new GestaError('store_unavailable', 'away')
    await until(() => asked > 3)
    await send(served.hub, [shown(1)])
    assert.deepEqual(await hearNumbers(listener, 1), [1])
    failing = new Error('broken')
    assert.equal(await hearEnd(listener), 'expired')
  })
})

describe('a server with open streams', () => {
  // Without the time-out of the test, the server's own would end the wait and hide it.
  test('stops at once, and tells its clients; the hub stays', { timeout: 30_000 }, async () => {
    await using served = await serveEvents({}, {}, { shutdownTimeoutMs: 60_000 })
    const listeners = await Promise.all([1, 2, 3].map(() => connectStream(served.url, {})))
    const stalled = await connectStream(served.url, {})
    stalled.stall()
    await served.server[Symbol.asyncDispose]()
    for (const listener of listeners) assert.equal(await hearEnd(listener), 'stopping')
    assert.equal(served.hub.counters().clients, 0)
    await send(served.hub, [shown(1)])
  })

  test('opens none while it stops', async () => {
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<undefined>()
    const authenticate = (): Promise<undefined> => {
      asked.resolve()
      return answer.promise
    }
    await using served = await serveEvents({}, {}, { authenticate })
    const refused = refusal(`${served.url}/api/events`)
    await asked.promise
    const stopped = served.server[Symbol.asyncDispose]()
    answer.resolve(undefined)
    assert.deepEqual((await refused).slice(0, 2), [503, 'app_stopped'])
    await stopped
    assert.equal(served.hub.counters().clients, 0)
  })
})
