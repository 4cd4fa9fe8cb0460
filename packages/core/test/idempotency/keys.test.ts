import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, deny, domain, event } from '@gesta/core'
import type { RequestContext } from '@gesta/core'
import { z } from 'zod'
import { deposit, withdraw, writingDomain } from '../account-domain.ts'
import { settled as quiet } from '../fake-clock.ts'
import { startApp } from '../started-app.ts'

const ada: RequestContext = { account: 'ada', session: 's', identity: 'i', tenant: 't-1' }
const key = { context: ada, idempotencyKey: 'k-1' }
const money = deposit({ accountId: 'a', pence: 5 })

describe('an idempotency key', () => {
  test('makes one commit of a hundred equal requests at once, with one answer', async () => {
    await using app = await startApp(writingDomain)
    const hundred = Array.from({ length: 100 }, () => app.running.dispatch(money, key))
    const outcomes = await app.clock.finish(Promise.all(hundred))
    for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0])
    assert.equal(await app.store.head(), 1)
  })

  test('makes one decision of a thousand equal requests at once: each has the answer, and a record of its own', async () => {
    const state = fresh()
    let asked = 0
    await using app = await startApp(workDomain(state), {
      wrap: (events) => ({ headerByKey: (scope) => (asked++, events.headerByKey(scope)) }),
    })
    const thousand = Array.from({ length: 1_000 }, () => app.running.dispatch(work({ id: 'a', how: 'x' }), key))
    const outcomes = await app.clock.finish(Promise.all(thousand))
    const texts = new Set(outcomes.map((outcome) => JSON.stringify(outcome)))
    assert.deepEqual([texts.size, new Set(outcomes).size, state.decided, asked], [1, 1_000, 1, 1])
    const { commandLog } = app.running
    assert.deepEqual(
      await Promise.all([
        app.store.head(),
        commandLog.total({ statuses: ['accepted'] }),
        commandLog.total({ statuses: ['duplicate'] }),
        commandLog.total(),
      ]),
      [1, 1, 999, 1_000],
    )
    const { items } = await commandLog.list({ statuses: ['duplicate'] }, { limit: 1_000 })
    for (const { duplicateOf, events } of items) assert.deepEqual([duplicateOf, events], [outcomes[0]?.commandId, []])
  })

  test('makes one commit of equal requests to two apps on one store', async () => {
    await using app = await startApp(writingDomain)
    await using other = await startApp(writingDomain, { beside: app })
    const both = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? app : other).running.dispatch(money, key))
    const outcomes = await app.clock.finish(Promise.all(both))
    for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0])
    assert.equal(await app.store.head(), 1)
  })

  test('gives one answer to a request that is also named, to two apps while another request with the key is stored', async () => {
    const waiting: (() => void)[] = []
    await using app = await startApp(writingDomain, {
      interfere: async ({ header }, next) => {
        if (header.outcome === 'accepted') await new Promise<void>((resolve) => waiting.push(resolve))
        return next()
      },
    })
    await using second = await startApp(writingDomain, { beside: app })
    await using third = await startApp(writingDomain, { beside: app })
    const going = [app.running.dispatch(money, { ...key, commandId: 'first' })]
    for (const { running } of [second, third]) going.push(running.dispatch(money, { ...key, commandId: 'named' }))
    await quiet()
    assert.equal(waiting.length, 3)
    for (const store of waiting) {
      store()
      await quiet()
    }
    for (const { commandId } of await Promise.all(going)) assert.equal(commandId, 'first')
    const { items } = await app.running.commandLog.list({ order: 'oldest' })
    assert.deepEqual(
      items.map(({ commandId, status }) => [commandId, status]),
      [
        ['first', 'accepted'],
        ['named', 'duplicate'],
      ],
    )
  })

  test('compares payloads as JSON values, whatever the order of their fields', async () => {
    await using app = await startApp(writingDomain)
    const first = await app.running.dispatch(money, key)
    assert.deepEqual(await app.running.dispatch(deposit({ pence: 5, accountId: 'a' }), key), first)
  })

  test('keeps a rejection, also when the command would be accepted now', async () => {
    await using app = await startApp(writingDomain)
    const take = withdraw({ accountId: 'a', pence: 5 })
    const first = await app.running.dispatch(take, key)
    await app.running.dispatch(money, { context: ada })
    assert.equal(first.ok, false)
    assert.deepEqual(await app.running.dispatch(take, key), first)
  })

  test('is apart for each sender, tenant and command', async () => {
    await using app = await startApp(writingDomain)
    const contexts: RequestContext[] = [
      ada,
      { ...ada, account: 'bob' },
      { ...ada, identity: 'j' },
      { ...ada, tenant: 't-2' },
      { account: 'ada/i' },
      { identity: 'ada/i' },
    ]
    const outcomes = []
    for (const context of contexts) outcomes.push(await app.running.dispatch(money, { context, idempotencyKey: 'k-1' }))
    assert.equal(new Set(outcomes.map(({ commandId }) => commandId)).size, contexts.length)
    const other = await app.running.dispatch(withdraw({ accountId: 'a', pence: 5 }), key)
    assert.ok(other.ok)
  })

  test('outlives the session that used it', async () => {
    await using app = await startApp(writingDomain)
    const first = await app.running.dispatch(money, key)
    assert.deepEqual(await app.running.dispatch(money, { ...key, context: { ...ada, session: 's-2' } }), first)
  })

  test('is settled after an unknown outcome by the first commit', async () => {
    let silent = true
    await using app = await startApp(writingDomain, {
      interfere: async (_, next) => {
        const verdict = await next()
        if (!silent) return verdict
        const { GestaError } = await import('@gesta/core')
        throw new GestaError('outcome_unknown', 'cut')
      },
    })
    await assert.rejects(app.clock.finish(app.running.dispatch(money, key)), { code: 'outcome_unknown' })
    silent = false
    const outcome = await app.running.dispatch(money, key)
    assert.deepEqual(outcome.ok && outcome.result, { balance: 5 })
    assert.equal(await app.store.head(), 1)
  })
})

