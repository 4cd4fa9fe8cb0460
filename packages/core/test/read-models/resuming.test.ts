import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, handle, query, readModel } from '@gesta/core'
import type { AnyDomain } from '@gesta/core'
import { z } from 'zod'
import { hostOf } from '../../src/app/running.ts'
import { deposit, Deposited, makeDeposit } from '../account-domain.ts'
import { appendBeside } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'

const ask = query('Account.Ask', { result: z.int() })

/** A domain whose read model counts deposits, and tells which positions it folded. */
function counting(modelVersion?: number): { readonly accounts: AnyDomain; readonly folded: number[] } {
  const folded: number[] = []
  const count = readModel('Account.Count', () => 0, { modelVersion }).on(
    Deposited,
    () => 'all',
    (sum, _, { position }) => {
      folded.push(position)
      return sum + 1
    },
  )
  const accounts = domain('Account', {
    permissions: 'anonymous',
    handlers: [makeDeposit, handle(ask, async (_, { read }) => (await read(count).get('all')) ?? 0)],
    readModels: [count],
  })
  return { accounts, folded }
}

describe('a view', () => {
  test('resumes from its checkpoint', async () => {
    const first = counting()
    const app = await startApp(first.accounts)
    for (const pence of [1, 2, 3]) await app.running.dispatch(deposit({ accountId: 'a', pence }))
    await app.running.caughtUp()
    await app[Symbol.asyncDispose]()
    await appendBeside(app.store, 'Account/a', [{ type: 'Account.Deposited', data: { pence: 4 } }])
    const second = counting()
    await using again = await startApp(second.accounts, { beside: app })
    const { token: after } = await again.running.dispatch(deposit({ accountId: 'a', pence: 5 }))
    assert.equal(await again.running.query(ask(), { after }), 5)
    assert.deepEqual(
      [first.folded, second.folded],
      [
        [1, 2, 3],
        [4, 5],
      ],
    )
  })

  test('of a new model version is built from the start', async () => {
    const app = await startApp(counting().accounts)
    for (const pence of [1, 2, 3]) await app.running.dispatch(deposit({ accountId: 'a', pence }))
    await app.running.caughtUp()
    await app[Symbol.asyncDispose]()
    const next = counting(2)
    await using again = await startApp(next.accounts, { beside: app })
    await again.running.caughtUp()
    assert.deepEqual(next.folded, [1, 2, 3])
  })

  test('is flushed whole commits at a time over a long history', async () => {
    const { accounts, folded } = counting()
    const app = await startApp(counting().accounts)
    await app[Symbol.asyncDispose]()
    const many = Array.from({ length: 700 }, () => ({ type: 'Account.Deposited', data: { pence: 1 } }))
    for (const id of ['a', 'b', 'c', 'd']) await appendBeside(app.store, `Account/${id}`, many)
    await using again = await startApp(accounts, { beside: app })
    await again.running.caughtUp()
    assert.equal(await again.running.query(ask()), 2_800)
    assert.deepEqual(
      folded,
      Array.from({ length: 2_800 }, (_, index) => index + 1),
    )
  })
})

describe('a view that somebody else moves', () => {
  test('by being faster is followed from where it is then, without a pause', async () => {
    const one = counting()
    const app = await startApp(one.accounts)
    const two = counting()
    await using other = await startApp(two.accounts, { beside: app })
    for (let pence = 1; pence <= 30; pence++) await app.running.dispatch(deposit({ accountId: 'a', pence }))
    await app.clock.finish(Promise.all([app.running.caughtUp(), other.running.caughtUp()]))
    assert.equal(await other.running.query(ask()), 30)
    assert.deepEqual(hostOf(app.running).unready(), [])
    assert.deepEqual(hostOf(other.running).unready(), [])
    await app[Symbol.asyncDispose]()
  })

  test('by emptying it is built again from the start', async () => {
    const { accounts, folded } = counting()
    await using app = await startApp(accounts)
    for (const pence of [1, 2, 3]) await app.running.dispatch(deposit({ accountId: 'a', pence }))
    await app.running.caughtUp()
    await (await app.readModels.open({ name: 'Account.Count', modelVersion: 1, generation: 1 })).reset()
    const { token: after } = await app.running.dispatch(deposit({ accountId: 'a', pence: 4 }))
    assert.equal(await app.clock.finish(app.running.query(ask(), { after })), 4)
    // The fourth one was folded in vain, then all of them.
    assert.deepEqual(folded, [1, 2, 3, 4, 1, 2, 3, 4])
  })
})

describe('a view that was built from another history', () => {
  for (const [what, checkpoint] of [
    ['of another incarnation', { incarnation: 'another', position: 0, events: 0 }],
    ['beyond the end of the log', { incarnation: undefined, position: 7, events: 0 }],
    ['beside the log, which was restored and written on', { incarnation: undefined, position: 2, events: 3 }],
  ] as const) {
    test(`is diverged when its checkpoint is ${what}, and is not read until it is restored from zero`, async () => {
      const app = await startApp(counting().accounts)
      await app[Symbol.asyncDispose]()
      for (let made = 0; made < checkpoint.events; made++)
        await appendBeside(app.store, 'Account/b', [{ type: 'Account.Deposited', data: { pence: 1 } }])
      const { incarnation } = app.store.identity
      const view = await app.readModels.open({ name: 'Account.Count', modelVersion: 1, generation: 1 })
      await view.flush({
        expected: { incarnation, position: 0, eventId: '' },
        next: {
          incarnation: checkpoint.incarnation ?? incarnation,
          position: checkpoint.position,
          eventId: checkpoint.position === 0 ? '' : 'lost.0',
        },
        writes: [{ tenant: '', key: 'all', value: '7' }],
      })
      await using again = await startApp(counting().accounts, { beside: app })
      await assert.rejects(again.running.query(ask()), {
        code: 'diverged',
        facts: { readModel: 'Account.Count', position: checkpoint.position },
      })
      await assert.rejects(again.running.caughtUp(), { code: 'diverged' })
      const { token: after } = await again.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
      await assert.rejects(again.running.query(ask(), { after }), { code: 'diverged' })
      assert.deepEqual(
        hostOf(again.running)
          .unready()
          .map(({ state }) => state),
        ['diverged'],
      )
      const restoration = await again.running.readModels.control('Account.Count').restore({ fromZero: true })
      await again.clock.finish(restoration.done)
      assert.equal(await again.running.query(ask(), { after }), checkpoint.events + 1)
      assert.deepEqual(hostOf(again.running).unready(), [])
    })
  }
})
