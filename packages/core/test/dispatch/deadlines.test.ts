import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { command, domain, handle, query } from '@gesta/core'
import { z } from 'zod'
import { Account, deposit, Deposited, open, writingDomain } from '../account-domain.ts'
import { settled } from '../fake-clock.ts'
import { startApp } from '../started-app.ts'

/** A gate that holds whoever waits for it until it is opened. */
function gate(): { readonly open: () => void; readonly passed: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { open: resolve, passed: promise }
}

const hang = command('Slow.Hang', { input: z.object({ accountId: z.string() }) })
const ask = query('Slow.Ask', { result: z.string() })

function slowDomain(during: (signal: AbortSignal) => Promise<void>) {
  return domain('Slow', {
    permissions: 'anonymous',
    handlers: [
      handle(hang, async ({ accountId }, { load, signal }) => {
        const account = await load(Account, accountId)
        await during(signal)
        account.emit(Deposited({ pence: 1 }))
      }),
      handle(ask, async (_, { signal }) => (await during(signal), 'answer')),
    ],
    aggregates: [Account],
  })
}

describe('a deadline', () => {
  test('that has passed already stores nothing', async () => {
    await using app = await startApp(writingDomain)
    await assert.rejects(app.running.dispatch(deposit({ accountId: 'a', pence: 1 }), { deadlineMs: 0 }), {
      code: 'deadline_exceeded',
    })
    assert.equal(await app.store.head(), 0)
  })

  test('ends the waiting for the turn of an aggregate, and its neighbours go on', async () => {
    const { open: letGo, passed } = gate()
    let first = true
    await using app = await startApp(writingDomain, {
      interfere: async (_, next) => {
        if (first) {
          first = false
          await passed
        }
        return next()
      },
    })
    const holder = app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await settled()
    const impatient = app.running.dispatch(deposit({ accountId: 'a', pence: 10 }), { deadlineMs: 50 })
    const patient = app.running.dispatch(deposit({ accountId: 'a', pence: 100 }))
    const refused = assert.rejects(impatient, { code: 'deadline_exceeded' })
    await app.clock.advance(50)
    await refused
    letGo()
    assert.ok((await holder).ok)
    const outcome = await patient
    assert.deepEqual(outcome.ok && outcome.result, { balance: 101 })
  })

  test('ends a handler that hangs, aborts its signal, and refuses what it does later', async () => {
    const { open: letGo, passed } = gate()
    let reason: unknown
    await using app = await startApp(
      slowDomain(async (signal) => {
        signal.addEventListener('abort', () => (reason = signal.reason))
        await passed
      }),
    )
    const refused = assert.rejects(app.running.dispatch(hang({ accountId: 'a' }), { deadlineMs: 50 }), {
      code: 'deadline_exceeded',
      message: /Slow\.Hang was running/,
    })
    await app.clock.advance(50)
    await refused
    assert.equal((reason as { code?: string }).code, 'deadline_exceeded')
    letGo()
    await settled()
    assert.equal(await app.store.head(), 0)
  })

  test('ends a query that hangs', async () => {
    await using app = await startApp(slowDomain(() => new Promise(() => undefined)))
    const refused = assert.rejects(app.running.query(ask(), { deadlineMs: 50 }), { code: 'deadline_exceeded' })
    await app.clock.advance(50)
    await refused
  })

  test('that passes after the decision and before the commit stores nothing', async () => {
    await using app = await startApp(
      slowDomain(async () => undefined),
      {
        wrap: (events) => ({
          readStream: async (read) => {
            await new Promise<void>((resolve) => app.clock.after(100, resolve))
            return events.readStream(read)
          },
        }),
      },
    )
    const late = app.clock.finish(app.running.dispatch(hang({ accountId: 'a' }), { deadlineMs: 99 }))
    await assert.rejects(late, { code: 'deadline_exceeded' })
    assert.equal(await app.store.head(), 0)
  })

  test('that passes while the store writes leaves the outcome to the commit', async () => {
    await using app = await startApp(writingDomain, {
      interfere: async (_, next) => {
        const verdict = await next()
        await new Promise<void>((resolve) => app.clock.after(1_000, resolve))
        return verdict
      },
    })
    const outcome = await app.clock.finish(
      app.running.dispatch(deposit({ accountId: 'a', pence: 1 }), { deadlineMs: 50 }),
    )
    assert.ok(outcome.ok)
  })
})

describe("a caller's signal", () => {
  test('that has aborted already stores nothing', async () => {
    await using app = await startApp(writingDomain)
    const reason = new Error('gone')
    const aborted = app.running.dispatch(deposit({ accountId: 'a', pence: 1 }), { signal: AbortSignal.abort(reason) })
    await assert.rejects(aborted, (error) => error === reason)
    assert.equal(await app.store.head(), 0)
  })

  test('ends the waiting for the turn of an aggregate with its reason', async () => {
    const { open: letGo, passed } = gate()
    const controller = new AbortController()
    const reason = new Error('gone')
    await using app = await startApp(writingDomain, { interfere: async (_, next) => (await passed, next()) })
    const holder = app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await settled()
    const waiting = app.running.dispatch(deposit({ accountId: 'a', pence: 10 }), { signal: controller.signal })
    const refused = assert.rejects(waiting, (error) => error === reason)
    await settled()
    controller.abort(reason)
    await refused
    letGo()
    await holder
    assert.equal(await app.store.head(), 1)
  })

  test('ends a handler that hangs with its reason, and reaches the handler', async () => {
    const controller = new AbortController()
    const reason = new Error('gone')
    let seen: unknown
    await using app = await startApp(
      slowDomain((signal) => new Promise(() => signal.addEventListener('abort', () => (seen = signal.reason)))),
    )
    const refused = assert.rejects(
      app.running.dispatch(hang({ accountId: 'a' }), { signal: controller.signal }),
      (error) => error === reason,
    )
    await settled()
    controller.abort(reason)
    await refused
    assert.equal(seen, reason)
  })

  test('that aborts while the store writes leaves the outcome to the commit', async () => {
    const controller = new AbortController()
    await using app = await startApp(writingDomain, {
      interfere: async (_, next) => {
        const verdict = await next()
        controller.abort()
        return verdict
      },
    })
    assert.ok((await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }), { signal: controller.signal })).ok)
  })

  test('is not shared between calls without one', async () => {
    const signals = new Set<AbortSignal>()
    await using app = await startApp(slowDomain(async (signal) => void signals.add(signal)))
    await app.running.dispatch(hang({ accountId: 'a' }))
    await app.running.dispatch(hang({ accountId: 'a' }))
    assert.equal(signals.size, 2, 'listeners of one command would stay for ever')
  })
})

describe('work that has ended', () => {
  test('leaves no alarm behind once the app has stopped', async () => {
    const app = await startApp(writingDomain)
    await app.running.dispatch(open({ accountId: 'a', owner: 'Ada' }), { deadlineMs: 60_000 })
    await app[Symbol.asyncDispose]()
    assert.equal(app.clock.timers, 0)
  })
})
