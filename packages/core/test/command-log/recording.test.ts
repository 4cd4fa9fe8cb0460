// Every way in which a command can end, and the one record that it leaves.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError, memoryCommandLog } from '@gesta/core'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import { guarded, loose, only, own, plain, records, startWorkshop, unknown, wait, work } from './recording-place.ts'

const ann = { account: 'ann', session: 's' }
const done = work({ id: 'a', how: 'done' })

describe('the record of a command', () => {
  test('that was accepted: its payload, events, permission, retries and time', async () => {
    const fresh = { waiting: true }
    await using app = await startWorkshop({
      interfere: async (_, next) => {
        if (fresh.waiting) await app.clock.advance(3)
        fresh.waiting = false
        return next()
      },
    })
    const outcome = await app.running.dispatch(work({ how: 'done', id: 'a' }), { context: { ...ann, identity: 'i' } })
    const record = await only(app)
    assert.deepEqual(
      [record.status, record.commandType, record.commandId, record.payload],
      ['accepted', 'Work.Do', outcome.commandId, '{"how":"done","id":"a"}'],
    )
    assert.deepEqual(record.events, [{ id: `${outcome.commandId}.0`, position: 1 }])
    assert.deepEqual(record.permission, { asked: 'anonymous', allowed: true })
    assert.deepEqual([record.error, record.retries, record.redacted, record.truncated], [undefined, 0, [], []])
    assert.deepEqual([record.recordedAt, record.durationUs], [app.clock.nowUs() - 3_000, 0])
    assert.deepEqual(app.running.commandLog.status, {
      recorded: 1,
      sampled: 0,
      lost: 0,
      lastError: undefined,
      retentionError: undefined,
      copy: undefined,
    })
  })

  test('without an input has its place too', async () => {
    await using app = await startWorkshop()
    await app.running.dispatch(plain())
    assert.deepEqual([(await only(app)).status, (await only(app)).payload], ['accepted', 'null'])
  })

  test('that was rejected: code and reason', async () => {
    await using app = await startWorkshop()
    await app.running.dispatch(work({ id: 'a', how: 'no' }))
    const { status, error, events } = await only(app)
    assert.deepEqual([status, error, events], ['rejected', { code: 'no', message: 'It is not wanted.' }, []])
  })

  test('that was denied: the reason for operators, and a payload that was never read', async () => {
    await using app = await startWorkshop()
    await assert.rejects(app.running.dispatch(guarded({ id: 'a' }), { context: ann }), { code: 'permission_denied' })
    const { status, permission, error, payload } = await only(app)
    const reason = 'the reason is for operators'
    assert.deepEqual([status, permission], ['denied', { asked: 'custom', allowed: false, reason }])
    assert.deepEqual([error?.code, payload], ['permission_denied', '{"id":"a"}'])
    assert.ok(!error?.message.includes(reason))
  })

  test('that was denied by its level', async () => {
    await using app = await startWorkshop()
    await assert.rejects(app.running.dispatch(own({ id: 'a' })), { code: 'permission_denied' })
    const { status, permission } = await only(app)
    assert.equal(status, 'denied')
    assert.deepEqual([permission?.asked, permission?.allowed], ['authenticated', false])
  })

  test('that did not fit its schema', async () => {
    await using app = await startWorkshop()
    await assert.rejects(app.running.dispatch(work({ id: 'a' } as never)), { code: 'invalid_input' })
    const { status, error, payload, permission } = await only(app)
    assert.deepEqual([status, error?.code, payload, permission], ['failed', 'invalid_input', '{"id":"a"}', undefined])
    assert.match(error?.message ?? '', /how/)
  })

  for (const [how, said] of [
    ['error', 'TypeError'],
    ['text', 'string'],
    ['nothing', ''],
  ] as const)
    test(`whose handler threw (${how}): what was thrown by its name, and it reaches the caller unchanged`, async () => {
      await using app = await startWorkshop()
      const settledWith = await Promise.allSettled([app.running.dispatch(work({ id: 'a', how }))])
      const [refused] = settledWith
      const reason: unknown = refused.status === 'rejected' ? refused.reason : 'no error'
      assert.equal(
        reason instanceof TypeError ? 'error' : (reason ?? 'nothing') === 'hunter2' ? 'text' : 'nothing',
        how,
      )
      const { status, error } = await only(app)
      assert.deepEqual([status, error], ['failed', { code: 'handler_failed', message: said }])
    })

  test('whose payload cannot be written: a circle, and a big integer', async () => {
    const circle: { self?: unknown } = {}
    circle.self = circle
    await using app = await startWorkshop()
    for (const data of [circle, { big: 1n }])
      await assert.rejects(app.running.dispatch(loose(data as never)), {
        code: 'invalid_input',
        message: /Work\.Loose/,
      })
    for (const { status, error, payload, truncated } of await records(app))
      assert.deepEqual([status, error?.code, payload, truncated], ['failed', 'invalid_input', undefined, ['payload']])
    assert.equal((await records(app)).length, 2)
  })

  test('of a type that the app does not know, or that the role may not run: no payload', async () => {
    await using app = await startWorkshop({ role: 'api' })
    await assert.rejects(app.running.dispatch(unknown()), { code: 'missing_handler' })
    await assert.rejects(app.running.dispatch(done, { role: 'nobody' as never }), { code: 'role_not_allowed' })
    for (const { status, payload, redacted } of await records(app))
      assert.deepEqual([status, payload, redacted], ['failed', undefined, ['*']])
    assert.equal((await records(app)).length, 2)
  })

  test('whose deadline passed: its caller does not wait for the record, the app does', async () => {
    const app = await startWorkshop()
    const late = app.clock.finish(app.running.dispatch(wait({ id: 'a' }), { deadlineMs: 50, commandId: 'w' }))
    await assert.rejects(late, { code: 'deadline_exceeded' })
    await app[Symbol.asyncDispose]()
    const header = await app.store.header('', 'w')
    assert.equal(header?.outcome, 'timed_out')
  })

  test('whose caller gave up', async () => {
    const controller = new AbortController()
    await using app = await startWorkshop()
    const left = app.running.dispatch(wait({ id: 'a' }), { signal: controller.signal })
    await app.clock.advance(7)
    const reason = new RangeError('gone')
    controller.abort(reason)
    await assert.rejects(left, (error) => error === reason)
    const { status, error, durationUs } = await only(app)
    assert.deepEqual([status, error, durationUs], ['abandoned', { code: 'aborted', message: 'RangeError' }, 7_000])
  })

  test('that repeated an idempotency key: which command it was given', async () => {
    await using app = await startWorkshop()
    const key = { context: ann, idempotencyKey: 'k' }
    const first = await app.running.dispatch(done, key)
    assert.deepEqual(await app.running.dispatch(done, { ...key, commandId: 'again' }), first)
    assert.deepEqual(await app.running.dispatch(done, { ...key, commandId: 'again' }), first)
    const [, repeated, ...more] = await records(app)
    assert.deepEqual(
      [repeated?.status, repeated?.duplicateOf, repeated?.idempotencyKey, repeated?.commandId, more],
      ['duplicate', first.commandId, 'k', 'again', []],
    )
    // The id has its outcome for good, without the key and without its record.
    await app.running.commandLog.purge({ before: app.clock.nowUs() + 1 })
    await app.store.pruneKeys({ before: app.clock.nowUs() + 1 })
    assert.deepEqual(await app.running.dispatch(done, { context: ann, commandId: 'again' }), first)
    assert.deepEqual(await app.running.dispatch(done, { ...key, commandId: 'again' }), first)
  })

  test('that failed a hundred times at once under one id is one; whoever came too late is told so', async () => {
    await using app = await startWorkshop()
    const again = (): Promise<unknown> => app.running.dispatch(work({ id: 'a', how: 'error' }), { commandId: 'c' })
    const ended = await app.clock.finish(Promise.allSettled(Array.from({ length: 100 }, again)))
    for (const one of ended) assert.ok(one.status === 'rejected' && one.reason instanceof TypeError)
    await assert.rejects(again(), { code: 'command_settled' })
    const { commandId, status } = await only(app)
    assert.deepEqual([commandId, status], ['c', 'failed'])
    assert.equal(app.running.commandLog.status.recorded, 1)
  })

  test('that repeated a command id is the first one alone', async () => {
    await using app = await startWorkshop()
    const first = await app.running.dispatch(done, { commandId: 'c' })
    assert.deepEqual(await app.running.dispatch(done, { commandId: 'c' }), first)
    await assert.rejects(app.running.dispatch(work({ id: 'b', how: 'done' }), { commandId: 'c' }), {
      code: 'command_conflict',
    })
    assert.equal((await only(app)).status, 'accepted')
  })
})

