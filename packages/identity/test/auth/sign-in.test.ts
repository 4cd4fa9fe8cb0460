// Signing in with address and password: who may, what is told, and what is kept.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isGestaError, systemContext, systemTenant } from '@gesta/core'
import { hashSync } from '@node-rs/argon2'
import { block, changePassword } from '../../src/account/account-contracts.ts'
import { listSessions, login, refresh } from '../../src/auth/auth-contracts.ts'
import { openIdentity, password } from '../open-identity.ts'
import { temporaryStore } from './secrets-of-tests.ts'

const ann = 'ann@shop.example'

describe('signing in', () => {
  it('gives the tokens of a new session', async () => {
    await using app = await openIdentity()
    const { tokens, account, session, context } = await app.signUp(ann)
    assert.deepEqual(context, { account, session })
    assert.match(tokens.refreshToken, /^[0-9a-f-]{36}\.[\w-]{64}$/)
    assert.match(tokens.device ?? '', /^[\w-]{43}$/)
    assert.equal((await app.query(listSessions(), context))[0]?.method, 'password')
    assert.notEqual((await app.signIn(ann)).session, session)
  })

  it('is refused alike whatever is wrong, and the record of it has the same shape', async () => {
    await using app = await openIdentity()
    await app.signUp(ann)
    const blocked = await app.signUp('bob@shop.example')
    await app.done(block({ accountUuid: blocked.account, reason: 'a test' }), systemContext(systemTenant))
    const tries = [
      login({ email: ann, password: 'not the password' }),
      login({ email: 'nobody@shop.example', password }),
      login({ email: 'bob@shop.example', password }),
    ]
    const told = []
    for (const one of tries) {
      const outcome = await app.dispatch(one)
      assert.ok(!outcome.ok)
      const { token: _, commandId, ...rest } = outcome
      const record = await app.app.commandLog.get(systemTenant, commandId)
      told.push({ rest, keys: Object.keys(record ?? {}).toSorted() })
    }
    assert.equal(told[0]?.rest.ok, false)
    for (const one of told) assert.deepEqual(one, told[0])
  })

  it('waits for nobody before the address is verified', async () => {
    await using app = await openIdentity()
    const { register } = await import('../../src/account/account-contracts.ts')
    await app.done(register({ email: ann, password }))
    assert.equal(await app.refused(login({ email: ann, password })), 'invalid_credentials')
  })

  it('is in the audit log whatever came of it, without a secret and without the address', async () => {
    await using app = await openIdentity()
    await app.signUp(ann)
    await app.refused(login({ email: ann, password: 'not the password' }))
    const { items } = await app.app.audit.list(systemContext(systemTenant), { action: 'Auth.Login' })
    assert.deepEqual(items.map(({ outcome }) => outcome).toSorted(), ['rejected', 'succeeded'])
    for (const secret of [password, 'not the password', ann]) assert.ok(!JSON.stringify(items).includes(secret))
  })

  it('hashes a password anew that was hashed with less, and goes on as before', async () => {
    await using app = await openIdentity()
    await app.signUp(ann)
    const { credentials } = app.app.stores
    const [row] = (await credentials.list({ kind: 'password' })).items
    assert.ok(row)
    const { subject, expiresAt, version } = row
    const value = hashSync(password, { memoryCost: 8_192, timeCost: 1 })
    assert.ok(await credentials.put(row, { subject, value, expiresAt }, version))
    await app.signIn(ann)
    assert.match((await credentials.get(row))?.value as string, /m=19456,t=2/)
    await app.signIn(ann)
  })

  it('no longer works with a password that was changed', async () => {
    await using app = await openIdentity()
    const person = await app.signUp(ann)
    await app.done(changePassword({ currentPassword: password, newPassword: 'six copper lanterns sway' }), person)
    assert.equal(await app.refused(login({ email: ann, password })), 'invalid_credentials')
  })

  it('takes no command id and no idempotency key, because its result is told once', async () => {
    await using app = await openIdentity()
    await app.signUp(ann)
    await assert.rejects(app.app.dispatch(login({ email: ann, password }), { idempotencyKey: 'k-1' }), (error) =>
      isGestaError(error, 'idempotency_refused'),
    )
  })

  it('beyond what can be hashed is refused with the time to wait', async () => {
    await using app = await openIdentity({ hashingQueueMax: 2 })
    const all = await Promise.allSettled(
      Array.from({ length: 12 }, (_, at) => app.dispatch(login({ email: `n${at}@shop.example`, password }))),
    )
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    assert.ok(refused.length > 0)
    for (const error of refused) assert.ok(isGestaError(error, 'rate_limited') && error.facts['retryAfterMs'])
  })
})

describe('what is stored of sessions', () => {
  it('has no token, no password and no secret as it is', async () => {
    await using place = await temporaryStore()
    const secrets: (string | undefined)[] = [password, 'not the password']
    {
      await using app = await openIdentity({ store: place.store })
      const { tokens, session, context } = await app.signUp(ann)
      const refreshed = await app.done(refresh({ refreshToken: tokens.refreshToken }))
      await app.refused(login({ email: ann, password: 'not the password', device: 'd'.repeat(43) }))
      await app.query(listSessions(), context)
      for (const { accessToken, refreshToken } of [tokens, refreshed])
        secrets.push(accessToken, accessToken.split('.')[2], refreshToken, refreshToken.split('.')[1])
      secrets.push(tokens.device, 'd'.repeat(43))
      assert.ok((await place.bytes()).includes(session))
    }
    const stored = await place.bytes()
    for (const secret of secrets) assert.ok(secret !== undefined && !stored.includes(secret), `${secret}`)
  })
})
