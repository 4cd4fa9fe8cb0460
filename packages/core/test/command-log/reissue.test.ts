import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, handle } from '@gesta/core'
import type { RequestContext } from '@gesta/core'
import { z } from 'zod'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'
import { shapeOf } from './trace-place.ts'

const note = command('Note.Take', {
  input: z.object({ text: z.string().max(5), words: z.array(z.string()).optional() }),
  rejections: { again: 'It was noted before.' },
})
const sign = command('Note.Sign', { input: z.object({ by: z.string(), pin: z.string() }), redact: { pin: 'secret' } })
const clear = command('Note.Clear')
const lock = command('Note.Lock', { input: z.object({ text: z.string() }) })
const Taken = event('Note.Taken', z.object({ text: z.string() }))
const Note = aggregate('Note', () => ({ texts: [] as readonly string[] })).on(Taken, ({ texts }, { text }) => ({
  texts: [...texts, text],
}))

const signed: unknown[] = []
const notes = domain('Note', {
  permissions: {
    'Note.Take': 'anonymous',
    'Note.Sign': 'anonymous',
    'Note.Clear': 'anonymous',
    'Note.Lock': 'authenticated',
  },
  aggregates: [Note],
  handlers: [
    Note.decide(
      note,
      () => 'all',
      ({ texts }, { text }) => (texts.includes(text) ? note.reject('again') : [Taken({ text })]),
    ),
    handle(sign, async (input) => void signed.push(input)),
    handle(clear, async () => void signed.splice(0)),
    handle(lock, async () => undefined),
  ],
})
const old: RequestContext = { tenant: 'acme', identity: 'ann', account: 'a-1', session: 's-1', targetWorkspace: 'w' }
const caller: RequestContext = { tenant: 'acme', identity: 'bob', account: 'b-1', session: 's-2' }

async function recordOf({ running }: StartedApp, commandId: string, tenant = 'acme') {
  const record = await running.commandLog.get(tenant, commandId)
  assert.ok(record !== undefined)
  return { ...record, context: JSON.parse(record.context) as RequestContext }
}

describe('a recorded command that is issued again', () => {
  test('asks the same under a new id, for the new caller, caused by the old one', async () => {
    await using app = await startApp(notes)
    await app.running.dispatch(note({ text: 'a', words: ['x', 'y'] }), { commandId: 'first', context: old })
    const outcome = await app.running.commandLog.reissue(
      { tenant: 'acme', commandId: 'first' },
      { context: caller, metadata: { why: 'a test' } },
    )
    assert.ok(!outcome.ok)
    assert.deepEqual([outcome.rejection.code, outcome.commandId === 'first'], ['again', false])
    const { context, payload, metadata, status } = await recordOf(app, outcome.commandId)
    assert.deepEqual(context, { ...caller, targetWorkspace: 'w', correlationId: 'first', causationId: 'first' })
    assert.deepEqual([payload, status], ['{"text":"a","words":["x","y"]}', 'rejected'])
    assert.equal(metadata['why'], 'a test')
  })

  test('stands below the old one in the trace, also when it is issued again and again', async () => {
    await using app = await startApp(notes)
    const { commandLog } = app.running
    await app.running.dispatch(note({ text: 'a' }), { commandId: 'first', context: { correlationId: 'request' } })
    const second = await commandLog.reissue({ commandId: 'first' })
    const third = await commandLog.reissue({ commandId: second.commandId })
    const fourth = await commandLog.reissue({ commandId: 'first' })
    const below = [[second.commandId, [third.commandId]], fourth.commandId]
    for (const id of ['request', 'first', third.commandId]) {
      assert.deepEqual(shapeOf(await commandLog.trace(id)), [['first', below]])
    }
  })

  test('stays in the tenant of the record, whoever asks', async () => {
    await using app = await startApp(notes)
    await app.running.dispatch(note({ text: 'a' }), { commandId: 'first', context: old })
    const { commandId } = await app.running.commandLog.reissue(
      { tenant: 'acme', commandId: 'first' },
      { context: { tenant: 'operators', identity: 'eve', account: 'e-1', session: 's-3' } },
    )
    const { context } = await recordOf(app, commandId)
    assert.deepEqual([context.tenant, context.targetTenant], ['operators', 'acme'])
    await app.running.dispatch(note({ text: 'b' }), { commandId: 'plain' })
    const plain = await app.running.commandLog.reissue({ commandId: 'plain' }, { context: caller })
    assert.equal((await recordOf(app, plain.commandId, '')).context.targetTenant, '')
  })

  test('is decided anew: what was in the way then may not be any more', async () => {
    await using app = await startApp(notes)
    const tooLong = app.running.dispatch(note({ text: 'too long' }), { commandId: 'first' })
    await assert.rejects(tooLong, { code: 'invalid_input' })
    assert.equal((await recordOf(app, 'first', '')).status, 'failed')
    await assert.rejects(app.running.commandLog.reissue({ commandId: 'first' }), { code: 'invalid_input' })
    const outcome = await app.running.commandLog.reissue({ commandId: 'first', payload: { text: 'short' } })
    assert.equal(outcome.ok, true)
    assert.equal((await recordOf(app, outcome.commandId, '')).payload, '{"text":"short"}')
  })

  test('passes permissions as its new caller, never as the old one', async () => {
    await using app = await startApp(notes)
    await app.running.dispatch(lock({ text: 'a' }), { commandId: 'first', context: old })
    const again = { tenant: 'acme', commandId: 'first' }
    await assert.rejects(app.running.commandLog.reissue(again), { code: 'permission_denied' })
    assert.equal((await app.running.commandLog.reissue(again, { context: caller })).ok, true)
  })

  test('can have an idempotency key of its own, and no id', async () => {
    await using app = await startApp(notes)
    await app.running.dispatch(note({ text: 'a' }), { commandId: 'first', context: old })
    const options = { context: caller, idempotencyKey: 'once', commandId: 'first' }
    const reissue = () => app.running.commandLog.reissue({ tenant: 'acme', commandId: 'first' }, options)
    const second = await reissue()
    assert.notEqual(second.commandId, 'first')
    assert.equal((await reissue()).commandId, second.commandId)
  })

  test('of a command without an input needs no payload', async () => {
    await using app = await startApp(notes)
    const { commandId } = await app.running.dispatch(clear())
    assert.equal((await app.running.commandLog.reissue({ commandId })).ok, true)
    await app.running.commandLog.redact('', commandId)
    assert.equal((await app.running.commandLog.reissue({ commandId })).ok, true)
  })
})

