import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createTokens } from '../../src/stores/event/token.ts'
import { accountDomain, deposit, get, open, withdraw } from '../account-domain.ts'
import { appendBeside, deaf } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'

describe('a token', () => {
  test('makes a query see the command that returned it', async () => {
    await using app = await startApp(accountDomain)
    for (let pence = 1; pence <= 20; pence++) {
      const { token } = await app.running.dispatch(deposit({ accountId: 'a', pence }))
      assert.equal((await app.running.query(get({ accountId: 'a' }), { after: token }))?.version, pence)
    }
  })

  test('of a rejection stands for what the decision saw', async () => {
    await using app = await startApp(accountDomain)
    await appendBeside(app.store, 'Account/a', [{ type: 'Account.Opened', data: { owner: 'Ada' } }])
    const rejected = await app.running.dispatch(withdraw({ accountId: 'a', pence: 1 }))
    assert.equal(rejected.ok, false)
    assert.equal(
      (await app.clock.finish(app.running.query(get({ accountId: 'a' }), { after: rejected.token })))?.version,
      1,
    )
  })

  test('of the empty log is reached at once', async () => {
    await using app = await startApp(accountDomain)
    const rejected = await app.running.dispatch(withdraw({ accountId: 'a', pence: 1 }))
    assert.equal(await app.running.query(get({ accountId: 'a' }), { after: rejected.token }), null)
  })

  test('is understood by another app on the same log', async () => {
    await using app = await startApp(accountDomain)
    const { token } = await app.running.dispatch(open({ accountId: 'a', owner: 'Ada' }))
    assert.equal(createTokens(app.store.identity).place(token).position, 1)
  })

  test('that another process gave out is compared with the commit that lies at its position', async () => {
    await using app = await startApp(accountDomain)
    await appendBeside(app.store, 'Account/a', [{ type: 'Account.Opened', data: { owner: 'Ada' } }])
    const [event] = await app.store.readAll({ after: 0 })
    const after = createTokens(app.store.identity).token(1, event?.commandId)
    assert.equal((await app.clock.finish(app.running.query(get({ accountId: 'a' }), { after })))?.version, 1)
  })

  test('is waited for: what another process stored is found by polling', async () => {
    await using app = await startApp(accountDomain, { wrap: deaf() })
    const stored = await appendBeside(app.store, 'Account/a', [{ type: 'Account.Opened', data: { owner: 'Ada' } }])
    assert.equal(stored.verdict, 'stored')
    const after = createTokens(app.store.identity).token(1)
    assert.equal((await app.clock.finish(app.running.query(get({ accountId: 'a' }), { after })))?.version, 1)
  })
})

describe('a token that cannot be waited for', () => {
  test('is refused when it is no token, or one of another log', async () => {
    await using app = await startApp(accountDomain)
    const foreign = createTokens({ ...app.store.identity, secret: 'another' }).token(1)
    for (const after of ['', 'abc', 'x'.repeat(22), `${foreign}a`, foreign]) {
      await assert.rejects(app.running.query(get({ accountId: 'a' }), { after: after as never }), {
        code: 'invalid_token',
      })
    }
  })

  test('is diverged when it belongs to another incarnation of the log', async () => {
    await using app = await startApp(accountDomain)
    const after = createTokens({ ...app.store.identity, incarnation: 'forked' }).token(0)
    await assert.rejects(app.running.query(get({ accountId: 'a' }), { after }), { code: 'diverged' })
  })

  test('is diverged when another command ended at its position: a backup was restored and written on', async () => {
    await using app = await startApp(accountDomain)
    await app.running.dispatch(open({ accountId: 'a', owner: 'Ada' }))
    const after = createTokens(app.store.identity).token(1, 'lost-command')
    await assert.rejects(app.running.query(get({ accountId: 'a' }), { after }), { code: 'diverged' })
  })

  test('is diverged when it lies beyond the end of the log', async () => {
    await using app = await startApp(accountDomain)
    await app.running.dispatch(open({ accountId: 'a', owner: 'Ada' }))
    const after = createTokens(app.store.identity).token(2)
    await assert.rejects(app.clock.finish(app.running.query(get({ accountId: 'a' }), { after, deadlineMs: 1_000 })), {
      code: 'diverged',
    })
  })

  test('is given up at the deadline', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    await using app = await startApp(accountDomain, { wrap: deaf(held) })
    await appendBeside(app.store, 'Account/a', [{ type: 'Account.Opened', data: { owner: 'Ada' } }])
    const after = createTokens(app.store.identity).token(1)
    const waiting = app.running.query(get({ accountId: 'a' }), { after, deadlineMs: 700 })
    const refused = assert.rejects(waiting, { code: 'deadline_exceeded' })
    await app.clock.advance(700)
    await refused
    release()
  })

  test('is given up with the reason of the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('gone')
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    await using app = await startApp(accountDomain, { wrap: deaf(held) })
    await appendBeside(app.store, 'Account/a', [{ type: 'Account.Opened', data: { owner: 'Ada' } }])
    const after = createTokens(app.store.identity).token(1)
    const refused = assert.rejects(
      app.running.query(get({ accountId: 'a' }), { after, signal: controller.signal }),
      (error) => error === reason,
    )
    await app.clock.advance(10)
    controller.abort(reason)
    await refused
    release()
  })
})
