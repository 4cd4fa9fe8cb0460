import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hostOf } from '@gesta/core/host'
import type { StreamStatus } from '@gesta/core/host'
import type { ServeOptions } from '../../src/index.ts'
import { serveShop } from '../support/serve-shop.ts'
import { openStream } from './stream-client.ts'
import type { StreamClient } from './stream-client.ts'
import { as, authenticateBy, callers, people, place, serveWatched } from './watched-shop.ts'
import type { CallerName, WatchedShop } from './watched-shop.ts'

const acme = '/api/tenants/acme/runtime/events'

async function placed(shop: WatchedShop, orderId: string, name: CallerName = 'ann', note = 'n'): Promise<void> {
  await shop.running.dispatch(place({ orderId, note }), { context: callers[name] })
}
const idOf = async (stream: StreamClient): Promise<unknown> => (await stream.next())?.data?.['aggregateId']
function statusOf(shop: WatchedShop): StreamStatus {
  const { runtime } = hostOf(shop.running)
  assert.ok(runtime !== undefined)
  return runtime.stream.status()
}
const quick: ServeOptions = { runtime: { recheckMs: 10, heartbeatMs: 10 } }

describe('the runtime event stream', () => {
  test('shows events as they are stored, each once and in order, and tells how to come back', async () => {
    await using shop = await serveWatched()
    await placed(shop, 'before')
    await using stream = await openStream(`${shop.url}${acme}`, as('ann'))
    assert.deepEqual([stream.status, stream.headers['content-type']], [200, 'text/event-stream'])
    assert.deepEqual([stream.headers['cache-control'], stream.headers['x-accel-buffering']], ['no-store', 'no'])
    assert.equal((await stream.any())?.text, 'retry: 3000')
    await placed(shop, 'A-1')
    await placed(shop, 'A-2')
    const first = await stream.next()
    const { recordedAt, eventId, ...rest } = first?.data ?? {}
    assert.equal(first?.event, 'Order.Placed')
    assert.ok(first.id !== undefined && typeof recordedAt === 'string' && typeof eventId === 'string')
    assert.deepEqual(rest, {
      tenant: 'acme',
      type: 'Order.Placed',
      aggregateType: 'Order',
      aggregateId: 'A-1',
      version: 1,
      correlationId: rest['correlationId'],
      data: { note: 'n' },
    })
    assert.equal(await idOf(stream), 'A-2')
  })

  test('goes on behind the last event that was seen: the header counts before the parameter', async () => {
    await using shop = await serveWatched()
    await using stream = await openStream(`${shop.url}${acme}`, as('ann'))
    for (const id of ['A-1', 'A-2', 'A-3']) await placed(shop, id)
    const first = await stream.next()
    const second = await stream.next()
    await using again = await openStream(`${shop.url}${acme}?after=${first?.id}`, as('ann'))
    assert.equal(await idOf(again), 'A-2')
    const headers = { ...as('ann'), 'last-event-id': second?.id ?? '' }
    await again[Symbol.asyncDispose]()
    await using third = await openStream(`${shop.url}${acme}?after=${first?.id}`, headers)
    assert.equal(await idOf(third), 'A-3')
  })

  test('shows what was asked for', async () => {
    await using shop = await serveWatched()
    const begin = await openStream(`${shop.url}${acme}`, as('ann'))
    await placed(shop, 'A-1')
    const start = (await begin.next())?.id
    await begin[Symbol.asyncDispose]()
    await placed(shop, 'A-2')
    await placed(shop, 'A-3')
    for (const [question, expected] of [
      ['aggregateType=Order&aggregateId=A-3', 'A-3'],
      ['domain=Order', 'A-2'],
      ['domain=Other,Order&type=Order.Placed', 'A-2'],
      ['type=Other.Thing&type=Order.Placed', 'A-2'],
    ] as const) {
      await using stream = await openStream(`${shop.url}${acme}?after=${start}&${question}`, as('ann'))
      assert.equal(await idOf(stream), expected, question)
    }
  })

  test('is of the tenant of the path; without one of the caller’s', async () => {
    await using shop = await serveWatched()
    await using own = await openStream(`${shop.url}/api/runtime/events`, as('ann'))
    await using all = await openStream(`${shop.url}/api/runtime/events`, as('root'))
    await placed(shop, 'E-1', 'eve')
    await placed(shop, 'A-1')
    assert.equal(await idOf(own), 'A-1')
    assert.deepEqual([await idOf(all), await idOf(all)], ['E-1', 'A-1'])
  })

  test('is kept in use while nothing happens', async () => {
    await using shop = await serveWatched(quick)
    await using stream = await openStream(`${shop.url}${acme}`, as('ann'))
    await stream.any()
    assert.equal((await stream.any())?.text, ': heartbeat')
    assert.equal((await stream.any())?.text, ': heartbeat')
  })

  test('is on the admin address too', async () => {
    await using shop = await serveWatched()
    await using stream = await openStream(`${shop.adminUrl}${acme}`, as('root'))
    await placed(shop, 'A-1')
    assert.equal(await idOf(stream), 'A-1')
  })
})

