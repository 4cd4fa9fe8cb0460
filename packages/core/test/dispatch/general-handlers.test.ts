import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, handle, query } from '@gesta/core'
import type { CommandContext, Loaded } from '@gesta/core'
import { z } from 'zod'
import { Account, deposit, Deposited, makeDeposit, transfer, writingDomain } from '../account-domain.ts'
import type { AccountState } from '../account-domain.ts'
import { appendBeside, wholeLog } from '../interfering-store.ts'
import { settled } from '../fake-clock.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'

const run = command('Run.It', { input: z.object({ id: z.string() }), result: z.unknown(), rejections: { no: 'No.' } })
type Handle = (context: CommandContext, id: string) => Promise<unknown>

/** An app with one command whose handler the test writes. */
function running(handler: Handle): Promise<StartedApp> {
  const runDomain = domain('Run', {
    permissions: 'anonymous',
    handlers: [handle(run, ({ id }, context) => handler(context, id) as Promise<never>)],
    aggregates: [Account],
  })
  return startApp([runDomain, domain('Account', { permissions: 'anonymous', handlers: [makeDeposit] })])
}

describe('a general handler', () => {
  test('loads two aggregates and writes both in one commit', async () => {
    await using app = await startApp(writingDomain)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }))
    const outcome = await app.running.dispatch(transfer({ from: 'a', to: 'b', pence: 3 }), { commandId: 't' })
    assert.ok(outcome.ok)
    assert.equal(outcome.version, undefined, 'there is not one aggregate whose version this could be')
    const [, out, into] = await wholeLog(app.store)
    assert.deepEqual(
      [out?.aggregateId, out?.type, out?.version, into?.aggregateId, into?.type, into?.version],
      ['a', 'Account.Withdrawn', 2, 'b', 'Account.Deposited', 1],
    )
    assert.equal(out?.commitNo, into?.commitNo)
    assert.deepEqual([out?.commandId, out?.index, into?.index], ['t', 0, 1])
  })

  test('gets one object for an aggregate that it loads twice, also at once', async () => {
    let loads = 0
    const twice: Handle = async ({ load }, id) => {
      const [one, two] = await Promise.all([load(Account, id), load(Account, id)])
      assert.equal(one, two)
      one.emit(Deposited({ pence: 1 }))
      two.emit(Deposited({ pence: 2 }))
      assert.equal((await load(Account, id)).state.balance, 0, 'what it emits does not change what it loaded')
      loads++
    }
    await using app = await running(twice)
    assert.equal((await app.running.dispatch(run({ id: 'a' }))).version, 2)
    assert.equal(loads, 1)
    assert.equal(await app.store.head(), 2)
  })

  test('makes every version that it loaded a condition of its commit', async () => {
    let meddle = true
    await using app: StartedApp = await running(async ({ load }, id) => {
      const read = await load(Account, 'read')
      const own = await load(Account, id)
      if (meddle) {
        meddle = false
        await appendBeside(app.store, 'Account/read', [{ type: 'Account.Deposited', data: { pence: 7 } }])
      }
      own.emit(Deposited({ pence: read.state.balance + 1 }))
    })
    assert.ok((await app.running.dispatch(run({ id: 'a' }))).ok)
    const own = (await wholeLog(app.store)).filter(({ aggregateId }) => aggregateId === 'a')
    assert.deepEqual(
      own.map(({ data }) => data),
      ['{"pence":8}'],
    )
  })

  test('that only reads is accepted, with the version of the one aggregate that it read', async () => {
    await using app = await running(async ({ load }, id) => (await load(Account, id)).state.balance)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }))
    const outcome = await app.running.dispatch(run({ id: 'a' }))
    assert.deepEqual(outcome.ok && [outcome.result, outcome.version], [5, 1])
    assert.equal(await app.store.head(), 1)
  })

  test('that rejects leaves nothing of what it emitted', async () => {
    await using app = await running(async ({ load }, id) => {
      const account = await load(Account, id)
      account.emit(Deposited({ pence: 1 }))
      return run.reject('no')
    })
    const outcome = await app.running.dispatch(run({ id: 'a' }), { commandId: 'r' })
    assert.equal(!outcome.ok && outcome.rejection.code, 'no')
    assert.equal(await app.store.head(), 0)
    assert.equal((await app.store.header('', 'r'))?.outcome, 'rejected')
  })

  test('that rejects with consequences stores them in the commit of the rejection, once', async () => {
    let meddle = true
    await using app: StartedApp = await running(async ({ load, keeping }, id) => {
      const account = await load(Account, id)
      if (account.state.balance < 5 && meddle) {
        meddle = false
        await appendBeside(app.store, `Account/${id}`, [{ type: 'Account.Deposited', data: { pence: 5 } }])
      }
      account.emit(Deposited({ pence: account.state.balance + 1 }))
      return keeping(run.reject('no'))
    })
    const first = await app.running.dispatch(run({ id: 'a' }), { commandId: 'r' })
    assert.equal(!first.ok && first.rejection.code, 'no')
    assert.equal(first.version, 2)
    assert.deepEqual(
      (await wholeLog(app.store)).map(({ commandId, data }) => [commandId === 'r', data]),
      [
        [false, '{"pence":5}'],
        [true, '{"pence":6}'],
      ],
    )
    assert.deepEqual(await app.running.dispatch(run({ id: 'a' }), { commandId: 'r' }), first)
    assert.equal(await app.store.head(), 2)
    assert.equal((await app.store.header('', 'r'))?.outcome, 'rejected')
    const next = await app.running.dispatch(run({ id: 'a' }))
    assert.equal(next.version, 3, 'what is known of the aggregate has moved on with it')
  })

  test('that rejects in another way than it kept events for leaves nothing of them', async () => {
    await using app = await running(async ({ load, keeping }, id) => {
      const account = await load(Account, id)
      account.emit(Deposited({ pence: 1 }))
      keeping(run.reject('no'))
      return run.reject('no')
    })
    assert.equal((await app.running.dispatch(run({ id: 'a' }))).ok, false)
    assert.equal(await app.store.head(), 0)
  })

  test('sees when its message arrived and makes ids', async () => {
    const seen: unknown[] = []
    await using app = await running(
      async ({ now, newId, context }) => void seen.push(now, newId() === newId(), context),
    )
    await app.running.dispatch(run({ id: 'a' }), { context: { identity: 'i' } })
    assert.deepEqual(seen, [new Date(app.clock.nowUs() / 1000).toISOString(), false, { identity: 'i' }])
  })
})

