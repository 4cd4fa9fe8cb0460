import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event } from '@gesta/core'
import { z } from 'zod'
import { deposit, open, Opened, touch, withdraw, writingDomain } from '../account-domain.ts'
import { wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'

describe('a decision', () => {
  test('answers with result, token, command id and version, and is stored with its header', async () => {
    await using app = await startApp(writingDomain)
    const context = { tenant: 't-1', account: 'x', correlationId: 'c' }
    const outcome = await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { context, commandId: 'd-1' })
    assert.ok(outcome.ok)
    assert.deepEqual(outcome.result, { balance: 5 })
    assert.equal(outcome.commandId, 'd-1')
    assert.equal(outcome.version, 1)
    assert.match(outcome.token, /^[\w-]{27}$/)
    const [stored] = await wholeLog(app.store)
    assert.deepEqual(
      [stored?.tenant, stored?.aggregateType, stored?.aggregateId, stored?.version],
      ['t-1', 'Account', 'a', 1],
    )
    assert.equal(stored?.data, '{"pence":5}')
    assert.deepEqual(JSON.parse(stored?.context ?? ''), context)
    const header = await app.store.header('t-1', 'd-1')
    assert.deepEqual(
      [header?.commandType, header?.outcome, header?.answer],
      ['Account.Deposit', 'accepted', '{"balance":5}'],
    )
  })

  test('without messages is accepted and takes no position', async () => {
    await using app = await startApp(writingDomain)
    await app.running.dispatch(open({ accountId: 'a', owner: 'Ada' }))
    const outcome = await app.running.dispatch(touch({ accountId: 'a' }), { commandId: 't-1' })
    assert.deepEqual([outcome.ok, outcome.ok && outcome.result, outcome.version], [true, undefined, 1])
    assert.equal(await app.store.head(), 1)
    const header = await app.store.header('', 't-1')
    assert.deepEqual([header?.outcome, header?.eventCount, header?.commitNo], ['accepted', 0, 2])
  })

  test('that rejects is a value with code, reason and details, and leaves a header', async () => {
    await using app = await startApp(writingDomain)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }))
    const outcome = await app.running.dispatch(withdraw({ accountId: 'a', pence: 7 }), { commandId: 'w-1' })
    assert.ok(!outcome.ok)
    const { code, reason, details } = outcome.rejection
    assert.deepEqual(
      { code, reason, details },
      { code: 'too_little', reason: 'There is too little money in the account.', details: { missing: 2 } },
    )
    assert.equal(outcome.version, 1)
    assert.equal(await app.store.head(), 1)
    const header = await app.store.header('', 'w-1')
    assert.equal(header?.outcome, 'rejected')
    assert.deepEqual(JSON.parse(header?.answer ?? ''), { rejected: true, code, reason, details })
  })

  test('carries a rejection without details', async () => {
    await using app = await startApp(writingDomain)
    await app.running.dispatch(open({ accountId: 'a', owner: 'Ada' }))
    const outcome = await app.running.dispatch(open({ accountId: 'a', owner: 'Bob' }))
    assert.deepEqual(!outcome.ok && [outcome.rejection.code, outcome.rejection.reason, outcome.rejection.details], [
      'open',
      'The account is open.',
      undefined,
    ])
  })
})

const set = command('Thing.Set', {
  input: z.object({ id: z.string(), value: z.unknown() }),
  result: z.object({ shown: z.string() }),
})
const Set = event('Thing.Set', z.object({ shown: z.string() }))
const Other = event('Thing.Other', z.object({}))

/** A domain whose decider answers whatever the test wants. */
function thingDomain(decide: (value: unknown) => unknown, initial: () => unknown = () => null) {
  const Thing = aggregate('Thing', initial).on(Set, (_, { shown }) => shown)
  return domain('Thing', {
    permissions: 'anonymous',
    handlers: [Thing.decide(set, 'id', (_, { value }) => decide(value) as never)],
  })
}

describe('what a decision leaves behind', () => {
  test('has only the fields that the schema of the result names', async () => {
    await using app = await startApp(
      thingDomain(() => set.accept([], { shown: 'x', secret: 'y' } as { shown: string })),
    )
    const outcome = await app.running.dispatch(set({ id: 'a', value: 1 }), { commandId: 'c' })
    assert.deepEqual(outcome.ok && outcome.result, { shown: 'x' })
    assert.equal((await app.store.header('', 'c'))?.answer, '{"shown":"x"}')
  })

  test('has only the fields that the schema of the event names', async () => {
    await using app = await startApp(
      thingDomain(() => set.accept([Set({ shown: 'x', secret: 'y' } as { shown: string })], { shown: 'x' })),
    )
    await app.running.dispatch(set({ id: 'a', value: 1 }))
    assert.equal((await wholeLog(app.store))[0]?.data, '{"shown":"x"}')
  })
})

