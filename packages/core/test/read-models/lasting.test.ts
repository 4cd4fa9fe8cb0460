// What outlasts a fault: a view that lost its log stays refused, a store that comes back is followed again, a bad row key stops one.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, handle, isGestaError, query, readModel } from '@gesta/core'
import { z } from 'zod'
import { hostOf } from '../../src/app/running.ts'
import type { EventStore } from '../../src/stores/event/event-store.ts'
import type { ReadModelStore, View } from '../../src/stores/read-model/read-model-store.ts'
import { accountDomain, deposit, Deposited, get, makeDeposit, open } from '../account-domain.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import { appendBeside, holdStore } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'

const ask = query('Account.Ask', { result: z.int() })

/** A domain that sums deposits; the first `failures` folds throw, and those for which `fails` says so. */
function summing(failures = 0, fails: () => boolean = () => false) {
  let tried = 0
  const sum = readModel('Account.Sum', () => 0).on(
    Deposited,
    () => 'all',
    (row, { pence }) => {
      if (tried++ < failures || fails()) throw new Error('no fold')
      return row + pence
    },
  )
  const accounts = domain('Account', {
    permissions: 'anonymous',
    handlers: [makeDeposit, handle(ask, async (_, { read }) => (await read(sum).get('all')) ?? 0)],
    readModels: [sum],
  })
  return { accounts, tried: () => tried }
}

/** The place of an app that ran on this log and these views. */
function place(app: StartedApp, store: EventStore, readModels: ReadModelStore): StartedApp {
  const openHeld = async () => ({
    ...(await app.held.backend.open(app.runtime)),
    events: { ...store, [Symbol.asyncDispose]: async () => undefined },
    readModels,
    [Symbol.asyncDispose]: async () => undefined,
  })
  const held = { ...app.held, backend: { backend: 'memory', open: openHeld }, events: store, readModels }
  return { ...app, store, readModels, held }
}

