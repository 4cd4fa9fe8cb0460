// A handler that asks another query wrongly is at fault itself: its caller is not told that their message was wrong.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { command, domain, GestaError, handle, isGestaError, query } from '@gesta/core'
import { z } from 'zod'
import { startApp } from '../started-app.ts'

const inner = query('Thing.Inner', { input: z.object({ count: z.int().positive() }), result: z.int() })
const outer = query('Thing.Outer', { input: z.object({ count: z.int() }), result: z.int() })
const make = command('Thing.Make', { input: z.object({ count: z.int() }), result: z.int() })
const things = domain('Thing', {
  permissions: 'anonymous',
  handlers: [
    handle(inner, async ({ count }) => (count === 13 ? Promise.reject(new Error('thirteen')) : count)),
    handle(outer, async ({ count }, scope) => scope.query(inner({ count }))),
    handle(make, async ({ count }, scope) => scope.query(inner({ count }))),
  ],
})

function isPlainOver(code: 'invalid_input' | 'invalid_output') {
  return (error: unknown): boolean => {
    assert.ok(error instanceof Error && !(error instanceof GestaError))
    assert.match(error.message, /Thing\.Inner/)
    assert.ok(isGestaError(error.cause, code))
    return true
  }
}

describe('a handler that asks an inner query', () => {
  test('with invalid input fails with a plain error, from a query and from a command', async () => {
    await using app = await startApp(things)
    await assert.rejects(app.running.query(outer({ count: -1 })), isPlainOver('invalid_input'))
    await assert.rejects(app.running.dispatch(make({ count: -1 })), isPlainOver('invalid_input'))
    assert.equal(await app.store.head(), 0)
  })

  test('passes the error of the inner handler on as it is', async () => {
    await using app = await startApp(things)
    await assert.rejects(app.running.query(outer({ count: 13 })), { message: 'thirteen' })
  })

  test('answers when it asks rightly, and its own caller’s invalid input is still theirs', async () => {
    await using app = await startApp(things)
    assert.equal(await app.running.query(outer({ count: 2 })), 2)
    await assert.rejects(app.running.query(outer({ count: 0.5 })), { code: 'invalid_input' })
    await assert.rejects(app.running.query(inner({ count: -1 })), { code: 'invalid_input' })
  })
})
