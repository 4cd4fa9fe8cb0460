// The bound on requests in flight: who is refused, who is not, and that every place is given back.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import type { Host } from '@gesta/core/host'
import fc from 'fast-check'
import { fakeApp } from './support/fake-host.ts'
import { parseAnswer, requestText, serveRunning } from './support/serve-shop.ts'
import type { Answered, ServedShop } from './support/serve-shop.ts'

const json = 'content-type: application/json'

/** An app whose handlers wait until they are told to end; `begun` resolves when the next one has begun. */
function waitingApp() {
  const waiting: (() => void)[] = []
  let heard = Promise.withResolvers<void>()
  const work = async <T>(answer: T): Promise<T> => {
    const ended = Promise.withResolvers<void>()
    waiting.push(ended.resolve)
    heard.resolve()
    await ended.promise
    return answer
  }
  const dispatch: Host['dispatch'] = () =>
    work({ ok: true, result: { pence: 1 }, token: 'token' as never, commandId: 'id', version: 1 })
  return {
    running: fakeApp({ dispatch, query: () => work({ result: null, version: undefined }) }),
    waiting,
    begun: () => {
      heard = Promise.withResolvers()
      return heard.promise
    },
  }
}

const requests = {
  query: (server: ServedShop) => server.get('/api/queries/Order.Get'),
  call: (server: ServedShop) => server.post('/api/call/Order.Get', {}),
  command: (server: ServedShop) => server.post('/api/commands/Order.Place', {}),
} as const
type Kind = keyof typeof requests
const kinds = ['query', 'call', 'command'] as const

/** Asks until there is room; a place is given back a moment after the connection ended. */
async function untilAdmitted(server: ServedShop): Promise<void> {
  while ((await server.get('/api/queries/Order.Get')).status === 503);
}

describe('one request more than may be in flight', () => {
  for (const busy of kinds) {
    test(`is refused while a ${busy} is at work, and admitted when it has ended`, async () => {
      const app = waitingApp()
      await using server = await serveRunning(app.running, { requestsInFlightMax: 1 })
      const begun = app.begun()
      const first = requests[busy](server)
      await begun
      for (const kind of kinds) {
        const { status, problem, headers } = await requests[kind](server)
        assert.deepEqual([status, problem.code, headers.get('retry-after')], [503, 'overloaded', '1'])
      }
      app.waiting.shift()?.()
      assert.equal((await first).status, 200)
      const again = app.begun()
      const next = requests.query(server)
      await again
      app.waiting.shift()?.()
      assert.equal((await next).status, 200)
      assert.deepEqual(server.logged, [])
    })
  }

  test('is answered when it asks for health, readiness or documentation', async () => {
    const app = waitingApp()
    await using server = await serveRunning(app.running, { requestsInFlightMax: 1 })
    const begun = app.begun()
    const first = requests.query(server)
    await begun
    for (const path of ['/healthz', '/ready', '/docs', '/docs/api', '/docs/errors'])
      assert.equal((await server.get(path)).status, 200)
    app.waiting.shift()?.()
    await first
  })

  test('is refused before its body is read, and not kept when the body may be endless', async () => {
    const app = waitingApp()
    await using server = await serveRunning(app.running, { requestsInFlightMax: 1 })
    const begun = app.begun()
    const first = requests.query(server)
    await begun
    const head = `POST /api/commands/Order.Place HTTP/1.1\r\nhost: localhost\r\n${json}\r\n`
    for (const length of ['transfer-encoding: chunked', 'content-length: 1000000000']) {
      const { status, problem } = parseAnswer(await server.raw(`${head}${length}\r\n\r\n`))
      assert.deepEqual([status, problem.code], [503, 'overloaded'])
    }
    app.waiting.shift()?.()
    await first
  })
})

test('a command counts until its verdict, also when its caller hung up', async () => {
  const app = waitingApp()
  await using server = await serveRunning(app.running, { requestsInFlightMax: 1 })
  const begun = app.begun()
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.write(requestText('POST', '/api/commands/Order.Place', [json], '{}'))
  await begun
  socket.destroy()
  await once(socket, 'close')
  assert.equal((await requests.query(server)).status, 503)
  app.waiting.shift()?.()
})

describe('a request that gets to no handler gives its place back', () => {
  const post = (headers: readonly string[], body = '') =>
    `POST /api/commands/Order.Place HTTP/1.1\r\nhost: localhost\r\n${headers.join('\r\n')}\r\n\r\n${body}`
  const cases: readonly (readonly [name: string, status: number, bytes: string])[] = [
    ['no JSON', 400, requestText('POST', '/api/commands/Order.Place', [json], '{')],
    ['of another type', 415, requestText('POST', '/api/commands/Order.Place', ['content-type: text/plain'], 'x')],
    ['with a type that is none', 415, requestText('POST', '/api/commands/Order.Place', ['content-type: ;'], 'x')],
    ['too large, as it says', 413, post([json, 'content-length: 100000000'])],
    [
      'too large, as is found',
      413,
      post([json, 'transfer-encoding: chunked'], `fffff\r\n${'x'.repeat(0xfffff)}\r\nf\r\n`),
    ],
    ['with a chunk that is none', 400, post([json, 'transfer-encoding: chunked'], 'nonsense\r\n')],
    ['with a body that never comes', 408, post([json, 'content-length: 10'], '{')],
  ]
  for (const [name, status, bytes] of cases) {
    test(name, { timeout: 30_000 }, async () => {
      await using server = await serveRunning(fakeApp({}), {
        requestsInFlightMax: 1,
        requestTimeoutMs: 100,
        bodyBytesMax: 1_000_000,
      })
      assert.equal(parseAnswer(await server.raw(bytes)).status, status)
      await untilAdmitted(server)
    })
  }

  test('whose caller hangs up', { timeout: 30_000 }, async () => {
    await using server = await serveRunning(fakeApp({}), { requestsInFlightMax: 1 })
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.write(post([json, 'content-length: 10'], '{'))
    while ((await requests.query(server)).status !== 503);
    socket.destroy()
    await untilAdmitted(server)
  })

  test('whose caller is too slow, and never closes its side', { timeout: 30_000 }, async () => {
    await using server = await serveRunning(fakeApp({}), { requestsInFlightMax: 1, requestTimeoutMs: 100 })
    const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => undefined).resume()
    socket.write(post([json, 'content-length: 10'], '{'))
    await once(socket, 'end')
    await untilAdmitted(server)
    socket.destroy()
  })
})

test('whatever begins and ends in whatever order, exactly those are refused for whom there is no room', async () => {
  const step = fc.oneof(fc.constantFrom(...kinds), fc.nat({ max: 5 }))
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 12 }), async (places, steps) => {
      const app = waitingApp()
      await using server = await serveRunning(app.running, { requestsInFlightMax: places })
      const answers: Promise<Answered>[] = []
      for (const what of steps) {
        if (typeof what === 'number') {
          if (what < app.waiting.length) await end(what)
        } else if (answers.length < places) await begin(what)
        else assert.equal((await requests[what](server)).problem.code, 'overloaded')
      }
      while (answers.length > 0) await end(0)

      async function begin(kind: Kind): Promise<void> {
        const begun = app.begun()
        answers.push(requests[kind](server))
        await begun
      }
      async function end(index: number): Promise<void> {
        app.waiting.splice(index, 1)[0]?.()
        const [answer] = answers.splice(index, 1)
        assert.equal((await answer)?.status, 200)
      }
    }),
    { numRuns: 25 },
  )
})
