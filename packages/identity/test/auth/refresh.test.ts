// Refresh tokens: exchanged once, and within the grace again for the same; what comes later ends its session, and that one alone.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemContext, systemTenant } from '@gesta/core'
import fc from 'fast-check'
import { endAllSessions, endSession, listSessions, logout, refresh } from '../../src/auth/auth-contracts.ts'
import { openIdentity } from '../open-identity.ts'
import type { Person, TestIdentity } from '../open-identity.ts'
import { storesOfOne } from '../stores.ts'

const ann = 'ann@shop.example'
const graceMs = 10_000
const dayMs = 86_400_000

async function refreshed(app: TestIdentity, refreshToken: string): Promise<string | undefined> {
  const outcome = await app.dispatch(refresh({ refreshToken }))
  if (!outcome.ok) assert.equal(outcome.rejection.code, 'invalid_refresh_token')
  return outcome.ok ? outcome.result.refreshToken : undefined
}
/** Whether what the session was given can be used, by token or by refreshing. */
async function isLive(app: TestIdentity, { context, session }: Person): Promise<boolean> {
  try {
    return (await app.query(listSessions(), context)).some((one) => one.session === session)
  } catch {
    return false
  }
}

describe('refreshing', () => {
  it('gives new tokens for the same session, and the old refresh token within the grace the same successor', async () => {
    await using app = await openIdentity()
    const { tokens, session } = await app.signUp(ann)
    const first = await app.done(refresh({ refreshToken: tokens.refreshToken }))
    assert.equal(first.session, session)
    assert.notEqual(first.refreshToken, tokens.refreshToken)
    app.advance(graceMs - 5_000)
    assert.equal(await refreshed(app, tokens.refreshToken), first.refreshToken)
  })

  it('from several tabs at once keeps all of them signed in', async () => {
    await using app = await openIdentity()
    const { tokens } = await app.signUp(ann)
    const tabs = await Promise.all(Array.from({ length: 20 }, () => refreshed(app, tokens.refreshToken)))
    assert.equal(new Set(tabs).size, 1)
    app.advance(60_000)
    assert.ok(await refreshed(app, tabs[0] ?? ''))
  })

  it('twice within the grace keeps a tab signed in that comes with the oldest token', async () => {
    await using app = await openIdentity()
    const { tokens } = await app.signUp(ann)
    const second = await refreshed(app, (await refreshed(app, tokens.refreshToken)) ?? '')
    assert.equal(await refreshed(app, tokens.refreshToken), second)
    app.advance(60_000)
    assert.ok(await refreshed(app, second ?? ''))
  })

  it('with a token whose grace is over ends its session alone, is in the audit log, and is told once', async () => {
    await using app = await openIdentity()
    const stolen = await app.signUp(ann)
    const other = await app.signIn(ann)
    const successor = await refreshed(app, stolen.tokens.refreshToken)
    app.advance(graceMs + 1_000)
    assert.equal(await refreshed(app, stolen.tokens.refreshToken), undefined)
    assert.equal(await refreshed(app, stolen.tokens.refreshToken), undefined)
    assert.equal(await refreshed(app, successor ?? ''), undefined)
    assert.equal(await isLive(app, stolen), false)
    assert.equal(await isLive(app, other), true)
    assert.ok(await refreshed(app, other.tokens.refreshToken))
    const { items } = await app.app.audit.list(systemContext(systemTenant), { action: 'Auth.RefreshTokenReused' })
    assert.deepEqual(
      items.map(({ resource, outcome }) => ({ resource, outcome })),
      [{ resource: stolen.session, outcome: 'denied' }],
    )
  })

  for (const [store, open] of Object.entries(storesOfOne))
    it(`refuses and ends in one commit on ${store}, so that nobody is killed between the two`, async () => {
      await using place = await open()
      await using app = await openIdentity({ store: place.store })
      const person = await app.signUp(ann)
      const { tokens } = person
      await app.done(refresh({ refreshToken: tokens.refreshToken }))
      app.advance(graceMs + 1_000)
      const all = await Promise.all(
        Array.from({ length: 8 }, () => app.dispatch(refresh({ refreshToken: tokens.refreshToken }))),
      )
      assert.ok(all.every(({ ok }) => !ok))
      assert.equal(await isLive(app, person), false)
      const { items } = await app.app.audit.list(systemContext(systemTenant), { action: 'Auth.RefreshTokenReused' })
      assert.equal(items.length, 1)
      assert.ok(all.some(({ commandId }) => commandId === items[0]?.commandId))
    })

  it('with any token of before, however old, ends the session, and with a guess does not', async () => {
    await using app = await openIdentity()
    const person = await app.signUp(ann)
    const old = person.tokens.refreshToken
    let current = old
    for (let at = 0; at < 4; at++) {
      current = (await refreshed(app, current)) ?? ''
      app.advance(900_000)
    }
    const guess = `${person.session}.${'A'.repeat(64)}`
    assert.equal(await refreshed(app, guess), undefined)
    current = (await refreshed(app, current)) ?? ''
    assert.ok(current)
    assert.equal(await refreshed(app, old), undefined)
    assert.equal(await refreshed(app, current), undefined)
  })

  it('with what is no token is refused', async () => {
    await using app = await openIdentity()
    const { tokens, session } = await app.signUp(ann)
    const [, secret = ''] = tokens.refreshToken.split('.')
    const wrong = [
      'x',
      `.${secret}`,
      `${session}.`,
      `${session}.${secret}A`,
      `__proto__.${secret}`,
      `no-session.${secret}`,
    ]
    for (const text of wrong) assert.equal(await refreshed(app, text), undefined, text)
    assert.ok(await refreshed(app, tokens.refreshToken))
  })

  it('is over after seven days without, and after thirty days in any case', async () => {
    await using app = await openIdentity()
    const idle = await app.signUp(ann)
    const busy = await app.signIn(ann)
    let current: string | undefined = busy.tokens.refreshToken
    for (let day = 0; day < 30; day += 6) {
      app.advance(6 * dayMs - 60_000)
      assert.ok(current)
      current = await refreshed(app, current)
      if (day === 6) assert.equal(await refreshed(app, idle.tokens.refreshToken), undefined)
    }
    app.advance(10 * 60_000)
    assert.equal(await refreshed(app, current ?? ''), undefined)
  })

  it('tells where a session was used from, and when', async () => {
    await using app = await openIdentity()
    const { tokens, context } = await app.signUp(ann)
    app.advance(60_000)
    const metadata = { address: '192.0.2.7', userAgent: 'Browser/1' }
    await app.app.dispatch(refresh({ refreshToken: tokens.refreshToken }), { metadata })
    const [shown] = await app.query(listSessions(), context)
    assert.deepEqual(
      { ...metadata, isCurrent: true },
      {
        address: shown?.address,
        userAgent: shown?.userAgent,
        isCurrent: shown?.isCurrent,
      },
    )
    assert.ok(Date.parse(shown?.usedAt ?? '') - Date.parse(shown?.startedAt ?? '') >= 60_000)
  })
})

