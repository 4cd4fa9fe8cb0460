import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, handle, query, subscriber } from '@gesta/core'
import type { RecordedEvent, RequestContext } from '@gesta/core'
import { z } from 'zod'
import { accounts, deposit, Deposited, makeDeposit, open, openAccount, Opened, withdraw } from '../account-domain.ts'
import { appendBeside, wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import { notesIn, notebook, noting, statusOf, take, Taken, takeNote, until } from './notes-domain.ts'

describe('a subscriber', () => {
  test('runs for its events, of any domain, one after the other in the order of the log', async () => {
    const seen: string[] = []
    let running = 0
    const audit = subscriber('Audit')
      .on(Opened, async ({ owner }, { event }) => {
        assert.equal(++running, 1)
        await Promise.resolve()
        seen.push(`${event.position} ${event.type} ${owner}`)
        running--
      })
      .on(Deposited, ({ pence }, { event }) => {
        assert.equal(running, 0)
        seen.push(`${event.position} ${event.aggregate.id} ${pence}`)
      })
    await using app = await startApp(noting(audit))
    await app.running.dispatch(open({ accountId: 'a', owner: 'Ann' }))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 3 }))
    await app.running.dispatch(withdraw({ accountId: 'a', pence: 1 }))
    await app.running.dispatch(deposit({ accountId: 'b', pence: 5 }))
    await until(app, () => statusOf(app, 'Audit').position === 4)
    assert.deepEqual(seen, ['1 Account.Opened Ann', '2 a 3', '4 b 5'])
    assert.deepEqual(statusOf(app, 'Audit'), {
      name: 'Audit',
      durable: true,
      state: 'live',
      position: 4,
      lag: 0,
      lastError: undefined,
    })
  })

  test('that takes any event runs for all of them, after what it has for each, and passes over deleted ones', async () => {
    const seen: string[] = []
    const audit = subscriber('Audit')
      .on(Deposited, ({ pence }) => void seen.push(`own ${pence}`))
      .onAny((data, { event }) => void seen.push(`any ${event.type} ${JSON.stringify(data)}`))
    await using app = await startApp(noting(audit))
    await appendBeside(app.store, 'Account/a', [
      { type: 'Account.Deposited', data: { pence: 1 } },
      { type: 'Gesta.Deleted', data: null },
      { type: 'Elsewhere.Known', data: [7] },
    ])
    await until(app, () => statusOf(app, 'Audit').position === 3)
    assert.deepEqual(seen, ['own 1', 'any Account.Deposited {"pence":1}', 'any Elsewhere.Known [7]'])
  })

  test('sends commands on behalf of whoever caused the event, in its tenant and correlation, with the event as the cause', async () => {
    const contexts: RequestContext[] = []
    const bonus = subscriber('Bonus')
      .on(Deposited, async ({ pence }, { dispatch, context }) => {
        contexts.push(context)
        const outcome = await dispatch(take({ text: `+${pence}` }))
        assert.deepEqual(outcome.ok && outcome.result, { number: 1 })
        await dispatch(take({ text: 'elsewhere' }), { context: { targetTenant: 't-2', attributes: { by: 'Bonus' } } })
      })
      .on(Taken, (_, { context }) => void contexts.push(context))
    await using app = await startApp(noting(bonus))
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const sender = { tenant: 't-1', identity: 'i', account: 'ac', session: 's' }
    const context = { ...sender, correlationId: 'co', causationId: 'request', traceparent }
    const { commandId } = await app.running.dispatch(deposit({ accountId: 'a', pence: 3 }), { context })
    await until(app, () => contexts.length === 3)
    const [, first, second] = await wholeLog(app.store)
    assert.deepEqual([first?.tenant, second?.tenant], ['t-1', 't-2'])
    assert.deepEqual(JSON.parse(first?.context ?? ''), { ...context, causationId: `${commandId}.0` })
    assert.deepEqual(JSON.parse(second?.context ?? ''), {
      ...context,
      targetTenant: 't-2',
      causationId: `${commandId}.0`,
      attributes: { by: 'Bonus' },
    })
    assert.deepEqual(contexts[1]?.causationId, `${first?.commandId}.0`)
  })

  test('sends in the tenant of an event whose context does not name it', async () => {
    const bonus = subscriber('Bonus').on(Deposited, (_, { dispatch }) => dispatch(take({ text: 'x' })))
    await using app = await startApp(noting(bonus))
    await appendBeside(app.store, 'Account/a', [{ type: 'Account.Deposited', data: { pence: 1 } }], { tenant: 't-9' })
    await until(app, async () => (await notesIn(app, 't-9')).length === 1)
  })

  test('asks read models that have the event', async () => {
    const counted = query('Note.Counted', { result: z.object({ notes: z.int(), balance: z.int() }) })
    const answers: unknown[] = []
    const asking = subscriber('Asking').on(Deposited, async (_, { query: ask }) => {
      answers.push(await ask(counted()))
    })
    const domains = [
      domain('Account', { permissions: 'anonymous', handlers: [makeDeposit, openAccount], readModels: [accounts] }),
      domain('Note', {
        permissions: 'anonymous',
        handlers: [
          takeNote,
          handle(counted, async (_, { read }) => ({
            notes: (await read(notebook).get('book'))?.state.notes ?? 0,
            balance: (await read(accounts).get('a'))?.state.balance ?? 0,
          })),
        ],
        readModels: [notebook],
        subscribers: [asking],
      }),
    ]
    await using app = await startApp(domains)
    for (const pence of [1, 2]) {
      await app.running.dispatch(deposit({ accountId: 'a', pence }))
      await until(app, () => answers.length === pence)
    }
    assert.deepEqual(answers, [
      { notes: 0, balance: 1 },
      { notes: 0, balance: 3 },
    ])
  })

  test('is over for an event only when everything that it sent is', async () => {
    const outcomes: Promise<unknown>[] = []
    const hasty = subscriber('Hasty').on(Deposited, ({ pence }, { dispatch }) => {
      outcomes.push(dispatch(take({ text: `${pence}` })))
    })
    let held = false
    const free = Promise.withResolvers<void>()
    await using app = await startApp(noting(hasty), {
      interfere: async (commit, next) => {
        if (held && commit.header.commandType === 'Note.Take') await free.promise
        return next()
      },
    })
    held = true
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(app, () => outcomes.length === 1)
    await app.clock.advance(100)
    assert.equal(statusOf(app, 'Hasty').position, 0)
    free.resolve()
    await until(app, () => statusOf(app, 'Hasty').position === 2)
    assert.equal(((await outcomes[0]) as { readonly ok: boolean }).ok, true)
  })

  test('cannot send after its run', async () => {
    let late: (() => Promise<unknown>) | undefined
    const leaky = subscriber('Leaky').on(Deposited, (_, { dispatch }) => {
      late = () => dispatch(take({ text: 'late' }))
    })
    await using app = await startApp(noting(leaky))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(app, () => statusOf(app, 'Leaky').position === 1)
    await assert.rejects(async () => late?.(), /Leaky sends Note\.Take after its run has ended/)
    assert.deepEqual(await notesIn(app), [])
  })

  test('runs only in processes of its roles; without roles in all', async () => {
    const ran: string[] = []
    const named = (name: string, roles?: readonly ('web' | 'worker' | 'any')[]) =>
      subscriber(name, { durable: false, roles }).on(Deposited, () => void ran.push(name))
    const all = [named('Work', ['worker']), named('Web', ['web']), named('Any', ['any']), named('Every')]
    await using app = await startApp(noting(...all), { role: 'worker' })
    assert.deepEqual(
      app.running.subscribers().map(({ name }) => name),
      ['Work', 'Any', 'Every'],
    )
    await appendBeside(app.store, 'Account/a', [{ type: 'Account.Deposited', data: { pence: 1 } }])
    await until(app, () => ran.length === 3)
    assert.deepEqual(ran.toSorted(), ['Any', 'Every', 'Work'])
  })

  test('does not run on a store that may not be changed', async () => {
    const idle = subscriber('Idle').on(Deposited, () => assert.fail('it ran'))
    const app = await startApp(noting())
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    const opened = await app.held.backend.open(app.runtime)
    const { start } = await import('../../src/app/start.ts')
    const { catalogueOf } = await import('../../src/app/catalogue.ts')
    const store = { backend: 'memory', open: async () => ({ ...opened, readOnly: true }) }
    const running = await start('test', catalogueOf(noting(idle)), { store }, app.runtime)
    await app.clock.advance(1_000)
    assert.deepEqual(running.subscribers(), [])
    await running[Symbol.asyncDispose]()
    await app[Symbol.asyncDispose]()
  })
})

