// Handlers and checks that fail in ways nobody expects: the server answers, logs, and lives.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Logger } from '../src/index.ts'
import { fakeApp } from './support/fake-host.ts'
import { serveRunning } from './support/serve-shop.ts'

function circular(): object {
  const value: { self?: unknown; big: bigint } = { big: 1n }
  value.self = value
  return value
}

describe('a handler that throws what cannot be written', () => {
  test('is answered with a problem, and the next request too', async () => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- handlers of users do throw such things
    const query = (): Promise<never> => Promise.reject(circular())
    await using server = await serveRunning(fakeApp({ query }))
    for (let time = 0; time < 2; time++) {
      const { status, problem } = await server.get('/api/queries/Order.Get')
      assert.deepEqual([status, problem.code], [500, 'internal'])
    }
    assert.equal(server.logged.length, 2)
  })

  test('is answered also when the logger fails', async () => {
    const query = (): Promise<never> => Promise.reject(new Error('x'))
    const broken = (): never => {
      throw new Error('no disk')
    }
    await using server = await serveRunning(fakeApp({ query }), { logger: { error: broken, warn: broken } })
    assert.equal((await server.get('/api/queries/Order.Get')).status, 500)
  })

  test('is answered also when the logger fails later, and the process lives', async () => {
    const query = (): Promise<never> => Promise.reject(new Error('x'))
    const failing = (): Promise<never> => Promise.reject(new Error('no network'))
    // oxlint-disable-next-line typescript/no-misused-promises -- the loggers of users may be asynchronous
    const logger: Logger = { error: failing, warn: failing }
    await using server = await serveRunning(fakeApp({ query }), { logger })
    assert.equal((await server.get('/api/queries/Order.Get')).status, 500)
    // An unhandled rejection fails the test, and would have ended the process before this.
    await setImmediate()
    assert.equal((await server.get('/healthz')).status, 200)
  })
})

describe('a check of credentials that breaks', () => {
  test('is 401, and the log knows why under the id that the caller is told', async () => {
    const authenticate = (): never => {
      throw new TypeError('the session store has no table')
    }
    await using server = await serveRunning(fakeApp({}), { authenticate })
    const { status, problem } = await server.get('/api/queries/Order.Get?orderId=private')
    assert.equal(status, 401)
    assert.ok(problem.requestId)
    const { error, ...facts } = server.logged[0]?.facts ?? {}
    assert.match(String(error), /session store/)
    assert.deepEqual(facts, { requestId: problem.requestId, method: 'GET', path: '/api/queries/Order.Get' })
  })
})
