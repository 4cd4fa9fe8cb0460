// One owner in a cluster, its place in the log, and how it leaves.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { subscriber } from '@gesta/core'
import { catalogueOf } from '../../src/app/catalogue.ts'
import { start } from '../../src/app/start.ts'
import type { LeaseStore } from '../../src/stores/lease/lease-store.ts'
import { deposit, Deposited } from '../account-domain.ts'
import { appendBeside } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'
import { notesIn, noting, statusOf, take, until } from './notes-domain.ts'

const placeOf = (name: string) => ({ name: `Gesta.Subscriber/${name}`, modelVersion: 1, generation: 1 })
const deposited = (pence: number) => [{ type: 'Account.Deposited', data: { pence } }]

/** Counts what it runs for, and where. */
function counting(where: string, seen: string[], options = {}) {
  return subscriber('Count', options).on(Deposited, ({ pence }) => void seen.push(`${where} ${pence}`))
}
const leasesOf = async (app: StartedApp): Promise<LeaseStore> => (await app.held.backend.open(app.runtime)).leases

/** The same store for another process whose leases answer as `interfere` says. */
async function startBeside(app: StartedApp, subscribed: { readonly name: string }, interfere: Partial<LeaseStore>) {
  const opened = await app.held.backend.open(app.runtime)
  const store = { backend: 'memory', open: async () => ({ ...opened, leases: { ...opened.leases, ...interfere } }) }
  const running = await start<string, string>('test', catalogueOf(noting(subscribed)), { store }, app.runtime)
  return {
    ...app,
    running,
    [Symbol.asyncDispose]: () => app.clock.finish(Promise.resolve(running[Symbol.asyncDispose]())),
  }
}