for (const [store, open] of Object.entries(storesOfOne))
  describe(`ending a session on ${store}`, () => {
    const ways = {
      'by signing out': (app: TestIdentity, { context }: Person) => app.done(logout(), context),
      'by ending it': (app: TestIdentity, { context, session }: Person) => app.done(endSession({ session }), context),
      'by ending all': (app: TestIdentity, { context }: Person) => app.done(endAllSessions(), context),
    }
    for (const [way, end] of Object.entries(ways))
      it(`${way} leaves no living token, with a hundred refreshes at the same time`, async () => {
        await using place = await open()
        await using app = await openIdentity({ store: place.store })
        const person = await app.signUp(ann)
        const { refreshToken } = person.tokens
        const all = Array.from({ length: 100 }, (_, at) =>
          at === 50 ? end(app, person).then(() => undefined) : refreshed(app, refreshToken),
        )
        const given = new Set((await Promise.all(all)).filter((text) => text !== undefined))
        for (const text of [refreshToken, ...given]) assert.equal(await refreshed(app, text), undefined)
        assert.equal(await isLive(app, person), false)
      })
  })

type Step =
  | { readonly do: 'refresh'; readonly session: number; readonly token: number }
  | { readonly do: 'end'; readonly session: number; readonly by: 'logout' | 'end' }
  | { readonly do: 'pass'; readonly ms: number }