describe('a rejection', () => {
  const stop = command('Stop.It', {
    input: z.object({ id: z.string() }),
    rejections: { far: { reason: 'Too far.', details: z.object({ metres: z.int() }) } },
  })
  const other = command('Stop.Other', { rejections: { other: 'Another no.' } })
  const Stop = aggregate('Stop', () => 0)
  const stopDomain = (rejection: unknown) =>
    domain('Stop', { permissions: 'anonymous', handlers: [Stop.decide(stop, 'id', () => rejection as never)] })

  test('has only the details that its schema names', async () => {
    await using app = await startApp(stopDomain(stop.reject('far', { metres: 3, secret: 'y' } as { metres: number })))
    const outcome = await app.running.dispatch(stop({ id: 'a' }), { commandId: 'c' })
    assert.deepEqual(!outcome.ok && outcome.rejection.details, { metres: 3 })
    assert.ok(!(await app.store.header('', 'c'))?.answer?.includes('secret'))
  })

  for (const [what, rejection] of [
    ['details that do not fit their schema', stop.reject('far', { metres: 'x' } as never)],
    ['a code of another command', other.reject('other')],
  ] as const) {
    test(`with ${what} is refused and stores nothing but the record of it`, async () => {
      await using app = await startApp(stopDomain(rejection))
      await assert.rejects(app.running.dispatch(stop({ id: 'a' }), { commandId: 'c' }), {
        code: 'invalid_output',
        message: /Stop\.It/,
      })
      assert.equal((await app.store.header('', 'c'))?.outcome, 'failed')
    })
  }
})

describe('a wrong decision', () => {
  const refusals: readonly [string, unknown, object][] = [
    [
      'an event that does not fit its schema',
      () => set.accept([Set({ shown: 3 } as never)], { shown: '' }),
      { code: 'invalid_output', message: /the event Thing\.Set.*shown/s },
    ],
    [
      'a result that does not fit its schema',
      () => set.accept([], { shown: 3 } as never),
      { code: 'invalid_output', message: /the result of Thing\.Set.*shown/s },
    ],
    ['no result', () => [Set({ shown: '' })], { code: 'invalid_output' }],
    [
      'an event that the aggregate does not fold',
      () => set.accept([Other({}) as never], { shown: '' }),
      { message: /Thing has no \.on\(\.\.\.\) for the event Thing\.Other/ },
    ],
    ['nothing', () => undefined, { message: /decider of Thing\.Set to return a list of messages.*received undefined/ }],
    ['null', () => null, { message: /received null/ }],
    ['a promise', async () => [], { message: /received a promise\. Deciders are synchronous functions/ }],
    ['a promise that rejects', async () => Promise.reject(new Error('lost')), { message: /received a promise/ }],
  ]
  for (const [what, decide, expected] of refusals) {
    test(`is refused and stores nothing but the record of it: ${what}`, async () => {
      await using app = await startApp(thingDomain(decide as () => unknown))
      await assert.rejects(app.running.dispatch(set({ id: 'a', value: 1 }), { commandId: 'c' }), expected)
      assert.equal(await app.store.head(), 0)
      assert.equal((await app.store.header('', 'c'))?.outcome, 'failed')
    })
  }

  test("throws the decider's own error unchanged", async () => {
    const own = new TypeError('mine')
    await using app = await startApp(
      thingDomain(() => {
        throw own
      }),
    )
    await assert.rejects(app.running.dispatch(set({ id: 'a', value: 1 })), (error) => error === own)
  })

  test('gets a TypeError when it changes the state that it was given', async () => {
    const initial = (): { readonly list: string[] } => ({ list: [] })
    const Listed = aggregate('Listed', initial).on(Set, ({ list }, { shown }) => ({ list: [...list, shown] }))
    const change = command('Listed.Change', { input: z.object({ id: z.string() }) })
    const Mine = domain('Listed', {
      permissions: 'anonymous',
      handlers: [Listed.decide(change, 'id', ({ list }) => (list.push('x'), []))],
    })
    await using app = await startApp(Mine)
    await assert.rejects(app.running.dispatch(change({ id: 'a' })), TypeError)
  })

  test('is not tried again when nothing moved', async () => {
    let decided = 0
    await using app = await startApp(
      thingDomain(() => {
        decided++
        throw new Error('no')
      }),
    )
    await assert.rejects(app.running.dispatch(set({ id: 'a', value: 1 })), { message: 'no' })
    assert.equal(decided, 1)
  })
})

describe('a fold that fails on what was just stored', () => {
  test('does not change the outcome of the command; the next one meets the failure', async () => {
    const Broken = aggregate('Broken', () => 0).on(Set, () => {
      throw new Error('cannot fold')
    })
    const go = command('Broken.Go', { input: z.object({ id: z.string() }) })
    const brokenDomain = domain('Broken', {
      permissions: 'anonymous',
      handlers: [Broken.decide(go, 'id', () => [Set({ shown: 'x' })])],
    })
    await using app = await startApp(brokenDomain)
    assert.ok((await app.running.dispatch(go({ id: 'a' }))).ok)
    assert.equal(await app.store.head(), 1)
    await assert.rejects(app.running.dispatch(go({ id: 'a' })), { message: 'cannot fold' })
    assert.equal(await app.store.head(), 1)
  })
})

describe('facts of a decision', () => {
  test('are the arrival, the context and the version', async () => {
    const seen: unknown[] = []
    const Seen = aggregate('Seen', () => 0).on(Opened, (n) => n + 1)
    const look = command('Seen.Look', { input: z.object({}) })
    const seenDomain = domain('Seen', {
      permissions: 'anonymous',
      handlers: [
        Seen.decide(
          look,
          (_, { context }) => context.identity ?? 'none',
          (n, _, { now, context, version }) => (seen.push([n, now, context, version]), [Opened({ owner: 'x' })]),
        ),
      ],
    })
    await using app = await startApp(seenDomain)
    const context = { identity: 'i-1' }
    await app.running.dispatch(look({}), { context })
    await app.running.dispatch(look({}), { context })
    const now = new Date(app.clock.nowUs() / 1000).toISOString()
    assert.deepEqual(seen, [
      [0, now, context, 0],
      [1, now, context, 1],
    ])
    assert.equal((await wholeLog(app.store))[1]?.aggregateId, 'i-1')
  })
})
