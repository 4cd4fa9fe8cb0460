// What a test waits for before it looks: read models and subscribers at the end of the log, with whatever subscribers sent.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, readModel, subscriber } from '@gesta/core'
import { past, scenario, whenCaughtUp } from '@gesta/core/testing'
import { Account, deposit, Deposited, makeDeposit, openAccount, Opened, open } from '../account-domain.ts'
import { appendBeside } from '../interfering-store.ts'
import { noting, notesIn, take, Taken } from '../pump/notes-domain.ts'
import { startApp } from '../started-app.ts'

/** Sends a note for each deposit, and another one for each of the first notes: three links of a chain. */
const chain = subscriber('Chain')
  .on(Deposited, async ({ pence }, { dispatch }) => void (await dispatch(take({ text: `${pence}` }))))
  .on(Taken, async ({ text }, { dispatch }) => {
    if (text.length < 3) await dispatch(take({ text: `${text}!` }))
  })

describe('whenCaughtUp', () => {
  test('resolves when subscribers have done what they were sent for, again and again', async () => {
    await using app = await startApp(noting(chain))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 7 }))
    await app.clock.finish(whenCaughtUp(app.running, { clock: app.clock }))
    assert.deepEqual(await notesIn(app), ['7', '7!', '7!!'])
    assert.ok(app.running.subscribers().every(({ lag }) => lag === 0))
  })

  test('has what another process stored', async () => {
    await using app = await startApp(noting(chain))
    await appendBeside(app.store, 'Account/a', [{ type: Deposited.type, data: { pence: 5 } }])
    await app.clock.finish(whenCaughtUp(app.running, { clock: app.clock }))
    assert.deepEqual(await notesIn(app), ['5', '5!', '5!!'])
  })

  test('rejects when a subscriber or a read model fails, and at its deadline', async () => {
    const failing = subscriber('Failing', { attemptsMax: 1 }).on(Deposited, () => {
      throw new Error('no')
    })
    await using app = await startApp(noting(failing))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    const caughtUp = (one: typeof app, deadlineMs = 60_000) =>
      one.clock.finish(whenCaughtUp(one.running, { clock: one.clock, deadlineMs }))
    await assert.rejects(caughtUp(app), { code: 'subscriber_failed', facts: { subscriber: 'Failing' } })
    const broken = readModel('Account.Broken', () => 0).on(
      Deposited,
      () => 'x',
      () => {
        throw new Error('no')
      },
    )
    const accounts = domain('Account', { permissions: 'anonymous', handlers: [makeDeposit], readModels: [broken] })
    await using other = await startApp(accounts)
    await other.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await assert.rejects(caughtUp(other), { code: 'read_model_failed' })
    await using held = await startApp(accounts)
    await held.running.readModels.control('Account.Broken').pause()
    await held.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await assert.rejects(caughtUp(held, 500), { code: 'deadline_exceeded' })
  })
})

describe('a scenario of a read model', () => {
  const counts = readModel('Account.Counts', () => 0, {
    onFailure: 'park',
    partitionBy: ({ aggregate: { id } }) => id,
    attemptsMax: 1,
  })
    .on(
      Deposited,
      () => 'pence',
      (sum, { pence }) => {
        if (pence === 13) throw new Error('thirteen')
        return sum + pence
      },
    )
    .onAny(
      () => 'events',
      (sum) => sum + 1,
    )
  const bank = scenario(
    domain('Account', { permissions: 'anonymous', handlers: [makeDeposit, openAccount], readModels: [counts] }),
  )

  test('has what the read model takes of every event', async () => {
    const there = bank.given(past(Account, 'a', Opened({ owner: 'Ann' }), Deposited({ pence: 5 })))
    await there.thenRow(counts, 'events', 2)
    await there.thenRow(counts, 'pence', 5)
    await there.when(open({ accountId: 'b', owner: 'Bob' })).thenEmitted(Opened({ owner: 'Bob' }))
  })

  test('parks nothing: what a handler throws is the error of the scenario', async () => {
    const there = bank.given(past(Account, 'a', Deposited({ pence: 13 })))
    await assert.rejects(there.thenRow(counts, 'pence', 0), { code: 'read_model_failed' })
  })
})
