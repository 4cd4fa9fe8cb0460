// A thousand plain clients that are cut off again and again: each hears every event once, in order.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { send, shown } from '@gesta/core/conformance/fanout'
import { createEventParser } from '../../src/client/event-parser.ts'
import { serveEvents } from './events-app.ts'

const clientCount = 1_000
const eventCount = 100
/** One of so many things that a client hears is followed by its leaving. */
const leavesEvery = 25

interface PlainClient {
  readonly heard: readonly number[]
  readonly connections: number
  readonly done: Promise<void>
  /** Resolves when it is connected for the first time. */
  readonly opened: Promise<void>
}

/** Numbers that look random and are the same in every run. */
function drawing(seed: number): (bound: number) => number {
  let state = seed + 1
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

function plainClient(port: number, seed: number): PlainClient {
  const draw = drawing(seed * 7_919)
  const heard: number[] = []
  const opened = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  let connections = 0
  let lastId: string | undefined
  const start = (): void => {
    connections++
    const socket: Socket = connect(port, '127.0.0.1')
    let over = false
    const leave = (): void => {
      over = true
      socket.destroy()
      if (heard.at(-1) === eventCount) done.resolve()
      else start()
    }
    const parse = createEventParser(({ id, event, data }) => {
      if (over || id === undefined) return
      if (event === 'resync') return done.reject(new Error('A client was told that it missed something.'))
      lastId = id
      opened.resolve()
      if (event !== undefined) heard.push((JSON.parse(data ?? '') as { readonly n: number }).n)
      if (heard.at(-1) === eventCount || draw(leavesEvery) === 0) leave()
    })
    const resume = lastId === undefined ? '' : `last-event-id: ${lastId}\r\n`
    socket.write(`GET /api/events HTTP/1.1\r\nhost: localhost\r\n${resume}\r\n`)
    // Head and lengths of chunks are no fields of an event stream, so the parser passes over them.
    socket.setEncoding('latin1').on('data', parse)
    socket.on('error', done.reject)
    socket.on('close', () => {
      if (!over) done.reject(new Error('The server ended a stream.'))
    })
  }
  start()
  done.promise.catch(opened.reject)
  return {
    heard,
    get connections() {
      return connections
    },
    done: done.promise,
    opened: opened.promise,
  }
}

test(
  'a thousand clients that are cut off at random hear every event once, in order',
  { timeout: 240_000 },
  async () => {
    await using served = await serveEvents({ clientsPerIdentityMax: 100_000 })
    const port = Number(new URL(served.url).port)
    const clients: PlainClient[] = []
    for (let first = 0; first < clientCount; first += 50) {
      const batch = Array.from({ length: 50 }, (_, n) => plainClient(port, first + n))
      await Promise.all(batch.map(({ opened }) => opened))
      clients.push(...batch)
    }
    for (let n = 1; n <= eventCount; n++) {
      await send(served.hub, [shown(n)])
      await turn()
    }
    await Promise.all(clients.map(({ done }) => done))
    const expected = Array.from({ length: eventCount }, (_, index) => index + 1)
    for (const { heard } of clients) assert.deepEqual(heard, expected)
    const { dropped, replayMisses, replayed } = served.hub.counters()
    assert.deepEqual([dropped, replayMisses], [0, 0])
    assert.ok(replayed > 1_000, `${replayed} events were replayed`)
    assert.ok(clients.reduce((sum, { connections }) => sum + connections, 0) > 3_000)
  },
)
