// The row of a refresh token: what two who come at once make of it, and what a handler that runs again finds.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Credentials } from '@gesta/core'
import { exchangeRefreshToken, issueRefreshToken, usesOf } from '../../src/auth/refresh-tokens.ts'
import { openCredentials, settableClock } from './secrets-of-tests.ts'

const session = 's-1'

async function open(refreshGraceSeconds: number) {
  const opened = await openCredentials()
  const clock = settableClock()
  const settings = { now: clock.now, sessionIdleSeconds: 3_600, refreshGraceSeconds }
  const parts = { credentials: opened.credentials, settings }
  const issue = (version = 1) =>
    issueRefreshToken(parts, { session, account: { id: 'a-1', version }, endsAt: clock.now() + 86_400_000 }, {})
  const exchange = async (text: string, use: string, credentials: Credentials = opened.credentials) => {
    const exchanged = await exchangeRefreshToken({ credentials, settings }, text, {}, use)
    return typeof exchanged === 'string' ? exchanged : exchanged.text
  }
  return {
    ...clock,
    parts,
    issue,
    exchange,
    /** All of `count` have read before one of them writes. */
    meeting: (count: number): Credentials => {
      const { promise: allHaveRead, resolve } = Promise.withResolvers<void>()
      let readers = 0
      return {
        ...opened.credentials,
        get: async (key) => {
          const found = await opened.credentials.get(key)
          readers += 1
          if (readers >= count) resolve()
          await allHaveRead
          return found
        },
      }
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

describe('a refresh token', () => {
  it('has one successor, though all who come have read the row before one of them replaces it', async () => {
    await using app = await open(10)
    const { text } = await app.issue()
    const credentials = app.meeting(8)
    const all = await Promise.all(Array.from({ length: 8 }, (_, at) => app.exchange(text, `use-${at}`, credentials)))
    assert.equal(new Set(all).size, 1)
    assert.match(await app.exchange(all[0] ?? '', 'later'), /^s-1\./)
  })

  it('gives a handler that runs again its own successor, without any grace, and nobody else', async () => {
    await using app = await open(0)
    const { text } = await app.issue()
    const successor = await app.exchange(text, 'use-1')
    app.pass(60_000)
    assert.equal(await app.exchange(text, 'use-1'), successor)
    assert.equal(await app.exchange(text, 'use-2'), 'reused')
  })

  it('is the last one that was issued, when a handler that starts a session runs again', async () => {
    await using app = await open(10)
    const first = await app.issue()
    const second = await app.issue()
    assert.equal(await app.exchange(first.text, 'use-1'), 'unknown')
    assert.match(await app.exchange(second.text, 'use-2'), /^s-1\./)
  })

  it('is remembered for as long as the grace, and not in any number', async () => {
    await using app = await open(60)
    let { text } = await app.issue()
    const first = text
    for (let at = 0; at < 40; at++) text = await app.exchange(text, `use-${at}`)
    assert.equal(await app.exchange(first, 'late'), 'reused')
    const [row] = (await app.parts.credentials.list({ kind: 'refresh' })).items
    assert.ok(JSON.stringify(row?.value).length < 8_192)
  })

  it('tells where it was used from, cut to a length', async () => {
    await using app = await open(10)
    const { text } = await app.issue()
    const from = { address: '192.0.2.1', userAgent: 'x'.repeat(5_000) }
    await exchangeRefreshToken(app.parts, text, from, 'use-1')
    assert.deepEqual(await usesOf(app.parts, 'a-1'), [
      { session, usedAt: app.now(), address: '192.0.2.1', userAgent: 'x'.repeat(512) },
    ])
    assert.deepEqual(await usesOf(app.parts, 'a-2'), [])
  })
})