describe('a durable subscriber', () => {
  test('begins with the first event when it is new, and resumes where it was', async () => {
    const seen: string[] = []
    const writer = await startApp(noting())
    await appendBeside(writer.store, 'Account/a', deposited(1))
    await using app = await startApp(noting(counting('one', seen)), { beside: writer })
    await until(app, () => seen.length === 1)
    await app[Symbol.asyncDispose]()
    await appendBeside(writer.store, 'Account/a', deposited(2))
    await using again = await startApp(noting(counting('two', seen)), { beside: writer })
    await until(again, () => seen.length === 2)
    assert.deepEqual(seen, ['one 1', 'two 2'])
    await writer[Symbol.asyncDispose]()
  })

  for (const before of [0, 2]) {
    test(`may begin behind the ${before} events that are there, and sees what comes while it is not there`, async () => {
      const seen: string[] = []
      const app = await startApp(noting())
      for (let pence = 1; pence <= before; pence++) await appendBeside(app.store, 'Account/a', deposited(pence))
      const first = await startApp(noting(counting('one', seen, { from: 'end' })), { beside: app })
      await until(first, () => statusOf(first, 'Count').state === 'live')
      await first[Symbol.asyncDispose]()
      await appendBeside(app.store, 'Account/a', deposited(9))
      await using again = await startApp(noting(counting('two', seen, { from: 'end' })), { beside: app })
      await until(again, () => seen.length === 1)
      assert.deepEqual(seen, ['two 9'])
      await app[Symbol.asyncDispose]()
    })
  }

  test('goes on inside of a commit at which it was left', async () => {
    const seen: string[] = []
    const app = await startApp(noting())
    await appendBeside(app.store, 'Account/a', [...deposited(1), ...deposited(2), ...deposited(3)])
    const [, second] = await app.store.readAll({ after: 0 })
    const view = await app.readModels.open(placeOf('Count'))
    const { incarnation } = app.store.identity
    await view.flush({
      expected: { incarnation, position: 0, eventId: '' },
      next: { incarnation, position: 2, eventId: `${second?.commandId}.1` },
      writes: [],
    })
    await using again = await startApp(noting(counting('one', seen)), { beside: app })
    await until(again, () => seen.length === 1)
    await again.running.dispatch(deposit({ accountId: 'a', pence: 4 }))
    await until(again, () => seen.length === 2)
    assert.deepEqual(seen, ['one 3', 'one 4'])
    await app[Symbol.asyncDispose]()
  })

  test('that passes over events moves its place for them now and then only', async () => {
    const seen: string[] = []
    await using app = await startApp(noting(counting('one', seen)))
    const others = Array.from({ length: 600 }, () => ({ type: 'Elsewhere.Happened', data: 0 }))
    const view = await app.readModels.open(placeOf('Count'))
    await appendBeside(app.store, 'Elsewhere/e', others)
    await until(app, () => statusOf(app, 'Count').position === 600)
    assert.equal(await view.checkpoint(), undefined)
    await appendBeside(app.store, 'Elsewhere/e', others)
    await until(app, async () => (await view.checkpoint())?.position === 1_200)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(app, async () => (await view.checkpoint())?.position === 1_201)
  })

  for (const [what, checkpoint] of [
    ['of another incarnation', { incarnation: 'another', position: 0 }],
    ['beyond the end of the log', { incarnation: undefined, position: 7 }],
    ['beside the log, which was restored and written on', { incarnation: undefined, position: 1 }],
  ] as const) {
    test(`is diverged when its place is ${what}, and runs for nothing`, async () => {
      const seen: string[] = []
      const app = await startApp(noting())
      await appendBeside(app.store, 'Account/a', deposited(1))
      const { incarnation } = app.store.identity
      await (
        await app.readModels.open(placeOf('Count'))
      ).flush({
        expected: { incarnation, position: 0, eventId: '' },
        next: {
          incarnation: checkpoint.incarnation ?? incarnation,
          position: checkpoint.position,
          eventId: checkpoint.position === 0 ? '' : 'lost.0',
        },
        writes: [],
      })
      await using again = await startApp(noting(counting('one', seen)), { beside: app })
      await until(again, () => statusOf(again, 'Count').state === 'diverged')
      await again.running.dispatch(deposit({ accountId: 'a', pence: 2 }))
      await again.clock.advance(100_000)
      assert.deepEqual(seen, [])
      assert.equal(statusOf(again, 'Count').state, 'diverged')
      assert.equal(statusOf(again, 'Count').lastError, 'diverged')
      await app[Symbol.asyncDispose]()
    })
  }

  test('is diverged after a fork', async () => {
    const seen: string[] = []
    const app = await startApp(noting(counting('one', seen)))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(app, () => statusOf(app, 'Count').position === 1)
    await app[Symbol.asyncDispose]()
    await app.store.fork()
    const forked = { ...app.held.backend }
    const opened = await forked.open(app.runtime)
    const events = { ...opened.events, identity: app.store.identity }
    const store = { backend: 'memory', open: async () => ({ ...opened, events }) }
    const running = await start<string, string>(
      'test',
      catalogueOf(noting(counting('two', seen))),
      { store },
      app.runtime,
    )
    await until(app, () => statusOf({ running }, 'Count').state === 'diverged')
    await app.clock.finish(Promise.resolve(running[Symbol.asyncDispose]()))
    assert.deepEqual(seen, ['one 1'])
  })
})

