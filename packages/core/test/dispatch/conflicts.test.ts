import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, handle } from '@gesta/core'
import type { Command } from '@gesta/core'
import { z } from 'zod'
import { deposit, open, touch, transfer, withdraw, writingDomain } from '../account-domain.ts'
import { appendBeside, wholeLog } from '../interfering-store.ts'
import type { Interference } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'

const money = (pence: number) => ({ type: 'Account.Deposited', data: { pence } })

/** Writes beside the app just before its next `times` decisions reach the store. */
function racing(times: number): {
  readonly interfere: Interference
  arm(app: StartedApp): void
  readonly raced: () => number
} {
  let app: StartedApp | undefined
  let raced = 0
  return {
    interfere: async ({ header }, next) => {
      if (app !== undefined && header.outcome !== 'failed' && raced < times) {
        raced++
        await appendBeside(app.store, 'Account/a', [money(10)])
      }
      return next()
    },
    arm: (armed) => (app = armed),
    raced: () => raced,
  }
}

describe('a command that another writer overtakes', () => {
  test('is decided again on the new state', async () => {
    const race = racing(1)
    await using app = await startApp(writingDomain, { interfere: race.interfere })
    race.arm(app)
    const outcome = await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }))
    assert.deepEqual(outcome.ok && [outcome.result, outcome.version], [{ balance: 15 }, 2])
    const log = await wholeLog(app.store)
    assert.deepEqual(
      log.map(({ version, data }) => [version, data]),
      [
        [1, '{"pence":10}'],
        [2, '{"pence":5}'],
      ],
    )
  })

  test('keeps its id, its time and the ids that it made', async () => {
    const seen: unknown[][] = []
    const Made = event('Thing.Made', z.object({ id: z.string() }))
    const Thing = aggregate('Thing', () => 0).on(Made, (n) => n + 1)
    const make = command('Thing.Make', { input: z.object({ id: z.string() }) })
    const thingDomain = domain('Thing', {
      permissions: 'anonymous',
      handlers: [
        Thing.decide(make, 'id', (_, _input, { now, newId }) => {
          const ids = [newId(), newId()]
          seen.push([now, ...ids])
          return ids.map((id) => Made({ id }))
        }),
      ],
    })
    let left = 2
    await using app: StartedApp = await startApp(thingDomain, {
      interfere: async (_, next) => {
        if (left-- > 0) await appendBeside(app.store, 'Thing/a', [{ type: 'Thing.Made', data: { id: 'other' } }])
        return next()
      },
    })
    const outcome = await app.clock.finish(app.running.dispatch(make({ id: 'a' })))
    assert.equal(outcome.version, 4)
    assert.equal(seen.length, 3)
    assert.deepEqual(seen[1], seen[0])
    assert.deepEqual(seen[2], seen[0])
    assert.notEqual(seen[0]?.[1], seen[0]?.[2])
  })

  test('is refused with conflict after as many attempts as are allowed', async () => {
    const race = racing(1_000)
    await using app = await startApp(writingDomain, { interfere: race.interfere })
    race.arm(app)
    const lost = app.clock.finish(app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { commandId: 'c-1' }))
    await assert.rejects(lost, { code: 'conflict', facts: { commandId: 'c-1', attempts: 12 } })
    assert.equal(race.raced(), 12)
    const record = await app.running.commandLog.get('', 'c-1')
    assert.deepEqual([record?.status, record?.error?.code, record?.retries], ['failed', 'conflict', 11])
  })

  test('stops trying at its deadline', async () => {
    const race = racing(1_000)
    await using app = await startApp(writingDomain, { interfere: race.interfere })
    race.arm(app)
    const lost = app.clock.finish(app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { deadlineMs: 3 }))
    await assert.rejects(lost, { code: 'deadline_exceeded' })
    assert.ok(race.raced() < 12)
  })

  test('runs its general handler again, on freshly loaded aggregates', async () => {
    const race = racing(1)
    await using app = await startApp(writingDomain, { interfere: race.interfere })
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    race.arm(app)
    assert.ok((await app.running.dispatch(transfer({ from: 'a', to: 'b', pence: 11 }))).ok)
    assert.equal(race.raced(), 1)
    assert.deepEqual(
      (await wholeLog(app.store)).map(({ aggregateId, version }) => [aggregateId, version]),
      [
        ['a', 1],
        ['a', 2],
        ['a', 3],
        ['b', 1],
      ],
    )
  })
})