describe('the runtime event stream is refused', () => {
  const refused = (title: string, path: string, name: CallerName | undefined, status: number, code: string): void =>
    void test(title, async () => {
      await using shop = await serveWatched()
      await using stream = await openStream(`${shop.url}${path}`, name === undefined ? {} : as(name))
      assert.deepEqual([stream.status, (await stream.problem()).code], [status, code])
    })
  refused('to nobody in particular', acme, undefined, 401, 'unauthenticated')
  refused('without the permission', acme, 'bob', 403, 'permission_denied')
  refused('to callers of another tenant', acme, 'eve', 403, 'permission_denied')
  refused('for a token of another log', `${acme}?after=nonsense`, 'ann', 400, 'invalid_token')
  refused('for a parameter that it does not have', `${acme}?domains=Order`, 'ann', 400, 'unknown_parameter')
  refused('for a tenant with NUL', '/api/tenants/a%00/runtime/events', 'ann', 400, 'invalid_text')
  refused('for more names than anybody has', `${acme}?type=${'a,'.repeat(100)}`, 'ann', 422, 'invalid_input')

  test('beyond the streams that one caller may have, until one of them ends', async () => {
    await using shop = await serveWatched()
    await using first = await openStream(`${shop.url}${acme}`, as('ann'))
    await using _second = await openStream(`${shop.url}${acme}`, as('ann'))
    await using third = await openStream(`${shop.url}${acme}`, as('ann'))
    assert.deepEqual([third.status, (await third.problem()).code], [429, 'too_many_clients'])
    await first[Symbol.asyncDispose]()
    for (;;) {
      await using again = await openStream(`${shop.url}${acme}`, as('ann'))
      if (again.status === 200) break
    }
  })

  test('by an app without the runtime domain', async () => {
    await using shop = await serveShop()
    await using stream = await openStream(`${shop.url}/api/runtime/events`)
    assert.deepEqual([stream.status, (await stream.problem()).code], [404, 'unknown_path'])
  })
})

