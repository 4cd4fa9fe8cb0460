import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { codes, GestaError } from '@gesta/core/host'
import type { ErrorCode } from '@gesta/core'
import { httpCodes, statuses, titleOf } from '../src/status.ts'
import type { ProblemCode } from '../src/status.ts'
import { fakeApp } from './support/fake-host.ts'
import { serveRunning } from './support/serve-shop.ts'

describe('the table of codes', () => {
  test('has a status for every code of core and of http, and for no other', () => {
    assert.deepEqual(Object.keys(statuses).toSorted(), [...Object.keys(codes), ...Object.keys(httpCodes)].toSorted())
  })

  test('has each code once: http has none that core has', () => {
    assert.deepEqual(
      Object.keys(httpCodes).filter((code) => code in codes),
      [],
    )
  })

  test('is the table of the reference, both ways', () => {
    const page = readFileSync(new URL('../../../docs/reference/http.md', import.meta.url), 'utf8')
    const listed = [...page.matchAll(/^\| (\d{3}) \| `(\w+)` \|/gm)].map(([, status, code]) => `${code} ${status}`)
    assert.deepEqual(
      listed.toSorted(),
      Object.entries(statuses)
        .map(([code, status]) => `${code} ${status}`)
        .toSorted(),
    )
  })

  test('gives every code a title that is a sentence', () => {
    for (const code of Object.keys(statuses) as ProblemCode[]) assert.match(titleOf(code), /^[A-Z`].+\.$/)
  })
})

describe('an error of the app', () => {
  for (const code of Object.keys(codes) as ErrorCode[]) {
    test(`${code} is answered with its status, and with its text only where the caller can act on it`, async () => {
      const throwing = async (): Promise<never> => {
        throw new GestaError(code, 'the text of the error', { facts: { path: '/a/hidden/file', commandId: 'c-1' } })
      }
      await using server = await serveRunning(fakeApp({ dispatch: throwing, query: throwing }))
      const answers = [await server.post('/api/commands/Order.Place', {}), await server.get('/api/queries/Order.Get')]
      for (const { status, problem, text, headers } of answers) {
        const denied = code === 'permission_denied'
        assert.equal(status, denied ? 401 : statuses[code])
        assert.equal(problem.code, denied ? 'unauthenticated' : code)
        assert.equal(text.includes('the text of the error'), status < 500 && !denied)
        assert.doesNotMatch(text, /hidden/)
        assert.equal(headers.get('retry-after'), status === 503 ? '1' : null)
        assert.equal(problem.commandId, code === 'outcome_unknown' ? 'c-1' : undefined)
      }
      assert.equal(server.logged.length, statuses[code] >= 500 ? 2 : 0)
    })
  }

  for (const code of ['rate_limited', 'too_many_clients'] as const)
    for (const [retryAfterMs, seconds] of [
      [1, '1'],
      [1_000, '1'],
      [1_001, '2'],
      [0, '1'],
      [undefined, null],
      ['soon', null],
      [-1, null],
    ] as const)
      test(`${code} says when to come back, if that is known: ${String(retryAfterMs)}`, async () => {
        const dispatch = (): Promise<never> =>
          Promise.reject(new GestaError(code, 'slower', { facts: { retryAfterMs } }))
        await using server = await serveRunning(fakeApp({ dispatch }))
        const { status, headers } = await server.post('/api/commands/Order.Place', {})
        assert.deepEqual([status, headers.get('retry-after')], [429, seconds])
      })

  test('permission_denied is 401 for nobody in particular, and 403 for a known caller', async () => {
    const query = (): Promise<never> => Promise.reject(new GestaError('permission_denied', 'no'))
    await using known = await serveRunning(fakeApp({ query }), { authenticate: () => ({ account: 'ann' }) })
    const denied = await known.get('/api/queries/Order.Get')
    assert.deepEqual([denied.status, denied.problem.code], [403, 'permission_denied'])
    await using unknown = await serveRunning(fakeApp({ query }), { authenticate: () => ({ tenant: 'acme' }) })
    const nobody = await unknown.get('/api/queries/Order.Get')
    assert.deepEqual([nobody.status, nobody.headers.get('www-authenticate')], [401, 'Bearer'])
  })

  test('diverged is told in full when it is a token, and without the name of the view when it is a view', async () => {
    const ofToken = new GestaError('diverged', 'The token lies beyond the end of the log.', { facts: { position: 3 } })
    const facts = { readModel: 'Secret.Model' }
    const ofView = new GestaError('diverged', 'The view of Secret.Model diverged.', { facts })
    let thrown = ofToken
    await using server = await serveRunning(fakeApp({ query: () => Promise.reject(thrown) }))
    const token = await server.get('/api/queries/Order.Get')
    assert.deepEqual([token.status, token.problem.detail], [409, 'The token lies beyond the end of the log.'])
    assert.equal(server.logged.length, 0)
    thrown = ofView
    const view = await server.get('/api/queries/Order.Get')
    assert.deepEqual([view.status, view.problem.code], [409, 'diverged'])
    assert.doesNotMatch(view.text, /Secret/)
    assert.match(String(server.logged[0]?.facts['error']), /Secret\.Model/)
  })

  test('of a read model that failed does not name it', async () => {
    const failed = new GestaError('read_model_failed', 'Secret.Model stopped.', {
      facts: { readModel: 'Secret.Model' },
    })
    await using server = await serveRunning(fakeApp({ query: () => Promise.reject(failed) }))
    const { status, text } = await server.get('/api/queries/Order.Get')
    assert.equal(status, 503)
    assert.doesNotMatch(text, /Secret/)
    assert.match(String(server.logged[0]?.facts['error']), /Secret\.Model/)
  })

  test('that a handler met and wrapped is not the answer to the caller', async () => {
    const query = async (): Promise<never> => {
      throw new Error('outer', { cause: new GestaError('conflict', 'inner') })
    }
    await using server = await serveRunning(fakeApp({ query }))
    assert.equal((await server.get('/api/queries/Order.Get')).status, 500)
    assert.equal(server.logged.length, 1)
  })

  test('may be anything that can be thrown', async () => {
    for (const thrown of [undefined, null, 'text', 5, {}, new TypeError('x')]) {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- handlers of users do throw such things
      const query = (): Promise<never> => Promise.reject(thrown)
      await using server = await serveRunning(fakeApp({ query }))
      const { status, problem } = await server.get('/api/queries/Order.Get')
      assert.deepEqual([status, problem.code], [500, 'internal'])
    }
  })
})
