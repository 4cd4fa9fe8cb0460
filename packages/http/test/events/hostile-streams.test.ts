import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { after, describe, test } from 'node:test'
import { startTcpProxy } from '@gesta/services'
import { hearNumbers, send, shown } from '@gesta/core/conformance/fanout'
import fc from 'fast-check'
import { serveEvents } from './events-app.ts'
import { until } from './runtime.ts'
import { connectStream } from './stream-client.ts'

const open = new Set<Socket>()
after(() => open.forEach((socket) => socket.destroy()))

/** A connection that has sent this and reads nothing. */
async function silent(url: string, text: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  open.add(socket)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.pause()
  socket.write(text)
  return socket
}
const ask = (headers: readonly string[] = []): string =>
  `${['GET /api/events HTTP/1.1', 'host: localhost', ...headers].join('\r\n')}\r\n\r\n`

describe('clients that never read', () => {
  test('are cut one by one, cost bounded memory, and neither others nor commands notice', async () => {
    await using served = await serveEvents({ queueBytesMax: 1_000_000, ringBytesMax: 1_000_000 })
    const { hub } = served
    const reader = await connectStream(served.url, {})
    const hostile = await Promise.all(Array.from({ length: 50 }, () => silent(served.url, ask())))
    await until(() => hub.counters().clients === 51)
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    let n = 0
    while (hub.counters().dropped < 50 && n < 1_000) {
      await send(hub, [shown(++n, { value: { n, filler: 'x'.repeat(50_000) } })])
      assert.deepEqual(await hearNumbers(reader, 1), [n])
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
    assert.deepEqual([hub.counters().dropped, hub.counters().clients], [50, 1])
    // Of its own, each of the 50 could hold a megabyte of queue and the platform's buffer; shared frames cost far less.
    assert.ok(most < 100_000_000, `${most} bytes`)
    for (const socket of hostile) socket.destroy()
  })
})

describe('hundreds of connections of one client', () => {
  test('are refused from its bound on, and its places are free when it goes', async () => {
    await using served = await serveEvents()
    const statuses: number[] = []
    const sockets = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const socket = connect(Number(new URL(served.url).port), '127.0.0.1')
        open.add(socket)
        socket.on('error', () => undefined)
        socket.write(ask())
        const [text] = (await once(socket.setEncoding('utf8'), 'data')) as [string]
        statuses.push(Number(text.split(' ')[1]))
        return socket
      }),
    )
    assert.deepEqual(
      [200, 429].map((status) => statuses.filter((each) => each === status).length),
      [100, 200],
    )
    assert.deepEqual([served.hub.counters().clients, served.hub.counters().refused], [100, 200])
    assert.equal((await fetch(`${served.url}/healthz`)).status, 200)
    for (const socket of sockets) socket.destroy()
    await until(() => served.hub.counters().clients === 0)
    await (await connectStream(served.url, {})).leave()
  })

  test('that come and go at once leave nothing behind', async () => {
    await using served = await serveEvents({ clientsPerIdentityMax: 10_000 })
    for (let round = 0; round < 5; round++) {
      const sockets = await Promise.all(Array.from({ length: 50 }, () => silent(served.url, ask())))
      for (const socket of sockets) socket.resetAndDestroy()
      await send(served.hub, [shown(round)])
    }
    const last = await connectStream(served.url, {})
    await until(() => served.hub.counters().clients === 1)
    await last.leave()
    assert.deepEqual(served.logged, [])
  })

  test('cannot get more streams out of one connection than it has places', async () => {
    await using served = await serveEvents({ clientsPerIdentityMax: 3, queueFramesMax: 10 })
    const socket = await silent(served.url, ask().repeat(20))
    await until(() => served.hub.counters().refused === 17)
    for (let n = 0; n < 20; n++) await send(served.hub, [shown(n)])
    assert.ok(served.hub.counters().clients <= 3)
    socket.destroy()
    await until(() => served.hub.counters().clients === 0)
  })
})

describe('garbage in Last-Event-ID', () => {
  test('is an id that the ring does not know, whatever it is', { timeout: 60_000 }, async () => {
    await using served = await serveEvents({ clientsPerIdentityMax: 1_000 })
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary-ascii', maxLength: 60 }), fc.base64String(), fc.nat().map(String)),
        async (garbage) => {
          const id = garbage.replaceAll(/[^\x20-\x7e]/g, '~').trim()
          const leave = new AbortController()
          const response = await fetch(`${served.url}/api/events`, {
            headers: { 'last-event-id': id },
            signal: leave.signal,
          })
          const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
          let text = ''
          while (!text.includes('data: ')) text += (await reader?.read())?.value ?? ''
          assert.match(text, /event: resync\ndata: \{"reason":"unknown"\}/)
          leave.abort()
        },
      ),
      { seed: 6, numRuns: 60 },
    )
    assert.deepEqual(served.logged, [])
  })

  test('given twice or too long is refused', async () => {
    await using served = await serveEvents()
    const first = async (text: string): Promise<string> => {
      const socket = await silent(served.url, text)
      socket.resume()
      const [answer] = (await once(socket.setEncoding('utf8'), 'data')) as [string]
      socket.destroy()
      return answer.slice(0, 12)
    }
    assert.equal(await first(ask(['last-event-id: a', 'last-event-id: b'])), 'HTTP/1.1 400')
    assert.equal(await first(ask([`last-event-id: ${'x'.repeat(20_000)}`])), 'HTTP/1.1 431')
  })
})

describe('a connection of which only one half is left', () => {
  test('is cut when its queue is full, and its client goes on where it was', async () => {
    await using served = await serveEvents({ queueBytesMax: 200_000, ringBytesMax: 1_000_000_000 })
    await using proxy = await startTcpProxy(served.url)
    const { hub } = served
    const client = await connectStream(proxy.through(served.url), {})
    await send(hub, [shown(1)])
    const first = await client.next()
    const second = await client.next()
    assert.ok(first.kind === 'open' && second.kind === 'event')
    proxy.impose({ silent: true })
    let n = 1
    const filler = 'x'.repeat(100_000)
    while (hub.counters().dropped === 0 && n < 1_000) await send(hub, [shown(++n, { value: { n, filler } })])
    assert.equal(hub.counters().clients, 0)
    proxy.heal()
    proxy.cut()
    const again = await connectStream(served.url, { after: second.id })
    await send(hub, [shown(n + 1)])
    assert.deepEqual(
      await hearNumbers(again, n),
      Array.from({ length: n }, (_, index) => index + 2),
    )
  })
})
