// A command id is its sender's: nobody else learns its outcome, and it names one payload only.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGestaError } from '../../src/errors/gesta-error.ts'
import { deposit, withdraw, writingDomain } from '../account-domain.ts'
import { startApp } from '../started-app.ts'

const alice = { account: 'alice', identity: 'alice-at-bank' }
const five = deposit({ accountId: 'a', pence: 5 })

describe('a command id that the engine made', () => {
  for (const [who, context] of [
    ['another account', { ...alice, account: 'bob' }],
    ['another identity of the same account', { ...alice, identity: 'alice-at-home' }],
    ['an account without identity', { account: 'alice' }],
    ['a sender whose fields are swapped', { account: alice.identity, identity: alice.account }],
    ['nobody', {}],
  ] as const) {
    test(`is refused for ${who}, and nothing is stored`, async () => {
      await using app = await startApp(writingDomain)
      const { commandId } = await app.running.dispatch(five, { context: alice })
      await assert.rejects(app.running.dispatch(five, { commandId, context }), {
        code: 'command_conflict',
        facts: { commandId, commandType: 'Account.Deposit' },
        // What came of somebody else's command is not told.
        message: `The command id ${commandId} is taken by another Account.Deposit. Use a new id for a new command.`,
      })
      assert.equal(await app.store.head(), 1)
    })
  }

  test('is refused for a sender when nobody sent the first one', async () => {
    await using app = await startApp(writingDomain)
    const { commandId } = await app.running.dispatch(five)
    await assert.rejects(app.running.dispatch(five, { commandId, context: alice }), { code: 'command_conflict' })
    assert.equal(await app.store.head(), 1)
  })

  test('is refused for another payload, and nothing is stored', async () => {
    await using app = await startApp(writingDomain)
    const { commandId } = await app.running.dispatch(five, { context: alice })
    for (const other of [deposit({ accountId: 'a', pence: 6 }), deposit({ accountId: 'b', pence: 5 })])
      await assert.rejects(app.running.dispatch(other, { commandId, context: alice }), { code: 'command_conflict' })
    assert.equal(await app.store.head(), 1)
  })

  test('gives its sender the first outcome, from any session and trace', async () => {
    await using app = await startApp(writingDomain)
    const first = await app.running.dispatch(five, { context: { ...alice, session: 's-1' } })
    const context = { ...alice, session: 's-2', correlationId: 'x' }
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }), { context })
    assert.deepEqual(await app.running.dispatch(five, { commandId: first.commandId, context }), first)
    assert.equal(await app.store.head(), 2)
  })

  test('gives nobody the first outcome of nobody', async () => {
    await using app = await startApp(writingDomain)
    const first = await app.running.dispatch(five)
    assert.deepEqual(await app.running.dispatch(five, { commandId: first.commandId }), first)
    assert.equal(await app.store.head(), 1)
  })

  test('hides a rejection from others, and repeats it to its sender', async () => {
    await using app = await startApp(writingDomain)
    const tooMuch = withdraw({ accountId: 'a', pence: 5 })
    const first = await app.running.dispatch(tooMuch, { context: alice })
    assert.equal(first.ok, false)
    const { commandId } = first
    await assert.rejects(app.running.dispatch(tooMuch, { commandId, context: { account: 'bob' } }), {
      code: 'command_conflict',
    })
    assert.deepEqual(await app.running.dispatch(tooMuch, { commandId, context: alice }), first)
  })
})

describe('a command id that two senders use at once', () => {
  test('is one sender’s, and refused for the other', async () => {
    await using app = await startApp(writingDomain)
    await using other = await startApp(writingDomain, { beside: app })
    const settled = await Promise.allSettled([
      app.running.dispatch(five, { commandId: 'c', context: alice }),
      other.running.dispatch(five, { commandId: 'c', context: { account: 'bob' } }),
    ])
    assert.deepEqual(settled.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
    const [refused] = settled.filter((result) => result.status === 'rejected')
    assert.ok(isGestaError(refused?.reason, 'command_conflict'))
    assert.equal(await app.store.head(), 1)
  })
})