describe('of several processes', () => {
  test('one runs a durable subscriber; when it stops another one takes over, where it was', async () => {
    const seen: string[] = []
    const one = await startApp(noting(counting('one', seen)))
    await until(one, () => statusOf(one, 'Count').state === 'live')
    await using two = await startApp(noting(counting('two', seen)), { beside: one })
    for (const pence of [1, 2]) await two.running.dispatch(deposit({ accountId: 'a', pence }))
    await until(one, () => seen.length === 2)
    assert.deepEqual(statusOf(two, 'Count'), {
      name: 'Count',
      durable: true,
      state: 'standby',
      position: undefined,
      lag: undefined,
      lastError: undefined,
    })
    await one[Symbol.asyncDispose]()
    await two.running.dispatch(deposit({ accountId: 'a', pence: 3 }))
    await until(two, () => seen.length === 3, 100)
    assert.deepEqual(seen, ['one 1', 'one 2', 'two 3'])
  })

  test('another one takes over when the owner is silent for longer than its lease', async () => {
    const seen: string[] = []
    await using app = await startApp(noting())
    const leases = await leasesOf(app)
    // A process that was killed: it holds the lease, and will neither prolong it nor give it up.
    await leases.acquire('Gesta.Subscriber/Count', 'killed', 10_000)
    await using heir = await startApp(noting(counting('heir', seen)), { beside: app })
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await heir.clock.advance(9_900)
    assert.deepEqual(seen, [])
    await heir.clock.advance(5_000)
    assert.deepEqual(seen, ['heir 1'])
    assert.equal((await leases.holder('Gesta.Subscriber/Count'))?.fencingToken, 2)
  })

  test('an owner keeps its lease while a run takes long', async () => {
    const seen: string[] = []
    const slow = (where: string, wait: Promise<void>) =>
      subscriber('Count', { leaseMs: 1_000 }).on(Deposited, async ({ pence }) => {
        seen.push(`${where} begins ${pence}`)
        await wait
        seen.push(`${where} ends ${pence}`)
      })
    const free = Promise.withResolvers<void>()
    await using one = await startApp(noting(slow('one', free.promise)))
    await until(one, () => statusOf(one, 'Count').state === 'live')
    await using _two = await startApp(noting(slow('two', Promise.resolve())), { beside: one })
    await one.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await one.clock.advance(20_000)
    assert.deepEqual(seen, ['one begins 1'])
    free.resolve()
    await until(one, () => statusOf(one, 'Count').position === 1)
    assert.deepEqual(seen, ['one begins 1', 'one ends 1'])
  })

  test('an owner that lost its lease is told by its signal, notes nothing, and contends again', async () => {
    const seen: string[] = []
    const stuck = subscriber('Count').on(Deposited, async ({ pence }, { signal, attempt }) => {
      seen.push(`begins ${pence}, ${attempt}`)
      if (seen.length > 1) return
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      seen.push('is told')
      throw signal.reason as Error
    })
    await using app = await startApp(noting())
    let lost = false
    await using other = await startBeside(app, stuck, {
      renew: async (lease, durationMs) => {
        const leases = await leasesOf(app)
        if (lost || seen.length === 0) return leases.renew(lease, durationMs)
        lost = true
        await leases.release(lease)
        return undefined
      },
    })
    await other.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(other, () => statusOf(other, 'Count').position === 1, 100)
    assert.deepEqual(seen, ['begins 1, 1', 'is told', 'begins 1, 1'])
    assert.equal(statusOf(other, 'Count').lastError, undefined)
  })

  test('an owner that cannot reach the leases counts for itself, and stops when the time is over', async () => {
    const seen: string[] = []
    await using app = await startApp(noting())
    let away = false
    const { GestaError } = await import('@gesta/core')
    const unavailable = () => Promise.reject(new GestaError('store_unavailable', 'The store did not answer.'))
    const leases = await leasesOf(app)
    await using other = await startBeside(app, counting('other', seen), {
      acquire: (...asked) => (away ? unavailable() : leases.acquire(...asked)),
      renew: (...asked) => (away ? unavailable() : leases.renew(...asked)),
    })
    await other.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(other, () => seen.length === 1)
    away = true
    await other.clock.advance(9_000 * 2)
    assert.equal(statusOf(other, 'Count').state, 'standby')
    await other.running.dispatch(deposit({ accountId: 'a', pence: 2 }))
    await other.clock.advance(1_000)
    assert.deepEqual(seen, ['other 1'])
    assert.equal(statusOf(other, 'Count').lastError, 'store_unavailable')
    away = false
    await until(other, () => seen.length === 2, 100)
  })

  test('an owner that comes back late moves the place neither back nor on', async () => {
    const seen: string[] = []
    await using app = await startApp(noting())
    const leases = await leasesOf(app)
    const free = Promise.withResolvers<void>()
    const late = subscriber('Count').on(Deposited, async ({ pence }) => {
      seen.push(`late ${pence}`)
      if (pence === 1) await free.promise
    })
    // It believes that it holds the lease, whatever happens.
    await using sleeper = await startBeside(app, late, {
      renew: async (lease) => ({ ...lease, expiresAt: 0 }),
    })
    await sleeper.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(sleeper, () => seen.length === 1)
    const held = await leases.holder('Gesta.Subscriber/Count')
    if (held !== undefined) await leases.release(held)
    await using heir = await startApp(noting(counting('heir', seen)), { beside: app })
    await heir.running.dispatch(deposit({ accountId: 'a', pence: 2 }))
    await until(heir, () => statusOf(heir, 'Count').position === 2, 100)
    free.resolve()
    await until(sleeper, () => statusOf(sleeper, 'Count').position === 2)
    await heir.running.dispatch(deposit({ accountId: 'a', pence: 3 }))
    await until(heir, () => statusOf(heir, 'Count').position === 3 && statusOf(sleeper, 'Count').position === 3, 50)
    assert.deepEqual(seen.slice(0, 3), ['late 1', 'heir 1', 'heir 2'])
    assert.equal((await (await app.readModels.open(placeOf('Count'))).checkpoint())?.position, 3)
    assert.ok(seen.includes('heir 3'))
  })
})