const Done = event('Work.Done', z.object({}))
const Work = aggregate('Work', () => 0).on(Done, (n) => n + 1)
const work = command('Work.Do', { input: z.object({ id: z.string(), how: z.string() }), result: z.int() })
const open = command('Work.Open', { input: z.object({ id: z.string() }), anonymousKeys: true })
function workDomain(state: { closed: boolean; failing: boolean; decided: number }) {
  return domain('Work', {
    permissions: { 'Work.Do': () => (state.closed ? deny('closed') : undefined), 'Work.Open': 'anonymous' },
    handlers: [
      Work.decide(work, 'id', () => {
        state.decided++
        if (state.failing) {
          state.failing = false
          throw new Error('failing')
        }
        return work.accept([Done({})], state.decided)
      }),
      Work.decide(open, 'id', () => [Done({})]),
    ],
  })
}
const fresh = (): { closed: boolean; failing: boolean; decided: number } => ({
  closed: false,
  failing: false,
  decided: 0,
})

describe('a key whose request stored nothing', () => {
  test('is free again: the payload was invalid, the caller denied, the handler failed', async () => {
    const state = fresh()
    await using app = await startApp(workDomain(state))
    await assert.rejects(app.running.dispatch(work({ id: 'a', how: 3 } as never), key), { code: 'invalid_input' })
    state.closed = true
    await assert.rejects(app.running.dispatch(work({ id: 'a', how: 'one' }), key), { code: 'permission_denied' })
    Object.assign(state, { closed: false, failing: true })
    await assert.rejects(app.running.dispatch(work({ id: 'a', how: 'two' }), key), { message: 'failing' })
    assert.ok((await app.running.dispatch(work({ id: 'a', how: 'three' }), key)).ok)
  })

  test('is free for those who waited for it: the next one decides', async () => {
    const state = { ...fresh(), failing: true }
    await using app = await startApp(workDomain(state))
    const all = [1, 2, 3].map(() => app.running.dispatch(work({ id: 'a', how: 'x' }), key))
    const [first, second, third] = await app.clock.finish(Promise.allSettled(all))
    assert.equal(first?.status, 'rejected')
    assert.deepEqual(second, third)
    assert.equal(state.decided, 2)
  })
})

