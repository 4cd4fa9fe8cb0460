import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { describe, test } from 'node:test'
import { gate } from './support/shop.ts'
import { parseAnswer, requestText, serveShop } from './support/serve-shop.ts'

/** Closes the gate of the slow handlers. `entered` resolves when one waits there. */
function closeGate(): { readonly entered: Promise<void>; open(): void } {
  const opened = Promise.withResolvers<void>()
  const entered = Promise.withResolvers<void>()
  gate.opened = opened.promise
  gate.entered = entered.resolve
  return { entered: entered.promise, open: opened.resolve }
}

async function open(url: string, bytes = ''): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  if (bytes !== '') socket.write(bytes)
  return socket
}

describe('a server that is disposed of', () => {
  test('finishes the command in flight, and then closes its connection', async () => {
    await using shop = await serveShop()
    const { entered, open: openGate } = closeGate()
    const agent = new Agent({ keepAlive: true })
    const answered = new Promise<{ readonly status: number; readonly connection: string | undefined }>(
      (resolve, reject) => {
        const sent = request(`${shop.url}/api/commands/Order.Slow`, { method: 'POST', agent }, (response) => {
          response.resume()
          resolve({ status: response.statusCode ?? 0, connection: response.headers.connection })
        })
        sent.on('error', reject).end()
      },
    )
    await entered
    const stopped = shop.server[Symbol.asyncDispose]()
    openGate()
    assert.deepEqual(await answered, { status: 200, connection: 'close' })
    await stopped
    agent.destroy()
  })

  test('accepts no new connection', async () => {
    const shop = await serveShop()
    await shop[Symbol.asyncDispose]()
    await assert.rejects(shop.get('/healthz'), TypeError)
  })

  // Without the time-out of the test, the server's own would end the wait and hide it.
  test('waits for nobody who is idle, nor for who sent nothing at all', { timeout: 30_000 }, async () => {
    await using shop = await serveShop({ shutdownTimeoutMs: 60_000 })
    const silent = await open(shop.url)
    const idle = await open(shop.url, 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await once(idle, 'data')
    const closed = [once(silent, 'close'), once(idle, 'close')]
    silent.resume()
    idle.resume()
    await shop.server[Symbol.asyncDispose]()
    await Promise.all(closed)
  })

  test('cuts what takes longer than its time-out, and the app still finishes the command', async () => {
    await using shop = await serveShop({ shutdownTimeoutMs: 20 })
    const { entered, open: openGate } = closeGate()
    const cut = assert.rejects(shop.post('/api/commands/Order.Slow'))
    await entered
    await shop.server[Symbol.asyncDispose]()
    await cut
    openGate()
    await shop.running[Symbol.asyncDispose]()
  })

  test('can be disposed of twice', async () => {
    await using shop = await serveShop()
    await Promise.all([shop.server[Symbol.asyncDispose](), shop.server[Symbol.asyncDispose]()])
  })

  test('answers 503 when the app stopped before it', async () => {
    await using shop = await serveShop()
    await shop.running[Symbol.asyncDispose]()
    const { status, problem } = await shop.get('/api/queries/Order.Ping')
    assert.deepEqual([status, problem.code], [503, 'app_stopped'])
    assert.equal((await shop.get('/ready')).status, 503)
  })
})

describe('a caller that hangs up', () => {
  test('aborts its query', async () => {
    await using shop = await serveShop()
    const { entered, open: openGate } = closeGate()
    const socket = await open(shop.url, requestText('GET', '/api/queries/Order.SlowQuery'))
    await entered
    const aborted = once(gate.signal as AbortSignal, 'abort')
    socket.destroy()
    await aborted
    openGate()
    assert.deepEqual(shop.logged, [])
  })

  test('does not abort its command', async () => {
    await using shop = await serveShop()
    const { entered, open: openGate } = closeGate()
    const socket = await open(shop.url, requestText('POST', '/api/commands/Order.Slow'))
    await entered
    const { signal } = gate
    socket.destroy()
    await once(socket, 'close')
    await shop.get('/healthz')
    assert.equal(signal?.aborted, false)
    openGate()
  })
})

describe('a deadline', () => {
  test('of the server ends a query', async () => {
    await using shop = await serveShop({ deadlineMs: 10 })
    const { open: openGate } = closeGate()
    const answer = parseAnswer(await shop.raw(requestText('GET', '/api/queries/Order.SlowQuery')))
    assert.deepEqual([answer.status, answer.problem.code], [504, 'deadline_exceeded'])
    openGate()
  })

  test('of the caller does too, but cannot be later than the server allows', async () => {
    await using shop = await serveShop({ deadlineMs: 10 })
    for (const ms of ['5', '60000']) {
      const { open: openGate } = closeGate()
      assert.equal((await shop.get('/api/queries/Order.SlowQuery', { 'gesta-deadline-ms': ms })).status, 504)
      openGate()
    }
  })
})