describe('a stopping app', () => {
  /** A subscriber whose run waits, and sends a note then. */
  function waiting(seen: string[], wait: (signal: AbortSignal) => Promise<unknown>) {
    return subscriber('Slow').on(Deposited, async ({ pence }, { dispatch, signal }) => {
      seen.push(`begins ${pence}`)
      await wait(signal)
      await dispatch(take({ text: `done ${pence}` }))
      seen.push(`ends ${pence}`)
    })
  }

  test('lets what runs end, with what it sends, and takes nothing more', async () => {
    const seen: string[] = []
    const free = Promise.withResolvers<void>()
    const app = await startApp(noting(waiting(seen, () => free.promise)))
    for (const pence of [1, 2]) await app.running.dispatch(deposit({ accountId: 'a', pence }))
    await until(app, () => seen.length === 1)
    const stopped = Promise.resolve(app.running[Symbol.asyncDispose]())
    await app.clock.advance(1_000)
    await assert.rejects(app.running.dispatch(deposit({ accountId: 'a', pence: 3 })), { code: 'app_stopped' })
    free.resolve()
    await app.clock.finish(stopped)
    assert.deepEqual(seen, ['begins 1', 'ends 1'])
    assert.deepEqual(await notesIn(app), ['done 1'])
    assert.equal((await (await app.readModels.open(placeOf('Slow'))).checkpoint())?.position, 1)
    assert.equal(statusOf(app, 'Slow').state, 'stopped')
    assert.deepEqual(await (await leasesOf(app)).list(), [])
  })

  test('aborts what takes longer than ten seconds, and goes', async () => {
    const seen: string[] = []
    const told = (signal: AbortSignal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    const deaf = () => new Promise(() => undefined)
    for (const wait of [told, deaf]) {
      const app = await startApp(noting(waiting(seen, wait)))
      await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
      await until(app, () => seen.length === 1)
      let isOver = false
      const stopped = Promise.resolve(app.running[Symbol.asyncDispose]()).then(() => (isOver = true))
      await app.clock.advance(9_990)
      assert.equal(isOver, false)
      await app.clock.advance(20)
      await app.clock.finish(stopped)
      assert.deepEqual(await notesIn(app), [])
      assert.equal(await (await app.readModels.open(placeOf('Slow'))).checkpoint(), undefined)
      seen.length = 0
    }
  })

  test('does not wait for the next attempt of a subscriber that fails', async () => {
    const app = await startApp(
      noting(
        subscriber('Failing').on(Deposited, () => {
          throw new Error('again and again')
        }),
      ),
    )
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(app, () => statusOf(app, 'Failing').state === 'retrying')
    const before = app.clock.nowUs()
    await app.running[Symbol.asyncDispose]()
    assert.equal(app.clock.nowUs(), before)
  })
})
