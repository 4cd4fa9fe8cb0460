import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deposit, transfer, withdraw, writingDomain } from '../account-domain.ts'
import { wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'

const oneTo64 = Array.from({ length: 64 }, (_, index) => index + 1)

describe('commands of one aggregate', () => {
  test('are decided one after the other, in the order of their calls, without a conflict', async () => {
    let commits = 0
    await using app = await startApp(writingDomain, { interfere: async (_, next) => (commits++, next()) })
    const outcomes = await Promise.all(oneTo64.map((pence) => app.running.dispatch(deposit({ accountId: 'a', pence }))))
    assert.equal(commits, 64)
    assert.deepEqual(
      outcomes.map(({ version }) => version),
      oneTo64,
    )
    assert.deepEqual(
      (await wholeLog(app.store)).map(({ data }) => data),
      oneTo64.map((pence) => `{"pence":${pence}}`),
    )
    const last = outcomes.at(-1)
    assert.deepEqual(last?.ok && last.result, { balance: 2080 })
  })

  test('go on after one of them was rejected or failed', async () => {
    await using app = await startApp(writingDomain)
    const [rejected, failed, accepted] = await Promise.allSettled([
      app.running.dispatch(withdraw({ accountId: 'a', pence: 1 })),
      app.running.dispatch(deposit({ accountId: 'a', pence: 1 }), { expectedVersion: 7 }),
      app.running.dispatch(deposit({ accountId: 'a', pence: 1 })),
    ])
    assert.equal(rejected.status === 'fulfilled' && rejected.value.ok, false)
    assert.equal(failed.status, 'rejected')
    assert.equal(accepted.status === 'fulfilled' && accepted.value.ok, true)
  })

  test('of other tenants do not wait for them, and meet no other state', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    await using app = await startApp(writingDomain, {
      interfere: async ({ tenant }, next) => (tenant === 't-1' ? held.then(next) : next()),
    })
    const waiting = app.running.dispatch(deposit({ accountId: 'a', pence: 1 }), { context: { tenant: 't-1' } })
    const outcome = await app.running.dispatch(deposit({ accountId: 'a', pence: 2 }), { context: { tenant: 't-2' } })
    assert.deepEqual(outcome.ok && outcome.result, { balance: 2 })
    release()
    const first = await waiting
    assert.deepEqual(first.ok && first.result, { balance: 1 })
  })

  test('are decided rightly without a cache of states', async () => {
    await using app = await startApp(writingDomain, { cachedAggregatesMax: 0 })
    const outcomes = await Promise.all(oneTo64.map(() => app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))))
    assert.deepEqual(
      outcomes.map((outcome) => outcome.ok && outcome.result.balance),
      oneTo64,
    )
  })

  test('are decided rightly when states keep leaving a small cache', async () => {
    await using app = await startApp(writingDomain, { cachedAggregatesMax: 1 })
    for (const pence of [1, 2, 3])
      for (const accountId of ['a', 'b']) await app.running.dispatch(deposit({ accountId, pence }))
    const outcome = await app.running.dispatch(deposit({ accountId: 'a', pence: 4 }))
    assert.deepEqual(outcome.ok && outcome.result, { balance: 10 })
  })

  test('with a history of many pages are decided on all of it', async () => {
    await using app = await startApp(writingDomain, { cachedAggregatesMax: 0 })
    const { appendBeside } = await import('../interfering-store.ts')
    const deposits = Array.from({ length: 1_000 }, () => ({ type: 'Account.Deposited', data: { pence: 1 } }))
    await appendBeside(app.store, 'Account/a', deposits)
    const outcome = await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    assert.deepEqual(outcome.ok && [outcome.result, outcome.version], [{ balance: 1_001 }, 1_001])
  })
})

describe('commands of several aggregates', () => {
  test('never write on what another one has changed, however many run at once', async () => {
    await using app = await startApp(writingDomain)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 10 }))
    const transfers = oneTo64.map((_, index) =>
      app.running.dispatch(transfer({ from: 'a', to: `b-${index % 3}`, pence: 1 })),
    )
    const settled = await app.clock.finish(Promise.allSettled(transfers))
    const accepted = settled.filter((result) => result.status === 'fulfilled' && result.value.ok)
    for (const result of settled)
      if (result.status === 'rejected') assert.equal((result.reason as { code: string }).code, 'conflict')
    const log = await wholeLog(app.store)
    const sum = (id: string, type: string): number =>
      log
        .filter((event) => event.aggregateId.startsWith(id) && event.type === type)
        .reduce((total, { data }) => total + (JSON.parse(data) as { pence: number }).pence, 0)
    assert.equal(sum('a', 'Account.Withdrawn'), accepted.length)
    assert.equal(sum('b', 'Account.Deposited'), accepted.length)
    assert.ok(accepted.length <= 10 && accepted.length > 0)
  })
})
