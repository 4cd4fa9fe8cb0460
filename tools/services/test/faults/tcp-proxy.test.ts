import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startTcpProxy } from '../../src/faults/tcp-proxy.ts'
import type { TcpProxy } from '../../src/faults/tcp-proxy.ts'
import { until } from '../until.ts'
import { open, startEchoServer } from './echo-server.ts'
import type { EchoServer, End } from './echo-server.ts'

interface Scene extends AsyncDisposable {
  readonly server: EchoServer
  readonly proxy: TcpProxy
  connect(): Promise<End>
  /** A connection that has carried "hello" there and back. */
  greeted(): Promise<End>
}

async function newScene(): Promise<Scene> {
  await using opened = new AsyncDisposableStack()
  const server = opened.use(await startEchoServer())
  const proxy = opened.use(await startTcpProxy(server.url))
  const kept = opened.move()
  const connect = async (): Promise<End> => {
    const client = await open(proxy.through(server.url))
    assert.ok(client !== 'refused')
    return client
  }
  return {
    server,
    proxy,
    connect,
    greeted: async () => {
      const client = await connect()
      client.send('hello')
      await until('hello came back', () => client.received === 'hello')
      return client
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

describe('a proxy without faults', () => {
  test('passes bytes and ends in both directions', async () => {
    await using scene = await newScene()
    const client = await scene.greeted()
    client.finish()
    await until('the end came back', () => client.ended !== undefined)
    assert.equal(client.ended, 'in order')
    assert.equal(scene.server.ends[0]?.ended, 'in order')
    await until('the connection is closed', () => scene.proxy.connections === 0)
  })

  test('passes much data whole', async () => {
    await using scene = await newScene()
    const client = await scene.connect()
    const text = 'many bytes '.repeat(200_000)
    client.send(text)
    await until('all came back', () => client.received.length === text.length)
    assert.equal(client.received, text)
  })

  test('tells a client at once that the server is not there', async () => {
    await using scene = await newScene()
    await scene.server[Symbol.asyncDispose]()
    const client = await scene.connect()
    await until('the connection ended', () => client.ended !== undefined)
    assert.equal(client.ended, 'reset')
  })

  test('keeps the rest of the URL', async () => {
    await using scene = await newScene()
    const { port } = scene.proxy
    assert.equal(scene.proxy.through('postgres://a:b@db:5432/c?d=e'), `postgres://a:b@127.0.0.1:${port}/c?d=e`)
  })

  test('needs to know the port of the server', async () => {
    await assert.rejects(startTcpProxy('postgres://127.0.0.1'), /needs a URL with a port/)
  })
})

test('refuses new connections and keeps open ones, until it accepts again', async () => {
  await using scene = await newScene()
  const client = await scene.greeted()
  scene.proxy.refuse()
  assert.equal(await open(scene.proxy.through(scene.server.url)), 'refused')
  client.send('!')
  await until('the open connection works', () => client.received === 'hello!')
  await scene.proxy.accept()
  await scene.greeted()
})

test('cuts all connections on both sides, and accepts new ones', async () => {
  await using scene = await newScene()
  const clients = [await scene.greeted(), await scene.greeted()]
  scene.proxy.cut()
  await until('all have ended', () => [...clients, ...scene.server.ends].every(({ ended }) => ended !== undefined))
  for (const { ended } of [...clients, ...scene.server.ends]) assert.equal(ended, 'reset')
  await scene.greeted()
})

test('is silent: nothing passes and nothing is closed, and what was sent arrives when it heals', async () => {
  await using scene = await newScene()
  const before = await scene.greeted()
  scene.proxy.impose({ silent: true })
  const meanwhile = await scene.connect()
  before.send('1')
  meanwhile.send('2')
  meanwhile.finish()
  // Another proxy on the same server carries bytes in this time.
  await using other = await startTcpProxy(scene.server.url)
  const beside = await open(other.through(scene.server.url))
  assert.ok(beside !== 'refused')
  beside.send('x')
  await until('the other proxy works', () => beside.received === 'x')
  assert.deepEqual(
    [before.received, before.ended, meanwhile.received, meanwhile.ended],
    ['hello', undefined, '', undefined],
  )

  scene.proxy.heal()
  await until('both have their answers', () => before.received === 'hello1' && meanwhile.received === '2')
  await until('the end has passed', () => meanwhile.ended === 'in order')
})

test('delays each piece', async () => {
  await using scene = await newScene()
  const client = await scene.connect()
  const delayMs = 50
  scene.proxy.impose({ delayMs })
  const sentAt = performance.now()
  client.send('hello')
  await until('the answer came', () => client.received === 'hello')
  // There and back; a timer may be a millisecond early.
  assert.ok(performance.now() - sentAt >= 2 * (delayMs - 1))
})

describe('cuts after a number of bytes', () => {
  test('of requests: the server has exactly these, and both sides see the end', async () => {
    await using scene = await newScene()
    const client = await scene.greeted()
    scene.proxy.impose({ cutAfter: { direction: 'requests', bytes: 4 } })
    client.send('1234567')
    await until('both have ended', () => client.ended !== undefined && scene.server.ends[0]?.ended !== undefined)
    assert.equal(scene.server.ends[0]?.received, 'hello1234')
    assert.equal(client.received, 'hello')
    assert.equal(client.ended, 'reset')
  })

  test('of answers: the client has exactly these, although the server has done all', async () => {
    await using scene = await newScene()
    const client = await scene.greeted()
    scene.proxy.impose({ cutAfter: { direction: 'answers', bytes: 4 } })
    client.send('1234567')
    await until('both have ended', () => client.ended !== undefined && scene.server.ends[0]?.ended !== undefined)
    assert.equal(scene.server.ends[0]?.received, 'hello1234567')
    assert.equal(client.received, 'hello1234')
  })

  test('in each connection anew, over several pieces', async () => {
    await using scene = await newScene()
    scene.proxy.impose({ cutAfter: { direction: 'requests', bytes: 6 } })
    for (const number of [0, 1]) {
      const client = await scene.greeted()
      client.send('12')
      await until('the server saw the end', () => scene.server.ends[number]?.ended !== undefined)
      assert.equal(scene.server.ends[number]?.received, 'hello1')
    }
  })
})

test('loses answers: the server gets everything, the client nothing, and healing resets such connections', async () => {
  await using scene = await newScene()
  const client = await scene.greeted()
  const lucky = await scene.greeted()
  scene.proxy.impose({ answersLost: true })
  client.send('1')
  await until('the server has it', () => scene.server.ends[0]?.received === 'hello1')
  await until('the answer is lost', () => scene.proxy.lostBytes === 1)
  assert.equal(client.received, 'hello')
  assert.equal(client.ended, undefined)

  scene.proxy.heal()
  await until('the connection ended', () => client.ended !== undefined)
  assert.equal(client.ended, 'reset')
  lucky.send('!')
  await until('a connection that lost nothing goes on', () => lucky.received === 'hello!')
})

test('disposed, it closes what is open and refuses', async () => {
  await using scene = await newScene()
  const client = await scene.greeted()
  scene.proxy.impose({ silent: true })
  await scene.proxy[Symbol.asyncDispose]()
  await until('the connection ended', () => client.ended !== undefined)
  assert.equal(await open(scene.proxy.through(scene.server.url)), 'refused')
})

test('connections that are cut while they end are closed', async () => {
  for (let turns = 0; turns < 24; turns += 1) {
    await using scene = await newScene()
    const client = await scene.greeted()
    scene.proxy.impose({ silent: true })
    client.finish()
    // The proxy has got the end before it has got this.
    await scene.connect()
    scene.proxy.heal()
    // The end is passed on a few steps later; which of them the cut hits is not known.
    for (let turn = 0; turn < turns; turn += 1) await new Promise<void>((resolve) => process.nextTick(resolve))
    scene.proxy.cut()
    await until('the connections are closed', () => scene.proxy.connections === 0)
  }
})