describe('a repeated run', () => {
  test('finds the first outcome of what was sent before, and sends what is missing', async () => {
    const outcomes: unknown[] = []
    const bonus = subscriber('Bonus').on(Deposited, async ({ pence }, { dispatch, attempt }) => {
      outcomes.push((await dispatch(take({ text: `first ${pence}` }))).commandId)
      const refused = await dispatch(take({ text: '' }))
      assert.equal(!refused.ok && refused.rejection.code, 'blank')
      if (attempt === 1) throw new Error('in the middle')
      await dispatch(take({ text: `second ${pence}` }))
    })
    await using app = await startApp(noting(bonus))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 7 }))
    await until(app, () => statusOf(app, 'Bonus').position === 3)
    assert.deepEqual(await notesIn(app), ['first 7', 'second 7'])
    assert.equal(outcomes.length, 2)
    assert.equal(outcomes[0], outcomes[1])
  })

  test('of another process finds it too, and another subscriber sends its own', async () => {
    const bonus = (name: string) => subscriber(name).on(Deposited, (_, { dispatch }) => dispatch(take({ text: name })))
    const app = await startApp(noting(bonus('One'), bonus('Two')))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 7 }))
    await until(app, async () => (await notesIn(app)).length === 2)
    await app[Symbol.asyncDispose]()
    // As if the process had died before it could note that the event is done.
    await (await app.readModels.open({ name: 'Gesta.Subscriber/One', modelVersion: 1, generation: 1 })).reset()
    await using again = await startApp(noting(bonus('One'), bonus('Two')), { beside: app })
    await until(again, () => statusOf(again, 'One').position === 3)
    assert.deepEqual((await notesIn(again)).toSorted(), ['One', 'Two'])
  })

  test('must send the same: another content under the number of a call is refused', async () => {
    const fickle = subscriber('Fickle', { attemptsMax: 2 }).on(Deposited, async (_, { dispatch, attempt }) => {
      await dispatch(take({ text: `attempt ${attempt}` }))
      throw new Error('again')
    })
    await using app = await startApp(noting(fickle))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 7 }))
    await until(app, () => statusOf(app, 'Fickle').state === 'failed')
    assert.match(statusOf(app, 'Fickle').lastError ?? '', /^command_conflict/)
    assert.deepEqual(await notesIn(app), ['attempt 1'])
  })
})

