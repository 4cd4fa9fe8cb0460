// A schema that never answers ends at the deadline like everything else, and keeps no app from stopping.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, handle, query } from '@gesta/core'
import { z } from 'zod'
import { startApp } from '../started-app.ts'

const answering = z.object({ id: z.string() })
const silent = z.object({ id: z.string().refine(() => new Promise<boolean>(() => undefined)) })

/** A command and a query, one of whose schemas may be silent. */
function silentIn(where: 'none' | 'input' | 'result' | 'event') {
  const schema = (here: typeof where) => (here === where ? silent : answering)
  const Made = event('Thing.Made', schema('event'))
  const Thing = aggregate('Thing', () => 0).on(Made, (count) => count + 1)
  const make = command('Thing.Make', { input: schema('input'), result: schema('result') })
  const ask = query('Thing.Ask', { input: schema('input'), result: schema('result') })
  const things = domain('Thing', {
    permissions: 'anonymous',
    handlers: [
      Thing.decide(make, 'id', (_, { id }) => make.accept([Made({ id })], { id })),
      handle(ask, async ({ id }) => ({ id })),
    ],
  })
  return { make, ask, things }
}

describe('a schema that never answers', () => {
  for (const where of ['input', 'result', 'event'] as const) {
    test(`of a command’s ${where} ends with deadline_exceeded at the deadline, stores nothing, and the app stops`, async () => {
      const { make, things } = silentIn(where)
      const app = await startApp(things)
      let ended = false
      const refused = assert
        .rejects(app.running.dispatch(make({ id: 'a' }), { deadlineMs: 50 }), { code: 'deadline_exceeded' })
        .finally(() => (ended = true))
      await app.clock.advance(49)
      assert.equal(ended, false)
      await app.clock.advance(1)
      assert.equal(ended, true)
      await refused
      assert.equal(await app.store.head(), 0)
      await app[Symbol.asyncDispose]()
      assert.equal(app.clock.timers, 0)
    })
  }

  for (const where of ['input', 'result'] as const) {
    test(`of a query’s ${where} ends with deadline_exceeded at the deadline, and the app stops`, async () => {
      const { ask, things } = silentIn(where)
      const app = await startApp(things)
      const refused = assert.rejects(app.running.query(ask({ id: 'a' }), { deadlineMs: 50 }), {
        code: 'deadline_exceeded',
      })
      await app.clock.advance(50)
      await refused
      await app[Symbol.asyncDispose]()
      assert.equal(app.clock.timers, 0)
    })
  }

  test('frees the turn of its aggregate', async () => {
    const { make, things } = silentIn('result')
    const app = await startApp(things)
    const both = ['first', 'second'].map(() =>
      assert.rejects(app.running.dispatch(make({ id: 'a' }), { deadlineMs: 50 }), {
        code: 'deadline_exceeded',
      }),
    )
    await app.clock.advance(50)
    await Promise.all(both)
    await app[Symbol.asyncDispose]()
  })

  test('is the odd one out: the same messages pass when schemas answer', async () => {
    const { make, ask, things } = silentIn('none')
    await using app = await startApp(things)
    assert.ok((await app.running.dispatch(make({ id: 'a' }), { deadlineMs: 50 })).ok)
    assert.deepEqual(await app.running.query(ask({ id: 'a' }), { deadlineMs: 50 }), { id: 'a' })
  })
})
