import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, createApp } from '@gesta/core'
import type { AnyDomain, DomainStart, DomainStop } from '@gesta/core'
import { isGestaError } from '../../src/errors/gesta-error.ts'
import { accountDomain, deposit, open } from '../account-domain.ts'
import { startApp } from '../started-app.ts'

interface Life {
  readonly start?: (given: DomainStart) => Promise<void>
  readonly stop?: (given: DomainStop) => Promise<void>
}
const living = (name: string, dependsOn: readonly string[], { start, stop }: Life): AnyDomain =>
  domain(name, { permissions: 'anonymous', handlers: [], dependsOn, start, stop })

/** A domain that notes when it starts and stops. */
function noting(notes: string[], name: string, dependsOn: readonly string[] = [], life: Life = {}): AnyDomain {
  return living(name, dependsOn, {
    start: async (given) => {
      notes.push(`${name} starts`)
      await life.start?.(given)
      notes.push(`${name} started`)
    },
    stop: async (given) => {
      await life.stop?.(given)
      notes.push(`${name} stopped`)
    },
  })
}

describe('domains', () => {
  test('start one after the other in their order, and stop the other way round', async () => {
    const notes: string[] = []
    const app = await startApp([noting(notes, 'Shop', ['Stock']), noting(notes, 'Stock')])
    assert.deepEqual(notes.splice(0), ['Stock starts', 'Stock started', 'Shop starts', 'Shop started'])
    await app[Symbol.asyncDispose]()
    assert.deepEqual(notes, ['Shop stopped', 'Stock stopped'])
  })

  test('may dispatch while they start', async () => {
    const seed = living('Seed', ['Account'], {
      start: async ({ app }) => {
        await app.dispatch(open({ accountId: 'a', owner: 'ada' }))
      },
    })
    await using app = await startApp([seed, accountDomain])
    const outcome = await app.clock.finish(app.running.dispatch(deposit({ accountId: 'a', pence: 3 })))
    assert.equal(outcome.version, 2)
  })

  test('whose start fails end the start of the app, by name, and those that were started are stopped', async () => {
    const notes: string[] = []
    const cause = new Error('no printer')
    const start = (): Promise<never> => Promise.reject(cause)
    const app = createApp('shop', {
      domains: [noting(notes, 'Stock'), noting(notes, 'Label', ['Stock'], { start }), noting(notes, 'Shop', ['Label'])],
    })
    await assert.rejects(app.start(), (error) => {
      assert.ok(error instanceof Error)
      assert.equal(error.message, 'The domain Label did not start: no printer')
      assert.equal(error.cause, cause)
      return true
    })
    assert.deepEqual(notes, ['Stock starts', 'Stock started', 'Label starts', 'Label stopped', 'Stock stopped'])
  })

  test('that take too long to start are told to end, and are named', async () => {
    const signals: AbortSignal[] = []
    const start = ({ signal }: DomainStart): Promise<void> => {
      signals.push(signal)
      return new Promise(() => undefined)
    }
    const app = createApp('shop', { domains: [living('Slow', [], { start })] })
    await assert.rejects(app.start({ domainTimeoutMs: 1 }), (error) => {
      assert.match(String(error), /The domain Slow did not start/)
      return error instanceof Error && isGestaError(error.cause, 'deadline_exceeded')
    })
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true],
    )
  })

  test('that take too long to stop, or fail to, keep neither the others nor the store open', async () => {
    const notes: string[] = []
    const app = createApp('shop', {
      domains: [
        noting(notes, 'Stock'),
        noting(notes, 'Slow', ['Stock'], { stop: () => new Promise(() => undefined) }),
        noting(notes, 'Sad', ['Slow'], { stop: () => Promise.reject(new Error('no')) }),
      ],
    })
    const running = await app.start({ domainTimeoutMs: 1 })
    notes.length = 0
    await assert.rejects(async () => running[Symbol.asyncDispose](), /The domain Sad did not stop: no/)
    assert.deepEqual(notes, ['Stock stopped'])
    await assert.rejects(running.stores.cache.get({ tenant: '', key: 'k' }), (error) =>
      isGestaError(error, 'store_closed'),
    )
  })

  test('stop when the app is told to while they start, with the reason', async () => {
    const notes: string[] = []
    const leaving = new AbortController()
    const app = createApp('shop', {
      domains: [
        noting(notes, 'Stock'),
        noting(notes, 'Long', ['Stock'], {
          start: () => {
            leaving.abort(new Error('enough'))
            return new Promise(() => undefined)
          },
        }),
      ],
    })
    await assert.rejects(app.start({ signal: leaving.signal }), /enough/)
    assert.deepEqual(notes, ['Stock starts', 'Stock started', 'Long starts', 'Long stopped', 'Stock stopped'])
  })

  test('with tables of their own are refused by a store that has none', async () => {
    const notes = [{ number: 1, name: 'notes', statements: ['CREATE TABLE notes (id TEXT)'] }]
    const tables = domain('Order', { permissions: 'anonymous', handlers: [], migrations: notes })
    await assert.rejects(createApp('shop', { domains: [tables] }).start(), /The domain Order has migrations/)
  })
})