describe('an attempt that leaves no record', () => {
  test('is counted, with the code of the error: the store is away', async () => {
    let away = true
    await using app = await startWorkshop({
      interfere: async (_, next) => {
        if (away) throw new GestaError('store_unavailable', 'away')
        return next()
      },
    })
    await assert.rejects(app.running.dispatch(done), { code: 'store_unavailable' })
    await assert.rejects(app.running.dispatch(guarded({ id: 'a' }), { context: ann }), { code: 'permission_denied' })
    away = false
    await app.running.dispatch(done)
    const { recorded, lost, lastError } = app.running.commandLog.status
    assert.deepEqual([recorded, lost, lastError], [1, 2, 'store_unavailable'])
  })

  test('is counted: its id or its tenant cannot be stored', async () => {
    await using app = await startWorkshop()
    await assert.rejects(app.running.dispatch(done, { commandId: '' }), { code: 'invalid_key' })
    await assert.rejects(app.running.dispatch(done, { context: { tenant: 'a\0' } }), { code: 'invalid_key' })
    const { lost, lastError } = app.running.commandLog.status
    assert.deepEqual([lost, lastError, await records(app)], [2, 'invalid_key', []])
  })

  test('is counted apart: refused attempts of callers without account, beyond so many in a second', async () => {
    // The audit log has a limit of its own: what is within it is stored, with a record or without.
    const limit = { anonymousPerSecond: 2 }
    await using app = await startWorkshop({ commandLog: limit, audit: limit })
    const knock = (context = {}): Promise<void> =>
      assert.rejects(app.running.dispatch(own({ id: 'a' }), { context }), { code: 'permission_denied' })
    for (let at = 0; at < 5; at++) await knock()
    await knock({ account: 'ann' })
    await app.clock.advance(500)
    await knock()
    await knock()
    await app.running.dispatch(done)
    const { recorded, sampled } = app.running.commandLog.status
    assert.deepEqual([recorded, sampled, (await records(app)).length], [5, 4, 5])
  })

  test('is counted apart too when they did not wait for the refusal: no time, or gone at once', async () => {
    await using app = await startWorkshop({ commandLog: { anonymousPerSecond: 2 } })
    for (let at = 0; at < 3; at++) {
      await assert.rejects(app.running.dispatch(own({ id: 'a' }), { deadlineMs: 0 }), { code: 'deadline_exceeded' })
      await assert.rejects(app.running.dispatch(own({ id: 'a' }), { signal: AbortSignal.abort(new Error('gone')) }))
    }
    const { recorded, sampled } = app.running.commandLog.status
    assert.deepEqual([recorded, sampled, (await records(app)).length], [2, 4, 2])
  })

  test('with commandLog: false is every one that stored no decision, and payloads are not kept', async () => {
    await using app = await startWorkshop({ commandLog: false })
    await assert.rejects(app.running.dispatch(work({ id: 'a', how: 'error' }), { commandId: 'c' }), TypeError)
    await app.running.dispatch(done, { commandId: 'c' })
    const { status, payload, durationUs } = await only(app)
    assert.deepEqual([status, payload, durationUs], ['accepted', undefined, undefined])
  })
})