describe('a command and what it must not do', () => {
  /** What the handler met when it did this. */
  async function met(handler: Handle, expected: object): Promise<void> {
    await using app = await running(handler)
    await assert.rejects(app.running.dispatch(run({ id: 'a' }), { commandId: 'c' }), expected)
    assert.equal(await app.store.head(), 0)
    assert.equal((await app.store.header('', 'c'))?.outcome, 'failed')
  }

  test("its handler's own error is thrown unchanged and stores nothing but the record of it", async () => {
    const own = new Error('mine')
    await met(
      async ({ load }, id) => {
        ;(await load(Account, id)).emit(Deposited({ pence: 1 }))
        throw own
      },
      (error: unknown) => error === own,
    )
  })

  test('an error that is thrown before the first wait is no other', async () => {
    await met(
      () => {
        throw new Error('at once')
      },
      { message: 'at once' },
    )
  })

  test('an event that the aggregate does not fold is refused', async () => {
    const Foreign = event('Run.Foreign', z.object({}))
    await met(async ({ load }, id) => (await load(Account, id)).emit(Foreign({}) as never), {
      message: /Account has no \.on\(\.\.\.\) for the event Run\.Foreign/,
    })
  })

  test('an aggregate that no domain knows cannot be loaded', async () => {
    const Stranger = aggregate('Stranger', () => 0)
    await met(({ load }, id) => load(Stranger, id), { message: /does not know the aggregate Stranger/ })
  })

  test('an aggregate id that cannot be stored is refused', async () => {
    await met(({ load }) => load(Account, ''), { code: 'invalid_key' })
  })

  test('an event that is emitted after the handler returned is refused', async () => {
    let kept: Loaded<AccountState, ReturnType<typeof Deposited>> | undefined
    let emit: CommandContext['emit'] | undefined
    await using app = await running(async (context, id) => {
      kept = (await context.load(Account, id)) as typeof kept
      emit = context.emit
    })
    assert.ok((await app.running.dispatch(run({ id: 'a' }))).ok)
    assert.throws(() => kept?.emit(Deposited({ pence: 1 })), { code: 'no_event_recorder' })
    assert.throws(() => emit?.({ kind: 'job', type: 'A.B', data: null }), { code: 'no_event_recorder' })
    assert.equal(await app.store.head(), 0)
  })

  test('a command cannot be dispatched from inside of a handler', async () => {
    await using app: StartedApp = await running(() => app.running.dispatch(deposit({ accountId: 'a', pence: 1 })))
    await assert.rejects(app.running.dispatch(run({ id: 'a' })), { code: 'nested_dispatch' })
    assert.equal(await app.store.head(), 0)
  })

  test('a command can be dispatched by what a handler left behind', async () => {
    let later: Promise<unknown> | undefined
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    await using app: StartedApp = await running(async () => {
      later = released.then(() => app.running.dispatch(deposit({ accountId: 'a', pence: 1 })))
    })
    await app.running.dispatch(run({ id: 'a' }))
    release()
    await later
    assert.equal(await app.store.head(), 1)
  })

  test('a command cannot be dispatched from inside of a query', async () => {
    const ask = query('Ask.It', { result: z.unknown() })
    const askDomain = domain('Ask', {
      permissions: 'anonymous',
      handlers: [handle(ask, () => app.running.dispatch(deposit({ accountId: 'a', pence: 1 })))],
    })
    await using app: StartedApp = await startApp([askDomain, writingDomain])
    await assert.rejects(app.running.query(ask()), { code: 'nested_dispatch' })
  })

  test('a command cannot be dispatched from inside of a decider', async () => {
    let nested: Promise<unknown> | undefined
    const Thing = aggregate('Thing', () => 0)
    const go = command('Thing.Go', { input: z.object({ id: z.string() }) })
    const thingDomain = domain('Thing', {
      permissions: 'anonymous',
      handlers: [
        Thing.decide(go, 'id', () => {
          nested = app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
          nested.catch(() => undefined)
          return []
        }),
      ],
    })
    await using app: StartedApp = await startApp([thingDomain, writingDomain])
    await app.running.dispatch(go({ id: 'a' }))
    await settled()
    await assert.rejects(nested ?? Promise.resolve(), { code: 'nested_dispatch' })
  })
})

describe('two commands that each read what the other one writes', () => {
  test('cannot both be decided on what they saw', async () => {
    const Free = event('Shift.Freed', z.object({}))
    const Shift = aggregate('Shift', () => ({ onCall: true })).on(Free, () => ({ onCall: false }))
    const leave = command('Shift.Leave', {
      input: z.object({ id: z.string(), other: z.string() }),
      rejections: { alone: 'Somebody must stay.' },
    })
    const shiftDomain = domain('Shift', {
      permissions: 'anonymous',
      handlers: [
        handle(leave, async ({ id, other }, { load }) => {
          const [own, their] = await Promise.all([load(Shift, id), load(Shift, other)])
          if (!their.state.onCall) return leave.reject('alone')
          own.emit(Free({}))
        }),
      ],
      aggregates: [Shift],
    })
    await using app = await startApp(shiftDomain)
    const both = [leave({ id: 'a', other: 'b' }), leave({ id: 'b', other: 'a' })].map((message) =>
      app.running.dispatch(message),
    )
    const outcomes = await app.clock.finish(Promise.all(both))
    assert.equal(outcomes.filter(({ ok }) => ok).length, 1)
    assert.equal(await app.store.head(), 1)
  })
})