describe('a key that must not be used', () => {
  test('with another payload is a conflict that names the first command', async () => {
    await using app = await startApp(writingDomain)
    const { commandId } = await app.running.dispatch(money, key)
    await assert.rejects(app.running.dispatch(deposit({ accountId: 'a', pence: 6 }), key), {
      code: 'idempotency_conflict',
      facts: { commandId, commandType: 'Account.Deposit' },
    })
    assert.equal(await app.store.head(), 1)
  })

  test('in another workspace is a conflict too: there the caller may have other permissions', async () => {
    await using app = await startApp(writingDomain)
    const within = (targetWorkspace: string, named: object): Promise<unknown> =>
      app.running.dispatch(money, { ...named, context: { ...ada, targetWorkspace } })
    for (const [named, code] of [
      [{ idempotencyKey: 'k-1' }, 'idempotency_conflict'],
      [{ commandId: 'c-1' }, 'command_conflict'],
    ] as const) {
      const first = await within('w-1', named)
      assert.deepEqual(await within('w-1', named), first)
      await assert.rejects(within('w-2', named), { code })
    }
    assert.equal(await app.store.head(), 2)
  })

  test('with another payload at the same time is a conflict too', async () => {
    await using app = await startApp(writingDomain)
    await using other = await startApp(writingDomain, { beside: app })
    for (const [at, second] of [app, other].entries()) {
      const used = { ...key, idempotencyKey: `k-${at}` }
      const both = [
        app.running.dispatch(money, used),
        second.running.dispatch(deposit({ accountId: 'b', pence: 6 }), used),
      ]
      const settled = await app.clock.finish(Promise.allSettled(both))
      assert.deepEqual(
        settled.map(({ status }) => status),
        ['fulfilled', 'rejected'],
      )
      assert.equal((settled[1] as PromiseRejectedResult).reason.code, 'idempotency_conflict')
    }
  })

  test('by an anonymous caller is refused, unless the contract declares anonymousKeys', async () => {
    await using app = await startApp(workDomain(fresh()))
    const anonymous = { idempotencyKey: 'k-1' }
    await assert.rejects(app.running.dispatch(work({ id: 'a', how: 'x' }), anonymous), {
      code: 'idempotency_refused',
      message: /declare anonymousKeys/,
    })
    const first = await app.running.dispatch(open({ id: 'a' }), anonymous)
    assert.deepEqual(await app.running.dispatch(open({ id: 'a' }), anonymous), first)
    assert.equal(await app.store.head(), 1)
  })

  test('by a caller who was denied since gives nothing back', async () => {
    const state = fresh()
    await using app = await startApp(workDomain(state))
    assert.ok((await app.running.dispatch(work({ id: 'a', how: 'x' }), key)).ok)
    state.closed = true
    await assert.rejects(app.running.dispatch(work({ id: 'a', how: 'x' }), key), { code: 'permission_denied' })
  })

  test('while another one with it runs is waited for until the deadline', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    await using app = await startApp(writingDomain, { interfere: async (_, next) => (await held, next()) })
    const first = app.running.dispatch(money, key)
    const second = app.running.dispatch(money, { ...key, deadlineMs: 20 })
    const refused = assert.rejects(second, {
      code: 'deadline_exceeded',
      message: /another Account\.Deposit with the same key/,
    })
    await app.clock.advance(20)
    await refused
    release()
    assert.ok((await first).ok)
  })
})
