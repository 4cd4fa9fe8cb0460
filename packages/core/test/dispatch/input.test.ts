import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { command, domain, handle, isGestaError } from '@gesta/core'
import { z } from 'zod'
import { deposit, writingDomain } from '../account-domain.ts'
import { startApp } from '../started-app.ts'

const record = command('Note.Record', {
  input: z.object({
    lines: z.array(z.object({ text: z.string().min(1), pence: z.int() })),
    at: z.string().default('now'),
  }),
  result: z.object({ at: z.string() }),
})
const late = command('Note.Late', {
  input: z.object({ name: z.string().refine(async (name) => name !== 'taken', 'taken') }),
})
const bare = command('Note.Bare')

const noteDomain = domain('Note', {
  permissions: 'anonymous',
  handlers: [
    handle(record, async ({ at }) => ({ at })),
    handle(late, async () => undefined),
    handle(bare, async () => undefined),
  ],
})

describe('the payload of a command', () => {
  test('reaches the handler as its schema parses it', async () => {
    await using app = await startApp(noteDomain)
    const outcome = await app.running.dispatch(record({ lines: [] }))
    assert.deepEqual(outcome.ok && outcome.result, { at: 'now' })
  })

  test('is recorded and compared as it was parsed, whatever its caller does with it meanwhile', async () => {
    await using app = await startApp(noteDomain)
    const input = { name: 'first' }
    const going = app.running.dispatch(late(input), { commandId: 'c' })
    input.name = 'second'
    await going
    assert.equal((await app.running.commandLog.get('', 'c'))?.payload, '{"name":"first"}')
    assert.ok((await app.running.dispatch(late({ name: 'first' }), { commandId: 'c' })).ok)
    await assert.rejects(app.running.dispatch(late(input), { commandId: 'c' }), { code: 'command_conflict' })
  })

  test('may have an asynchronous schema, or none', async () => {
    await using app = await startApp(noteDomain)
    assert.ok((await app.running.dispatch(late({ name: 'free' }))).ok)
    assert.ok((await app.running.dispatch(bare())).ok)
    await assert.rejects(app.running.dispatch(late({ name: 'taken' })), { code: 'invalid_input' })
  })
})

describe('an invalid payload', () => {
  test('is refused with every path and reason', async () => {
    await using app = await startApp(noteDomain)
    const payload = {
      lines: [
        { text: '', pence: 1 },
        { text: 'x', pence: 1.5 },
      ],
      at: 3,
    } as never
    await assert.rejects(app.running.dispatch(record(payload)), (error: unknown) => {
      assert.ok(isGestaError(error, 'invalid_input'))
      const { violations } = error.facts as {
        readonly violations: readonly { readonly path: string; readonly reason: string }[]
      }
      assert.deepEqual(violations.map(({ path }) => path).toSorted(), ['at', 'lines.0.text', 'lines.1.pence'])
      for (const { path, reason } of violations) assert.ok(error.message.includes(`${path}: ${reason}`), error.message)
      assert.match(error.message, /^Expected Note\.Record to fit its schema/)
      return true
    })
  })

  test('stores nothing but the record of it', async () => {
    await using app = await startApp(writingDomain)
    const options = { commandId: 'c-1' }
    await assert.rejects(app.running.dispatch(deposit({ accountId: 'a', pence: -1 }), options), {
      code: 'invalid_input',
    })
    assert.equal(await app.store.head(), 0)
    assert.equal((await app.store.header('', 'c-1'))?.outcome, 'failed')
    assert.ok((await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))).ok)
  })

  test('is told apart from keys that cannot be stored', async () => {
    await using app = await startApp(writingDomain)
    const dispatch = (accountId: string, options = {}): Promise<unknown> =>
      app.running.dispatch(deposit({ accountId, pence: 1 }), options)
    for (const id of ['', 'a\0b', '\ud800', 'x'.repeat(513)])
      await assert.rejects(dispatch(id), { code: 'invalid_key' })
    await assert.rejects(dispatch('a', { context: { tenant: 't\0' } }), { code: 'invalid_key' })
    await assert.rejects(dispatch('a', { commandId: '' }), { code: 'invalid_key' })
    await assert.rejects(dispatch('a', { context: { account: 'x' }, idempotencyKey: '' }), { code: 'invalid_key' })
    assert.equal(await app.store.head(), 0)
  })

  test('of too many bytes is refused when it would be stored', async () => {
    await using app = await startApp(writingDomain)
    const { announce } = await import('../account-domain.ts')
    const huge = announce({ accountId: 'a', text: 'x'.repeat(1_048_577) })
    await assert.rejects(
      app.running.dispatch(huge),
      (error: unknown) => isGestaError(error, 'payload_too_large') && error.facts['bytesMax'] === 1_048_576,
    )
    assert.equal(await app.store.head(), 0)
  })
})