describe('a subscriber that fails', () => {
  test('is tried again for the same event, and goes on where it was', async () => {
    const seen: (readonly [number, number])[] = []
    const fussy = subscriber('Fussy').on(Deposited, ({ pence }, { attempt }) => {
      seen.push([pence, attempt])
      if (pence === 13 && attempt < 4) throw new Error('thirteen')
    })
    await using app = await startApp(noting(fussy))
    for (const pence of [1, 13, 2]) await app.running.dispatch(deposit({ accountId: 'a', pence }))
    await until(app, () => statusOf(app, 'Fussy').position === 3)
    assert.deepEqual(seen, [
      [1, 1],
      [13, 1],
      [13, 2],
      [13, 3],
      [13, 4],
      [2, 1],
    ])
    assert.equal(statusOf(app, 'Fussy').state, 'live')
  })

  test('stops after its attempts, alone, at the event, and tells nothing of what the error said', async () => {
    let tried = 0
    const fussy = subscriber('Fussy', { attemptsMax: 3 }).on(Deposited, async ({ pence }) => {
      if (pence !== 13) return
      tried++
      throw new TypeError('thirteen of a secret', { cause: new RangeError('secret') })
    })
    const calm: number[] = []
    const other = subscriber('Calm').on(Deposited, ({ pence }) => void calm.push(pence))
    await using app = await startApp(noting(fussy, other))
    for (const pence of [1, 13, 2]) await app.running.dispatch(deposit({ accountId: 'a', pence }))
    await until(app, () => statusOf(app, 'Fussy').state === 'failed')
    await app.clock.advance(100_000)
    assert.equal(tried, 3)
    assert.deepEqual(calm, [1, 13, 2])
    const { position, lag, lastError } = statusOf(app, 'Fussy')
    assert.deepEqual([position, lag, lastError], [1, 2, 'TypeError < RangeError'])
    assert.equal((await app.running.dispatch(deposit({ accountId: 'a', pence: 4 }))).ok, true)
  })

  test('is tried by another process then, which may do better', async () => {
    const done: number[] = []
    const at = (where: number) =>
      subscriber('Fussy', { attemptsMax: 2 }).on(Deposited, () => {
        if (where === 1) throw new Error('not here')
        done.push(where)
      })
    await using app = await startApp(noting(at(1)))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(app, () => statusOf(app, 'Fussy').state === 'failed')
    await using other = await startApp(noting(at(2)), { beside: app })
    await until(other, () => done.length === 1)
    assert.equal(statusOf(app, 'Fussy').state, 'failed')
  })

  test('never stops for what could not be reached', async () => {
    let tried = 0
    let away = true
    const patient = subscriber('Patient', { attemptsMax: 1 }).on(Deposited, async (_, { dispatch }) => {
      tried++
      await dispatch(take({ text: 'x' }))
    })
    const { GestaError } = await import('@gesta/core')
    await using app = await startApp(noting(patient), {
      interfere: (commit, next) =>
        away && commit.header.commandType === 'Note.Take'
          ? Promise.reject(new GestaError('store_unavailable', 'The store did not answer.'))
          : next(),
    })
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(app, () => tried > 5, 1_000)
    assert.equal(statusOf(app, 'Patient').state, 'retrying')
    away = false
    await until(app, async () => (await notesIn(app)).length === 1, 1_000)
  })

  test('may be one that never gives up', async () => {
    let tried = 0
    const stubborn = subscriber('Stubborn', { attemptsMax: Number.POSITIVE_INFINITY }).on(Deposited, () => {
      if (++tried < 30) throw new Error('not yet')
    })
    await using app = await startApp(noting(stubborn))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(app, () => statusOf(app, 'Stubborn').position === 1, 1_000)
    assert.equal(tried, 30)
  })

  test('at an event that cannot be read stops there, and has taken what lies before', async () => {
    const seen: number[] = []
    const reading = subscriber('Reading', { attemptsMax: 2 }).on(Deposited, ({ pence }) => void seen.push(pence))
    await using app = await startApp(noting(reading))
    for (const [pence, schemaVersion] of [
      [1, 1],
      [2, 9],
      [3, 1],
    ] as const)
      await appendBeside(app.store, 'Account/a', [{ type: 'Account.Deposited', data: { pence }, schemaVersion }])
    await until(app, () => statusOf(app, 'Reading').state === 'failed')
    assert.deepEqual(seen, [1])
    assert.match(statusOf(app, 'Reading').lastError ?? '', /^event_unreadable/)
  })
})