describe('what was decided on a stale state', () => {
  async function stale(pence: number): Promise<StartedApp> {
    const app = await startApp(writingDomain)
    await app.running.dispatch(open({ accountId: 'a', owner: 'Ada' }))
    // The app has the account in memory; another process pays in.
    await appendBeside(app.store, 'Account/a', [money(pence)])
    return app
  }

  test('is no rejection: it is decided again', async () => {
    await using app = await stale(10)
    const outcome = await app.running.dispatch(withdraw({ accountId: 'a', pence: 10 }))
    assert.deepEqual(outcome.ok && outcome.result, { balance: 0 })
  })

  test('is no rejection of a general handler either', async () => {
    await using app = await stale(10)
    assert.ok((await app.running.dispatch(transfer({ from: 'a', to: 'b', pence: 10 }))).ok)
  })

  test('is no empty decision: it is decided again', async () => {
    await using app = await stale(10)
    assert.equal((await app.running.dispatch(touch({ accountId: 'a' }))).version, 2)
  })

  const Set = event('Count.Set', z.object({ left: z.int().nonnegative() }))
  const Count = aggregate('Count', () => ({ left: 0 })).on(Set, (_, { left }) => ({ left }))
  const take = command('Count.Take', {
    input: z.object({ id: z.string() }),
    result: z.object({ left: z.int().nonnegative() }),
  })
  const takeAway = command('Count.TakeAway', { input: z.object({ id: z.string() }) })
  const takeLast = command('Count.TakeLast', {
    input: z.object({ id: z.string() }),
    result: z.object({ left: z.int().nonnegative() }),
  })
  const takeBoth = command('Count.TakeBoth', { input: z.object({ id: z.string() }) })
  const countDomain = domain('Count', {
    permissions: 'anonymous',
    handlers: [
      Count.decide(take, 'id', ({ left }) => take.accept([], { left: left - 1 })),
      Count.decide(takeAway, 'id', ({ left }) => [Set({ left: left - 1 })]),
      Count.decide(takeLast, 'id', ({ left }) => {
        if (left === 0) throw new Error('nothing left')
        return takeLast.accept([Set({ left: left - 1 })], { left: left - 1 })
      }),
      handle(takeBoth, async ({ id }, { load }) => {
        const count = await load(Count, id)
        if (count.state.left === 0) throw new Error('nothing left')
        count.emit(Set({ left: count.state.left - 1 }))
      }),
    ],
  })
  const faults: readonly [string, (id: string) => Command<string, unknown, unknown, {}>][] = [
    ["the decider's own error", (id) => takeLast({ id })],
    ["a general handler's own error", (id) => takeBoth({ id })],
    ['an event that does not fit its schema', (id) => takeAway({ id })],
    ['a result that does not fit its schema', (id) => take({ id })],
  ]
  for (const [what, message] of faults) {
    test(`is no fault: it is decided again (${what})`, async () => {
      await using app = await startApp(countDomain)
      await app.running.dispatch(takeLast({ id: 'a' })).catch(() => undefined)
      await appendBeside(app.store, 'Count/a', [{ type: 'Count.Set', data: { left: 5 } }])
      assert.ok((await app.running.dispatch(message('a'))).ok)
    })
  }
})

describe('an expected version', () => {
  test('is met by a new and by a known aggregate', async () => {
    await using app = await startApp(writingDomain)
    assert.equal((await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { expectedVersion: 0 })).version, 1)
    assert.equal((await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { expectedVersion: 1 })).version, 2)
  })

  test('that is another one is refused, naming both', async () => {
    await using app = await startApp(writingDomain)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }))
    for (const expectedVersion of [0, 2]) {
      await assert.rejects(app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { expectedVersion }), {
        code: 'version_mismatch',
        facts: { aggregateType: 'Account', aggregateId: 'a', expected: expectedVersion, actual: 1 },
      })
    }
    assert.equal(await app.store.head(), 1)
  })

  test('is compared with the store, not with what the app has in memory', async () => {
    await using app = await startApp(writingDomain)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }))
    await appendBeside(app.store, 'Account/a', [money(1)])
    const outcome = await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { expectedVersion: 2 })
    assert.deepEqual(outcome.ok && [outcome.result, outcome.version], [{ balance: 11 }, 3])
    await appendBeside(app.store, 'Account/a', [money(1)])
    await assert.rejects(app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { expectedVersion: 3 }), {
      code: 'version_mismatch',
    })
  })

  test('still counts when another writer overtakes the command', async () => {
    const race = racing(1)
    await using app = await startApp(writingDomain, { interfere: race.interfere })
    await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }))
    race.arm(app)
    const overtaken = app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { expectedVersion: 1 })
    await assert.rejects(overtaken, { code: 'version_mismatch' })
  })
  test('is refused where there is no single aggregate that it could be asked of', async () => {
    await using app = await startApp(writingDomain)
    const message = transfer({ from: 'a', to: 'b', pence: 1 })
    await assert.rejects(app.running.dispatch(message, { expectedVersion: 0 }), { message: /has no single target/ })
    assert.equal(await app.store.head(), 0)
  })
})