interface Modelled {
  readonly person: Person
  /** In the order in which they were given out; the last one is current. */
  readonly tokens: { readonly text: string; exchangedAt: number | undefined }[]
  usedAt: number
  isOver: boolean
}

describe('any sequence of refreshing, replaying, ending and jumps of the clock', () => {
  it('goes as the model says: a session lives until it is ended, is idle too long, or a token comes too late', async () => {
    await using app = await openIdentity({ sessionIdleSeconds: 3_600, sessionSeconds: 14_400 })
    await app.signUp(ann)
    const session = fc.nat({ max: 1 })
    const step: fc.Arbitrary<Step> = fc.oneof(
      { arbitrary: fc.record({ do: fc.constant('refresh' as const), session, token: fc.nat({ max: 3 }) }), weight: 6 },
      {
        arbitrary: fc.record({
          do: fc.constant('pass' as const),
          // No sum of them is as long as the grace: the clock goes on between what the store reads and what the model does.
          ms: fc.constantFrom(1_300, 9_000, 11_000, 900_000, 3_601_000),
        }),
        weight: 4,
      },
      {
        arbitrary: fc.record({
          do: fc.constant('end' as const),
          session,
          by: fc.constantFrom('logout' as const, 'end' as const),
        }),
        weight: 1,
      },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const started = app.now()
        const all: Modelled[] = []
        for (let at = 0; at < 2; at++) {
          const person = await app.signIn(ann)
          all.push({
            person,
            tokens: [{ text: person.tokens.refreshToken, exchangedAt: undefined }],
            usedAt: app.now(),
            isOver: false,
          })
        }
        for (const next of steps) {
          if (next.do === 'pass') {
            app.advance(next.ms)
            continue
          }
          const modelled = all[next.session]
          assert.ok(modelled)
          const { person, tokens } = modelled
          const elapsed = app.now() - modelled.usedAt >= 3_600_000 || app.now() - started >= 14_400_000
          if (next.do === 'end') {
            if (modelled.isOver || elapsed) continue
            await app.done(next.by === 'logout' ? logout() : endSession({ session: person.session }), person.context)
            modelled.isOver = true
            continue
          }
          // Counted from the newest one.
          const at = Math.max(0, tokens.length - 1 - next.token)
          const token = tokens[at]
          assert.ok(token)
          const newest = tokens.at(-1)
          const answer = await refreshed(app, token.text)
          if (modelled.isOver || elapsed) assert.equal(answer, undefined)
          else if (token.exchangedAt === undefined) {
            assert.ok(answer)
            token.exchangedAt = app.now()
            tokens.push({ text: answer, exchangedAt: undefined })
            modelled.usedAt = app.now()
          } else if (app.now() - token.exchangedAt <= graceMs) assert.equal(answer, newest?.text)
          else {
            assert.equal(answer, undefined)
            modelled.isOver = true
          }
        }
        for (const { person, isOver, usedAt } of all) {
          const elapsed = app.now() - usedAt >= 3_600_000 || app.now() - started >= 14_400_000
          assert.equal(await isLive(app, person), !isOver && !elapsed)
        }
      }),
      { numRuns: 25 },
    )
  })
})