describe('an ephemeral subscriber', () => {
  test('begins with what happens next, in every process, and keeps nothing', async () => {
    const seen: string[] = []
    const at = (where: string) =>
      subscriber('Live', { durable: false }).on(Deposited, ({ pence }, { event }) => {
        seen.push(`${where} ${pence} ${(event satisfies RecordedEvent).position}`)
      })
    const app = await startApp(noting(at('one')))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(app, () => seen.length === 1)
    await using other = await startApp(noting(at('two')), { beside: app })
    await app.running.dispatch(deposit({ accountId: 'a', pence: 2 }))
    await until(app, () => seen.length === 3)
    await app[Symbol.asyncDispose]()
    await other.running.dispatch(deposit({ accountId: 'a', pence: 3 }))
    await until(other, () => seen.length === 4)
    assert.deepEqual(seen.toSorted(), ['one 1 1', 'one 2 2', 'two 2 2', 'two 3 3'])
    assert.deepEqual(await (await app.held.backend.open(app.runtime)).leases.list(), [])
  })

  test('that sends in every process sends once', async () => {
    let ran = 0
    const live = subscriber('Live', { durable: false }).on(Deposited, async (_, { dispatch }) => {
      await dispatch(take({ text: 'once' }))
      ran++
    })
    await using app = await startApp(noting(live))
    await using other = await startApp(noting(live), { beside: app })
    await other.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await until(app, () => ran === 2)
    assert.deepEqual(await notesIn(app), ['once'])
  })
})