describe('a command is not issued again', () => {
  test('when the log does not have it', async () => {
    await using app = await startApp(notes)
    await app.running.dispatch(note({ text: 'a' }), { commandId: 'first', context: old })
    const unknown = {
      code: 'command_unknown',
      message: /received "first", which the log does not have for this tenant/,
    }
    await assert.rejects(app.running.commandLog.reissue({ commandId: 'first' }), unknown)
    await app.running.commandLog.purge({ before: app.clock.nowUs() + 1 })
    await assert.rejects(app.running.commandLog.reissue({ tenant: 'acme', commandId: 'first' }), unknown)
  })

  test('when a field of its payload is not in the log, unless the payload is given', async () => {
    await using app = await startApp(notes)
    await app.running.dispatch(sign({ by: 'ann', pin: '1234' }), { commandId: 'first' })
    await assert.rejects(app.running.commandLog.reissue({ commandId: 'first' }), {
      code: 'record_incomplete',
      message: /of its payload pin was redacted\. Give the payload/,
    })
    await app.running.commandLog.reissue({ commandId: 'first', payload: { by: 'ann', pin: '4321' } })
    assert.deepEqual(signed.at(-1), { by: 'ann', pin: '4321' })
  })

  test('when its payload was redacted, was cut, or never recorded', async () => {
    await using app = await startApp(notes)
    const refused = async (commandId: string, message: RegExp): Promise<void> =>
      assert.rejects(app.running.commandLog.reissue({ commandId }), { code: 'record_incomplete', message })
    await app.running.dispatch(note({ text: 'a' }), { commandId: 'first' })
    await app.running.commandLog.redact('', 'first')
    await assert.rejects(app.running.commandLog.reissue({ commandId: 'first' }), {
      code: 'data_gone',
      message: /was redacted, for good\. Give the payload/,
    })
    const words = Array.from({ length: 1_000 }, () => 'x'.repeat(1_100))
    await app.running.dispatch(note({ text: 'b', words }), { commandId: 'large' })
    await refused('large', /was not recorded whole/)
    await using headersOnly = await startApp(notes, { beside: app, commandLog: false })
    await headersOnly.running.dispatch(note({ text: 'c' }), { commandId: 'bare' })
    await refused('bare', /its payload was not recorded/)
  })

  test('when the app has no handler for it any more', async () => {
    await using app = await startApp(notes)
    await app.running.dispatch(note({ text: 'a' }), { commandId: 'first' })
    await using other = await startApp(domain('Other', { permissions: 'anonymous', handlers: [] }), { beside: app })
    await assert.rejects(other.running.commandLog.reissue({ commandId: 'first' }), { code: 'missing_handler' })
  })
})
