import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, handle, isGestaError, query, readModel } from '@gesta/core'
import { z } from 'zod'
import { hostOf } from '../../src/app/running.ts'
import { deposit, makeDeposit, Deposited } from '../account-domain.ts'
import { startApp } from '../started-app.ts'

/** A read model that takes no event of 13 pence, `failures` times; and one that takes all. */
function unlucky(failures: number) {
  let tried = 0
  const key = (): string => 'all'
  const sum = (row: { readonly pence: number }, { pence }: { readonly pence: number }) => ({ pence: row.pence + pence })
  const fussy = readModel('Account.Fussy', () => ({ pence: 0 })).on(Deposited, key, (row, data) => {
    if (data.pence === 13 && tried++ < failures) throw new Error('thirteen')
    return sum(row, data)
  })
  const calm = readModel('Account.Calm', () => ({ pence: 0 })).on(Deposited, key, sum)
  const ask = query('Account.Ask', { input: z.object({ model: z.enum(['fussy', 'calm']) }), result: z.unknown() })
  return {
    ask,
    tried: () => tried,
    accounts: domain('Account', {
      permissions: 'anonymous',
      handlers: [
        makeDeposit,
        handle(
          ask,
          async ({ model }, { read }) => (await read(model === 'fussy' ? fussy : calm).get('all'))?.pence ?? 0,
        ),
      ],
      readModels: [fussy, calm],
    }),
  }
}

describe('a read model whose handler fails', () => {
  test('tries again, and goes on where it was', async () => {
    const { accounts, ask, tried } = unlucky(4)
    await using app = await startApp(accounts)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    const { token: after } = await app.running.dispatch(deposit({ accountId: 'a', pence: 13 }))
    assert.equal(await app.clock.finish(app.running.query(ask({ model: 'fussy' }), { after })), 14)
    assert.equal(tried(), 5)
    assert.deepEqual(hostOf(app.running).unready(), [])
  })

  test('stops after five attempts, alone, with an error that names the event', async () => {
    const { accounts, ask, tried } = unlucky(1_000)
    await using app = await startApp(accounts)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await app.running.caughtUp()
    const { commandId } = await app.running.dispatch(deposit({ accountId: 'a', pence: 13 }))
    const { token: after } = await app.running.dispatch(deposit({ accountId: 'a', pence: 2 }))
    await assert.rejects(app.clock.finish(app.running.query(ask({ model: 'fussy' }), { after })), (error: unknown) => {
      assert.ok(isGestaError(error, 'read_model_failed'))
      assert.deepEqual(error.facts, {
        readModel: 'Account.Fussy',
        eventId: `${commandId}.0`,
        type: 'Account.Deposited',
        position: 2,
      })
      for (const named of ['Account.Fussy', `${commandId}.0`, 'Account.Deposited', 'position 2', 'thirteen'])
        assert.ok(error.message.includes(named), named)
      assert.equal((error.cause as Error).message, 'thirteen')
      return true
    })
    assert.equal(tried(), 5)
    assert.equal(await app.running.query(ask({ model: 'calm' }), { after }), 16)
    assert.ok((await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))).ok)
    assert.equal(await app.running.query(ask({ model: 'fussy' })), 1, 'what it has can still be read')
    await assert.rejects(app.running.caughtUp(), { code: 'read_model_failed' })
    assert.deepEqual(
      hostOf(app.running)
        .unready()
        .map(({ readModel: name, state }) => [name, state]),
      [['Account.Fussy', 'failed']],
    )
  })

  test('is left by whoever waits for it when it stops', async () => {
    const { accounts, ask } = unlucky(1_000)
    await using app = await startApp(accounts)
    const { token: after } = await app.running.dispatch(deposit({ accountId: 'a', pence: 13 }))
    const waiting = Array.from({ length: 3 }, () => app.running.query(ask({ model: 'fussy' }), { after }))
    const results = await app.clock.finish(Promise.allSettled(waiting))
    for (const result of results) assert.equal((result as PromiseRejectedResult).reason.code, 'read_model_failed')
  })

  test('fails likewise when its key function throws, or its row is no JSON', async () => {
    const throwing = readModel('Account.Throwing', () => 0).on(
      Deposited,
      () => {
        throw new Error('no key')
      },
      (row) => row,
    )
    const circular = readModel('Account.Circular', (): object => ({})).on(
      Deposited,
      () => 'x',
      () => {
        const loop: { self?: unknown } = {}
        loop.self = loop
        return loop
      },
    )
    for (const model of [throwing, circular]) {
      const broken = domain('Account', { permissions: 'anonymous', handlers: [makeDeposit], readModels: [model] })
      await using app = await startApp(broken)
      await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
      await assert
        .rejects(app.clock.finish(app.running.caughtUp()), {
          code: 'read_model_failed',
          facts: { readModel: model.name, eventId: /./, type: 'Account.Deposited', position: 1 } as never,
        })
        .catch((error: unknown) =>
          assert.ok(error instanceof assert.AssertionError && isGestaError(error.actual, 'read_model_failed')),
        )
    }
  })
})

describe('a store that fails a read model', () => {
  test('is asked again until it answers, and nothing is folded twice', async () => {
    const { accounts, ask } = unlucky(0)
    let failures = 3
    await using app = await startApp(accounts, {
      wrap: (events) => ({
        readAll: async (read) => (failures-- > 0 ? Promise.reject(new Error('away')) : events.readAll(read)),
      }),
    })
    const { appendBeside } = await import('../interfering-store.ts')
    await appendBeside(app.store, 'Account/a', [{ type: 'Account.Deposited', data: { pence: 3 } }])
    await app.clock.finish(app.running.caughtUp())
    assert.equal(await app.running.query(ask({ model: 'calm' })), 3)
  })
})