describe('a copy of the log', () => {
  test('gets every record of the app, payloads opened, and is told of in the status', async () => {
    const copy = await memoryCommandLog().open(fakeRuntime(createFakeClock()))
    const copyTo = { backend: 'memory', open: async () => ({ ...copy, [Symbol.asyncDispose]: async () => undefined }) }
    const encryption = { secrets: [{ id: 's', secret: 'x'.repeat(32) }], payloads: 'all' } as const
    const app = await startWorkshop({ commandLog: { copyTo }, encryption })
    await app.running.dispatch(done)
    await assert.rejects(app.running.dispatch(own({ id: 'a' })), { code: 'permission_denied' })
    const { commandLog } = app.running
    for (let step = 0; step < 1_000 && commandLog.status.copy?.commitNo !== 2; step++) await app.clock.advance(10)
    assert.deepEqual(commandLog.status.copy, { active: true, commitNo: 2, lastError: undefined })
    await app[Symbol.asyncDispose]()
    const { items } = await copy.list({ order: 'oldest' })
    assert.deepEqual(
      items.map(({ status, payload }) => [status, payload]),
      [
        ['accepted', '{"how":"done","id":"a"}'],
        ['denied', '{"id":"a"}'],
      ],
    )
  })
})

describe('options of the command log', () => {
  for (const [what, commandLog, message] of [
    ['an unknown name', { metdata: () => ({}) }, /Did you mean "metadata"/],
    ['a limit that is no number', { anonymousPerSecond: -1 }, /anonymousPerSecond/],
    ['an unknown status', { retention: [{ olderThanMs: 1, statuses: ['lost'] }] }, /received "lost"/],
    ['a copy to nothing', { copyTo: {} }, /copyTo/],
  ] as const)
    test(`are refused at the start: ${what}`, async () => {
      await assert.rejects(startWorkshop({ commandLog: commandLog as never }), message)
    })
})
