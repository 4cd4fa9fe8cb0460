import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import type { RequestContext } from '@gesta/core'
import { hearEnd, hearNumbers, runFanoutSuite, send, shown } from '@gesta/core/conformance/fanout'
import { serve } from '../../src/index.ts'
import { eventsApp, place, serveEvents } from './events-app.ts'
import { runtime, until } from './runtime.ts'
import { connectSocket } from './socket-client.ts'
import { connectStream } from './stream-client.ts'

runFanoutSuite(
  test,
  async () => ({
    runtime,
    open: async (options) => {
      const served = await serveEvents(options)
      return {
        hub: served.hub,
        connect: (asking) => connectSocket(served.url, asking),
        [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
      }
    },
  }),
  { stalls: true },
)

interface Closed {
  readonly code: number
  readonly reason: string
}
async function closeOf(client: Awaited<ReturnType<typeof connectSocket>>): Promise<Closed> {
  const [code, reason] = (await once(client.socket, 'close')) as [number, Buffer]
  return { code, reason: reason.toString() }
}

/** What a handshake with this origin is answered with. */
async function withOrigin(url: string, origin: string): Promise<string> {
  try {
    const client = await connectSocket(url, {}, { origin })
    await client.leave()
    return 'open'
  } catch (error) {
    return (error as { readonly code: string }).code
  }
}

/** Sends bytes and gives the first line that comes back. */
async function firstLine(url: string, lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const [text] = (await once(socket.setEncoding('utf8'), 'data')) as [string]
  socket.destroy()
  return text.split('\r\n', 1)[0] ?? ''
}

describe('the WebSocket', () => {
  test('shows what a command emits, beside streams of the same hub', async () => {
    await using served = await serveEvents()
    const clients = [await connectSocket(served.url, {}), await connectStream(served.url, {})]
    await served.running.dispatch(place({ orderId: 'A-1' }))
    for (const client of clients) assert.deepEqual(await hearNumbers(client, 1), [1])
  })

  test('is output only: whoever sends anything is told so, and cut off', async () => {
    await using served = await serveEvents()
    for (const message of ['{"type":"Order.Shown","data":{"n":1}}', '', Buffer.from([1, 2, 3])]) {
      const [client, other] = [await connectSocket(served.url, {}), await connectSocket(served.url, {})]
      const closed = closeOf(client)
      client.socket.send(message)
      assert.deepEqual(await closed, { code: 1008, reason: 'output only' })
      await send(served.hub, [shown(9)])
      assert.deepEqual(await hearNumbers(other, 1), [9])
      await other.leave()
      await until(() => served.hub.counters().clients === 0)
    }
  })

  test('reads one message of whoever sends many, and answers others', { timeout: 60_000 }, async (context) => {
    await using served = await serveEvents()
    const warnings: unknown[] = []
    const keep = (warning: Error): unknown => warning.name === 'MaxListenersExceededWarning' && warnings.push(warning)
    process.on('warning', keep)
    context.after(() => process.off('warning', keep))
    const client = await connectSocket(served.url, {})
    const closed = closeOf(client)
    const raw = (client.socket as unknown as { readonly _socket: NodeJS.WritableStream })._socket
    const emptyText = Buffer.from([0x81, 0x80, 0, 0, 0, 0])
    raw.write(Buffer.alloc(emptyText.length * 100_000, emptyText))
    assert.equal((await fetch(`${served.url}/healthz`)).status, 200)
    assert.deepEqual(await closed, { code: 1008, reason: 'output only' })
    await until(() => served.hub.counters().clients === 0)
    assert.equal((await fetch(`${served.url}/healthz`)).status, 200)
    // Node.js warns of listeners that pile up.
    assert.deepEqual(warnings, [])
  })

  test('reads no long message', async () => {
    await using served = await serveEvents()
    const client = await connectSocket(served.url, {})
    const closed = closeOf(client)
    client.socket.send('x'.repeat(2_000))
    assert.equal((await closed).code, 1009)
    await until(() => served.hub.counters().clients === 0)
  })

  test('cuts who breaks the protocol', async () => {
    await using served = await serveEvents()
    const client = await connectSocket(served.url, {})
    const raw = (client.socket as unknown as { readonly _socket: NodeJS.WritableStream })._socket
    raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    await hearEnd(client)
    await until(() => served.hub.counters().clients === 0)
  })

  test('cuts a peer that does not answer pings, and keeps one that does', async () => {
    await using served = await serveEvents({}, { pingMs: 500 })
    const answering = await connectSocket(served.url, {})
    const silent = await connectSocket(served.url, {})
    silent.stall()
    await until(() => served.hub.counters().clients === 1)
    await send(served.hub, [shown(1)])
    assert.deepEqual(await hearNumbers(answering, 1), [1])
  })

  test('is opened by pages of its own host and of listed origins alone', async () => {
    await using served = await serveEvents({}, { origins: ['https://shop.example'] })
    const { host } = new URL(served.url)
    assert.equal(await withOrigin(served.url, `http://${host}`), 'open')
    assert.equal(await withOrigin(served.url, `https://${host}`), 'open')
    assert.equal(await withOrigin(served.url, 'https://shop.example'), 'open')
    for (const origin of ['https://evil.example', 'http://shop.example', 'null', `http://${host}.evil.example`, 'x'])
      assert.equal(await withOrigin(served.url, origin), 'origin_not_allowed', origin)
    await until(() => served.hub.counters().clients === 0)
  })

  test('is refused with a problem before it opens: credentials, bounds, questions', async () => {
    const authenticate = ({ headers }: { readonly headers: object }): RequestContext => {
      if ('x-bad' in headers) throw new Error('bad')
      return { identity: 'i' }
    }
    await using served = await serveEvents({ clientsPerIdentityMax: 1 }, {}, { authenticate })
    const refused = async (code: string, connecting: Promise<unknown>): Promise<void> =>
      assert.rejects(connecting, (error: object) => 'code' in error && error.code === code)
    await refused('unauthenticated', connectSocket(served.url, {}, { 'x-bad': '1' }))
    await refused('invalid_input', connectSocket(served.url, { types: ['a b'] }))
    const client = await connectSocket(served.url, {})
    await refused('too_many_clients', connectSocket(served.url, {}))
    await client.leave()
  })

  test('tells by its code whether coming back makes sense', async () => {
    let known = true
    const authenticate = (): RequestContext => {
      if (!known) throw new Error('logged out')
      return {}
    }
    await using served = await serveEvents({}, { recheckMs: 10 }, { authenticate })
    const first = closeOf(await connectSocket(served.url, {}))
    served.hub.revoke(() => true)
    assert.deepEqual(await first, { code: 1008, reason: 'revoked' })
    const second = closeOf(await connectSocket(served.url, {}))
    known = false
    assert.deepEqual(await second, { code: 1008, reason: 'expired' })
    known = true
    const third = closeOf(await connectSocket(served.url, {}))
    await served.server[Symbol.asyncDispose]()
    assert.deepEqual(await third, { code: 1001, reason: 'stopping' })
  })

  test('does not keep a server from stopping, whatever its peer does', { timeout: 30_000 }, async () => {
    await using served = await serveEvents({}, {}, { shutdownTimeoutMs: 60_000 })
    const stalled = await connectSocket(served.url, {})
    stalled.stall()
    await served.server[Symbol.asyncDispose]()
    assert.equal(served.hub.counters().clients, 0)
  })

  test('leaves other offers of a protocol alone: they are answered as they are', async () => {
    await using served = await serveEvents()
    const offer = ['host: localhost', 'connection: upgrade', 'upgrade: h2c']
    assert.equal(await firstLine(served.url, ['GET /healthz HTTP/1.1', ...offer]), 'HTTP/1.1 200 OK')
    const sent = ['content-type: application/json', 'content-length: 17', ...offer]
    assert.equal(
      await firstLine(served.url, ['POST /api/commands/Order.Place HTTP/1.1', ...sent, '', '{"orderId":"A-9"}']),
      'HTTP/1.1 200 OK',
    )
    const webSocket = ['host: localhost', 'connection: upgrade', 'upgrade: websocket']
    assert.equal(await firstLine(served.url, ['GET /healthz HTTP/1.1', ...webSocket]), 'HTTP/1.1 200 OK')
  })

  test('is not there without a hub, and the answer says so', async () => {
    await using running = await eventsApp.start()
    await using server = await serve(running, { port: 0 })
    const head = ['GET /api/events HTTP/1.1', 'host: localhost', 'connection: upgrade', 'upgrade: websocket']
    assert.equal(await firstLine(server.url, head), 'HTTP/1.1 404 Not Found')
  })

  test('gives its place back when the handshake is none', async () => {
    await using served = await serveEvents()
    const head = ['GET /api/events HTTP/1.1', 'host: localhost', 'connection: upgrade', 'upgrade: websocket']
    assert.equal(await firstLine(served.url, head), 'HTTP/1.1 400 Bad Request')
    await until(() => served.hub.counters().clients === 0)
  })
})