describe('the runtime event stream ends', () => {
  const endOf = async (stream: StreamClient): Promise<unknown> => {
    for (;;) {
      const frame = await stream.next()
      if (frame === undefined || frame.event === 'close') return frame?.data?.['reason']
    }
  }

  test('when the permission is revoked, and shows nothing that was stored afterwards', async () => {
    let now = people()
    await using shop = await serveWatched({}, () => now)
    await using stream = await openStream(`${shop.url}${acme}`, as('ann'))
    await placed(shop, 'A-1')
    assert.equal(await idOf(stream), 'A-1')
    now = people(['Order.Count'])
    await shop.running.permissions.changed('tenant', 'acme')
    await placed(shop, 'A-2')
    assert.deepEqual([(await stream.next())?.data, await stream.next()], [{ reason: 'revoked' }, undefined])
  })

  test('when the token of its caller expires', async () => {
    const expired = new Set<string>()
    await using shop = await serveWatched({ ...quick, authenticate: authenticateBy(expired) })
    await using stream = await openStream(`${shop.url}${acme}`, as('ann'))
    await using operated = await openStream(`${shop.adminUrl}${acme}`, as('root'))
    expired.add('ann').add('root')
    assert.deepEqual([await endOf(stream), await stream.next()], ['expired', undefined])
    assert.equal(await endOf(operated), 'expired')
  })

  test('when its caller is somebody else', async () => {
    let who = callers.ann
    await using shop = await serveWatched({ ...quick, authenticate: () => who })
    await using stream = await openStream(`${shop.url}${acme}`)
    who = callers.eve
    assert.equal(await endOf(stream), 'changed')
  })

  test('when the server stops, which waits for no stream', async () => {
    await using shop = await serveWatched({ shutdownTimeoutMs: 60_000 })
    await using stream = await openStream(`${shop.url}${acme}`, as('ann'))
    await using operated = await openStream(`${shop.adminUrl}${acme}`, as('root'))
    await shop.server[Symbol.asyncDispose]()
    assert.deepEqual([await endOf(stream), await endOf(operated)], ['stopping', 'stopping'])
  })

  test('when the app stops', async () => {
    await using shop = await serveWatched()
    await using stream = await openStream(`${shop.url}${acme}`, as('ann'))
    await Promise.all([shop.running[Symbol.asyncDispose](), endOf(stream).then((end) => assert.equal(end, 'stopping'))])
  })

  test('with its client, whose place is free again', async () => {
    await using shop = await serveWatched()
    await using left = await openStream(`${shop.url}${acme}`, as('ann'))
    await left[Symbol.asyncDispose]()
    while (statusOf(shop).open > 0) await new Promise(setImmediate)
  })
})

describe('a client that reads slowly', () => {
  test('is waited for: what it has not read stays in the log, and it misses nothing', async () => {
    await using shop = await serveWatched()
    await using stream = await openStream(`${shop.url}${acme}`, as('ann'))
    assert.equal((await stream.any())?.text, 'retry: 3000')
    stream.pause()
    const ids = Array.from({ length: 60 }, (_, at) => `A-${at}`)
    const note = 'x'.repeat(500_000)
    for (const id of ids) await placed(shop, id, 'ann', note)
    // 30 MB are more than the buffers of a connection take.
    assert.ok(statusOf(shop).shown < ids.length)
    stream.resume()
    for (const id of ids) assert.equal(await idOf(stream), id)
    // One page of many was begun and read anew in small ones, not one for each event.
    assert.ok(statusOf(shop).shown < 3 * ids.length)
  })

  test('keeps its place no longer than it may, even if it reads nothing more', async () => {
    let now = people()
    await using shop = await serveWatched(quick, () => now)
    await using stream = await openStream(`${shop.url}${acme}`, as('ann'))
    assert.equal((await stream.any())?.text, 'retry: 3000')
    stream.pause()
    const note = 'x'.repeat(500_000)
    for (let at = 0; at < 60; at++) await placed(shop, `A-${at}`, 'ann', note)
    assert.equal(statusOf(shop).open, 1)
    now = people(['Order.Count'])
    await shop.running.permissions.changed('tenant', 'acme')
    while (statusOf(shop).open > 0) await new Promise(setImmediate)
  })

  test('is shown nothing more of a page once its permission was revoked', async () => {
    let now = people()
    await using shop = await serveWatched({}, () => now)
    const note = 'x'.repeat(500_000)
    const begin = await openStream(`${shop.url}${acme}`, as('ann'))
    await placed(shop, 'A-0')
    const start = (await begin.next())?.id
    await begin[Symbol.asyncDispose]()
    for (let at = 1; at <= 60; at++) await placed(shop, `A-${at}`, 'ann', note)
    await using stream = await openStream(`${shop.url}${acme}?after=${start}`, as('ann'))
    assert.equal(await idOf(stream), 'A-1')
    stream.pause()
    now = people(['Order.Count'])
    await shop.running.permissions.changed('tenant', 'acme')
    stream.resume()
    let shown = 1
    for (;;) {
      const frame = await stream.next()
      if (frame?.event === 'close') {
        assert.deepEqual(frame.data, { reason: 'revoked' })
        break
      }
      assert.ok(frame !== undefined)
      shown++
    }
    // What was on its way is a few buffers of the connection.
    assert.ok(shown < 60, `${shown} of 60 were shown`)
  })
})
