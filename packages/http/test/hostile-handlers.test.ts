// Handlers and checks that fail in ways nobody expects: the server answers, logs, and lives.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
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
})

describe('a check of credentials that breaks', () => {
  test('is 401, and the log knows why', async () => {
    const authenticate = (): never => {
      throw new TypeError('the session store has no table')
    }
    await using server = await serveRunning(fakeApp({}), { authenticate })
    assert.equal((await server.get('/api/queries/Order.Get')).status, 401)
    assert.match(String(server.logged[0]?.facts['error']), /session store/)
  })
})
