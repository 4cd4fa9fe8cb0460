import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError } from '@gesta/core'
import { deposit, withdraw, writingDomain } from '../account-domain.ts'
import type { Interference } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'

const unknown = (): GestaError => new GestaError('outcome_unknown', 'the connection was cut')

/** A store that does not say what became of its first `times` commits: it stored them, or it did not. */
function silent(times: number, stores: boolean): { readonly interfere: Interference; readonly calls: string[] } {
  const calls: string[] = []
  return {
    calls,
    interfere: async ({ commandId }, next) => {
      calls.push(commandId)
      if (calls.length > times) return next()
      if (stores) await next()
      throw unknown()
    },
  }
}

describe('a commit whose outcome the store did not tell', () => {
  for (const stores of [true, false]) {
    test(`is settled by the same commit again: it was ${stores ? '' : 'not '}stored`, async () => {
      const { interfere, calls } = silent(1, stores)
      await using app = await startApp(writingDomain, { interfere })
      const outcome = await app.clock.finish(app.running.dispatch(deposit({ accountId: 'a', pence: 5 })))
      assert.deepEqual(outcome.ok && [outcome.result, outcome.version], [{ balance: 5 }, 1])
      assert.deepEqual(calls, [outcome.commandId, outcome.commandId])
      assert.equal(app.running.commandLog.status.recorded, 1)
      assert.equal(await app.store.head(), 1)
      const next = await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
      assert.deepEqual(next.ok && [next.result, next.version], [{ balance: 6 }, 2])
    })
  }

  test('is settled to its rejection as well', async () => {
    const { interfere } = silent(2, true)
    await using app = await startApp(writingDomain, { interfere })
    const outcome = await app.clock.finish(app.running.dispatch(withdraw({ accountId: 'a', pence: 5 })))
    assert.deepEqual(!outcome.ok && [outcome.rejection.code, outcome.rejection.details], ['too_little', { missing: 5 }])
  })

  test('stays unknown when the store never tells, and names the command', async () => {
    const { interfere, calls } = silent(1_000, true)
    await using app = await startApp(writingDomain, { interfere })
    const work = app.clock.finish(app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { commandId: 'c-1' }))
    await assert.rejects(work, {
      code: 'outcome_unknown',
      facts: { commandId: 'c-1' },
      message: /c-1.*Dispatch it again with this commandId/,
    })
    assert.equal(new Set(calls).size, 1)
  })

  test('stays unknown, and is never called failed, when the deadline ends the asking', async () => {
    const { interfere } = silent(1_000, false)
    await using app = await startApp(writingDomain, { interfere })
    const work = app.clock.finish(app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { deadlineMs: 1 }))
    await assert.rejects(work, { code: 'outcome_unknown' })
  })

  for (const stores of [true, false])
    test(`is settled when the deadline has passed: it was ${stores ? '' : 'not '}stored`, async () => {
      await using app = await startApp(writingDomain, {
        interfere: async ({ header }, next) => {
          if (header.outcome === 'abandoned') return next()
          if (stores) await next()
          throw unknown()
        },
      })
      const money = deposit({ accountId: 'a', pence: 5 })
      const work = app.clock.finish(app.running.dispatch(money, { deadlineMs: 1, commandId: 'c' }))
      if (stores) assert.ok((await work).ok)
      else await assert.rejects(work, { code: 'deadline_exceeded' })
      const { items } = await app.running.commandLog.list({})
      const [record] = items
      assert.deepEqual([items.length, record?.status, record?.commandId], [1, stores ? 'accepted' : 'abandoned', 'c'])
      assert.equal(record?.payload, '{"accountId":"a","pence":5}')
      assert.equal(app.running.commandLog.status.recorded, 1)
      assert.equal(await app.store.head(), stores ? 1 : 0)
    })

  test('stays unknown when the caller gives up meanwhile', async () => {
    const controller = new AbortController()
    await using app = await startApp(writingDomain, {
      interfere: async (_, _next, options) => {
        options?.signal?.throwIfAborted()
        controller.abort(new Error('gone'))
        throw unknown()
      },
    })
    const work = app.clock.finish(
      app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), { signal: controller.signal }),
    )
    await assert.rejects(work, { code: 'outcome_unknown' })
  })

  test('is told to whoever dispatches it again with its id', async () => {
    const { interfere } = silent(5, true)
    await using app = await startApp(writingDomain, { interfere })
    const message = deposit({ accountId: 'a', pence: 5 })
    const error = await app.clock.finish(
      app.running.dispatch(message).then(
        () => undefined,
        (reason: unknown) => reason as GestaError,
      ),
    )
    const commandId = error?.facts['commandId'] as string
    const outcome = await app.running.dispatch(message, { commandId })
    assert.deepEqual(outcome.ok && [outcome.result, outcome.commandId, outcome.version], [{ balance: 5 }, commandId, 1])
    assert.equal(await app.store.head(), 1)
  })
})

describe('a store that fails', () => {
  test('with a definite error fails the command with it, and what the app had in memory is forgotten', async () => {
    let broken = false
    await using app = await startApp(writingDomain, {
      interfere: async (_, next) => {
        if (broken) throw new GestaError('store_full', 'no room')
        return next()
      },
    })
    await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }))
    broken = true
    await assert.rejects(app.running.dispatch(deposit({ accountId: 'a', pence: 5 })), { code: 'store_full' })
    broken = false
    const outcome = await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }))
    assert.deepEqual(outcome.ok && outcome.result, { balance: 10 })
  })
})