/** The same views, whose flush the test can stop. */
function interrupted(
  readModels: ReadModelStore,
  flush: (view: View, go: View['flush']) => View['flush'],
): ReadModelStore {
  return {
    ...readModels,
    open: async (name, tables) => {
      const view = await readModels.open(name, tables)
      return { ...view, flush: flush(view, view.flush) }
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}
const states = (app: StartedApp) =>
  hostOf(app.running)
    .unready()
    .map(({ readModel: name, state }) => [name, state])

describe('a view beyond its log', () => {
  test('is diverged, and still at a later start when the log has grown past it', async () => {
    const first = await startApp(summing().accounts)
    for (const pence of [1, 2, 3]) await first.running.dispatch(deposit({ accountId: 'a', pence }))
    await first.running.caughtUp()
    await first[Symbol.asyncDispose]()

    const { events } = await holdStore(fakeRuntime(createFakeClock()))
    assert.deepEqual(events.identity, first.store.identity, 'a shorter log of the same incarnation')
    await appendBeside(events, 'Account/a', [{ type: 'Account.Deposited', data: { pence: 1 } }])
    const restored = place(first, events, first.readModels)
    const diverged = { code: 'diverged', facts: { readModel: 'Account.Sum', position: 3 } }

    for (const pence of [10, 20]) {
      const again = await startApp(summing().accounts, { beside: restored })
      assert.deepEqual(states(again), [['Account.Sum', 'diverged']])
      await assert.rejects(again.running.query(ask()), diverged)
      for (const accountId of ['a', 'b', 'c']) await again.running.dispatch(deposit({ accountId, pence }))
      await assert.rejects(again.running.query(ask()), diverged)
      await assert.rejects(again.running.caughtUp(), diverged)
      await again[Symbol.asyncDispose]()
    }
    assert.equal(await events.head(), 7)
    await using last = await startApp(summing().accounts, { beside: restored })
    await assert.rejects(last.running.query(ask()), diverged)
    assert.deepEqual(states(last), [['Account.Sum', 'diverged']])
  })
})

describe('a store that does not take what was folded', () => {
  test('is asked more than five times, and the read model goes on when it is back', async () => {
    const app = await startApp(summing().accounts)
    await app[Symbol.asyncDispose]()
    let away = true
    let refused = 0
    const readModels = interrupted(app.readModels, (_, go) => (flush) => {
      if (!away) return go(flush)
      refused++
      return Promise.reject(new Error('the disk is full'))
    })
    await using again = await startApp(summing().accounts, { beside: place(app, app.store, readModels) })
    const { token: after } = await again.running.dispatch(deposit({ accountId: 'a', pence: 3 }))
    const waiting = again.running.query(ask(), { after })
    await again.clock.advance(60_000)
    assert.ok(refused > 5, `${refused}`)
    assert.deepEqual(hostOf(again.running).unready(), [
      { readModel: 'Account.Sum', state: 'live', reason: 'the disk is full' },
    ])
    away = false
    assert.equal(await again.clock.finish(waiting), 3)
    assert.deepEqual(hostOf(again.running).unready(), [])
    const { token } = await again.running.dispatch(deposit({ accountId: 'a', pence: 4 }))
    assert.equal(await again.clock.finish(again.running.query(ask(), { after: token })), 7)
  })
})

describe('a handler that throws', () => {
  test('once, after its store was away for long, is tried again', async () => {
    const app = await startApp(summing().accounts)
    await app[Symbol.asyncDispose]()
    let away = true
    let throwsLeft = 1
    const readModels = interrupted(app.readModels, (_, go) => (flush) => {
      return away ? Promise.reject(new Error('the disk is full')) : go(flush)
    })
    const { accounts } = summing(0, () => !away && throwsLeft-- > 0)
    await using again = await startApp(accounts, { beside: place(app, app.store, readModels) })
    const { token: after } = await again.running.dispatch(deposit({ accountId: 'a', pence: 3 }))
    const waiting = again.running.query(ask(), { after })
    await again.clock.advance(60_000)
    away = false
    assert.equal(await again.clock.finish(waiting), 3)
    assert.ok(throwsLeft <= 0)
  })

  for (const [failures, state] of [
    [4, undefined],
    [5, 'failed'],
  ] as const) {
    test(`${failures} times ${state === undefined ? 'is forgiven' : 'ends its read model'}`, async () => {
      const { accounts, tried } = summing(failures)
      await using app = await startApp(accounts)
      await app.running.dispatch(deposit({ accountId: 'a', pence: 3 }))
      await app.clock.advance(60_000)
      assert.deepEqual(states(app), state === undefined ? [] : [['Account.Sum', state]])
      assert.equal(tried(), 5)
    })
  }
})

describe('a row key that no store can keep', () => {
  for (const [what, owner] of [
    ['is empty', ''],
    ['has a NUL', 'a\0b'],
  ] as const) {
    test(`stops its read model alone when it ${what}, and the error names the event`, async () => {
      await using app = await startApp(accountDomain)
      const { commandId } = await app.running.dispatch(open({ accountId: 'a', owner }))
      const { token: after } = await app.running.dispatch(deposit({ accountId: 'a', pence: 3 }))
      await assert.rejects(app.clock.finish(app.running.caughtUp()), (error: unknown) => {
        assert.ok(isGestaError(error, 'read_model_failed'))
        const eventId = `${commandId}.0`
        assert.deepEqual(error.facts, { readModel: 'Account.Owners', eventId, type: 'Account.Opened', position: 1 })
        for (const named of ['Account.Owners', eventId, 'Account.Opened', 'position 1'])
          assert.ok(error.message.includes(named), named)
        return true
      })
      assert.deepEqual(states(app), [['Account.Owners', 'failed']])
      assert.deepEqual(await app.running.query(get({ accountId: 'a' }), { after }), { balance: 3, version: 2 })
    })
  }
})
