import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError } from '@gesta/core'
import { deposit, touch, withdraw, writingDomain } from '../account-domain.ts'
import { startApp } from '../started-app.ts'

describe('a command id that the caller chose', () => {
  test('gives the first outcome to every repetition, word for word', async () => {
    await using app = await startApp(writingDomain)
    const options = { commandId: 'c-1' }
    const first = await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), options)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    assert.deepEqual(await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), options), first)
    assert.equal(await app.store.head(), 2)
  })

  test('gives the first rejection to every repetition, also when it would be accepted now', async () => {
    await using app = await startApp(writingDomain)
    const options = { commandId: 'c-1' }
    const first = await app.running.dispatch(withdraw({ accountId: 'a', pence: 5 }), options)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }))
    assert.deepEqual(await app.running.dispatch(withdraw({ accountId: 'a', pence: 5 }), options), first)
    assert.equal(first.ok, false)
  })

  test('decides once when the same command comes a hundred times at once', async () => {
    await using app = await startApp(writingDomain)
    const hundred = Array.from({ length: 100 }, () =>
      app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { commandId: 'c' }),
    )
    const outcomes = await app.clock.finish(Promise.all(hundred))
    for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0])
    assert.equal(await app.store.head(), 1)
  })

  test('decides once when two apps on one store are asked at once', async () => {
    await using app = await startApp(writingDomain)
    await using other = await startApp(writingDomain, { beside: app })
    const [one, two] = await Promise.all(
      [app, other].map(({ running }) => running.dispatch(deposit({ accountId: 'a', pence: 5 }), { commandId: 'c' })),
    )
    assert.deepEqual(one, two)
    assert.equal(await app.store.head(), 1)
  })

  test('is settled by an attempt that stored no decision: another one needs another id', async () => {
    await using app = await startApp(writingDomain)
    const options = { commandId: 'c-1' }
    const money = deposit({ accountId: 'a', pence: 5 })
    await assert.rejects(app.running.dispatch(money, { ...options, expectedVersion: 4 }), { code: 'version_mismatch' })
    await assert.rejects(app.running.dispatch(money, options), {
      code: 'command_settled',
      facts: { commandId: 'c-1', commandType: 'Account.Deposit', outcome: 'failed' },
      message: /recorded as failed.*new id/,
    })
    assert.equal((await app.store.header('', 'c-1'))?.outcome, 'failed')
    assert.equal(await app.running.commandLog.total(), 1)
    assert.ok((await app.running.dispatch(money, { commandId: 'c-2' })).ok)
  })

  test('is free again after an attempt whose record could not be stored', async () => {
    let away = true
    await using app = await startApp(writingDomain, {
      interfere: async (_, next) => {
        if (away) throw new GestaError('store_unavailable', 'away')
        return next()
      },
    })
    const money = deposit({ accountId: 'a', pence: 5 })
    await assert.rejects(app.running.dispatch(money, { commandId: 'c-1' }), { code: 'store_unavailable' })
    away = false
    assert.ok((await app.running.dispatch(money, { commandId: 'c-1' })).ok)
  })

  test('is another one in another tenant', async () => {
    await using app = await startApp(writingDomain)
    for (const tenant of ['t-1', 't-2']) {
      assert.equal(
        (await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { commandId: 'c', context: { tenant } }))
          .version,
        1,
      )
    }
  })
})

describe('a command id that is taken', () => {
  test('is refused for another payload and for another command', async () => {
    await using app = await startApp(writingDomain)
    const options = { commandId: 'c-1' }
    await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), options)
    const expected = { code: 'command_conflict', facts: { commandId: 'c-1', commandType: 'Account.Deposit' } }
    await assert.rejects(app.running.dispatch(deposit({ accountId: 'a', pence: 6 }), options), expected)
    await assert.rejects(app.running.dispatch(touch({ accountId: 'a' }), options), expected)
    assert.equal(await app.store.head(), 1)
  })

  test('is refused when the other command is stored while this one is decided', async () => {
    await using app = await startApp(writingDomain)
    await using other = await startApp(writingDomain, { beside: app })
    const settled = await Promise.allSettled([
      app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { commandId: 'c' }),
      other.running.dispatch(deposit({ accountId: 'b', pence: 6 }), { commandId: 'c' }),
    ])
    assert.deepEqual(settled.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
    const [refused] = settled.filter((result) => result.status === 'rejected')
    assert.equal((refused?.reason as { readonly code: string } | undefined)?.code, 'command_conflict')
  })
})
