import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { GestaError, isGestaError, readOnly } from '@gesta/core'
import { wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'
import {
  customerDomain,
  decidedOn,
  encryption,
  order,
  readNames,
  register,
  rename,
  touch,
  writingCustomers,
} from './customers.ts'
import { replay } from './replay.ts'

const start = (options: StartedOptions = {}): Promise<StartedApp> =>
  startApp(customerDomain, { encryption, ...options })
const ann = { customerId: 'ann', name: 'Ann Äther', email: 'ann@example.org' }
const reason = 'asked for it'

beforeEach(() => {
  decidedOn.length = 0
})

describe('personal fields', () => {
  test('are read as they were written, by aggregates and read models, and lie sealed in the log', async () => {
    await using app = await start()
    await app.running.dispatch(register(ann))
    const renamed = await app.running.dispatch(rename({ customerId: 'ann', name: 'Ann Bright' }))
    await app.running.dispatch(order({ orderId: 'o-1', customerId: 'ann', address: { street: 'Lane 1', zip: 'Z1' } }))
    assert.deepEqual(renamed.ok && renamed.result, { before: 'Ann Äther' })
    const seen = await app.clock.finish(app.running.query(readNames({ customerId: 'ann' }), { after: renamed.token }))
    assert.deepEqual(seen, { names: ['Ann Äther', 'Ann Bright'], known: true })

    const log = await wholeLog(app.store)
    const text = log.map(({ data }) => data).join('\n')
    for (const secret of ['Äther', 'Bright', 'example.org', 'Lane', 'Z1']) assert.doesNotMatch(text, new RegExp(secret))
    const stored = JSON.parse(log[0]?.data ?? '') as { readonly subject: string; readonly data: object }
    assert.deepEqual(
      [stored.subject, stored.data],
      ['ann', { customerId: 'ann', name: null, email: null, since: 2026 }],
    )
  })

  test('that an event lacks are left out', async () => {
    await using app = await start()
    await app.running.dispatch(register({ customerId: 'bob', name: 'Bob' }))
    const [stored] = await wholeLog(app.store)
    assert.deepEqual(Object.keys((JSON.parse(stored?.data ?? '') as { fields: object }).fields), ['name'])
  })

  test('are sealed once: a commit that is handed in again has the same bytes', async () => {
    const handedIn: string[] = []
    await using app = await start({
      encryption: { ...encryption, payloads: 'all' },
      interfere: async (commit, next) => {
        handedIn.push(JSON.stringify(commit))
        if (handedIn.length === 1) throw new GestaError('outcome_unknown', 'cut')
        return next()
      },
    })
    const outcome = await app.clock.finish(app.running.dispatch(rename({ customerId: 'ann', name: 'Ann' })))
    assert.deepEqual(outcome.ok && outcome.result, { before: '' })
    assert.equal(handedIn.length, 2)
    assert.equal(handedIn[0], handedIn[1])
  })

  test('need encryption: an app that was given none does not start', async () => {
    await assert.rejects(
      startApp(customerDomain),
      /events with personal fields \(Customer\.Registered: name, email\).*no encryption/,
    )
  })
})

describe('an erased subject', () => {
  test('is told to aggregates, also to those that are in memory', async () => {
    await using app = await start()
    await app.running.dispatch(register(ann))
    await app.running.dispatch(touch({ customerId: 'ann' }))
    await app.running.erase({ subject: 'ann', reason })
    await app.running.dispatch(touch({ customerId: 'ann' }))
    assert.deepEqual(
      decidedOn.map(({ name }) => name),
      ['Ann Äther', { erased: true }],
    )
  })

  test('is the same for read models that were live and for those that are built anew', async () => {
    await using app = await start()
    await app.running.dispatch(register(ann))
    await app.clock.finish(app.running.caughtUp())
    await app.running.erase({ subject: 'ann', reason })
    const { token } = await app.running.dispatch(rename({ customerId: 'ann', name: 'Ann Again' }))
    const live = await app.clock.finish(app.running.query(readNames({ customerId: 'ann' }), { after: token }))
    // What was folded before the erasure stays in a view until it is built anew; what came after it is erased in both.
    assert.deepEqual(live, { names: ['Ann Äther', '(erased)'], known: false })
    assert.deepEqual(await replay(app), { replayed: ['(erased)', '(erased)'], known: false })
  })

  test('has its later personal fields stored as erased, without a new key', async () => {
    await using app = await start()
    await app.running.dispatch(register(ann))
    await app.running.erase({ subject: 'ann', reason })
    await app.running.dispatch(rename({ customerId: 'ann', name: 'Ann Again' }))
    const stored = (await wholeLog(app.store)).at(-1)
    assert.deepEqual(JSON.parse(stored?.data ?? ''), {
      sealed: 'fields',
      subject: 'ann',
      fields: { name: null },
      data: { name: null },
    })
    const { keys } = await app.held.backend.open(app.runtime)
    assert.equal(await keys.get({ tenant: '', subject: 'ann' }), 'shredded')
    await app.running.dispatch(touch({ customerId: 'ann' }))
    assert.deepEqual(decidedOn.at(-1)?.name, { erased: true })
  })

  test('is told by one event in a stream of its own, however often it is erased', async () => {
    await using app = await start()
    await app.running.dispatch(register(ann), { context: { tenant: 't' } })
    const first = await app.running.erase({ tenant: 't', subject: 'ann', reason })
    await app.clock.advance(1_000)
    const second = await app.running.erase({ tenant: 't', subject: 'ann', reason: 'again' })
    assert.deepEqual(second, first)
    assert.equal(first.erasedAt, '2026-01-02T03:04:05.000Z')
    const told = (await wholeLog(app.store)).filter(({ type }) => type === 'Gesta.SubjectErased')
    assert.deepEqual(
      told.map(({ tenant, aggregateType, aggregateId, version, data }) => [
        tenant,
        aggregateType,
        aggregateId,
        version,
        JSON.parse(data),
      ]),
      [['t', 'Gesta.Subject', 'ann', 1, { subject: 'ann', reason }]],
    )
  })

  test('leaves its namesake in another tenant alone', async () => {
    await using app = await start()
    for (const tenant of ['t', 'u']) await app.running.dispatch(register(ann), { context: { tenant } })
    await app.running.erase({ tenant: 't', subject: 'ann', reason })
    for (const tenant of ['t', 'u']) await app.running.dispatch(touch({ customerId: 'ann' }), { context: { tenant } })
    assert.deepEqual(
      decidedOn.map(({ name }) => name),
      [{ erased: true }, 'Ann Äther'],
    )
  })

  test('may be one that never had a key, and gets none', async () => {
    await using app = await start()
    await app.running.erase({ subject: 'ann', reason })
    await app.running.dispatch(register(ann))
    await app.running.dispatch(touch({ customerId: 'ann' }))
    assert.deepEqual(decidedOn.at(-1)?.name, { erased: true })
  })

  test('is gone from snapshots', async () => {
    await using app = await start()
    const of = { tenant: '', aggregateType: 'Customer', aggregateId: 'ann' }
    const snapshot = { stateVersion: 1, version: 1, incarnation: 'i', eventId: 'a.0', state: '{}', takenAt: 1 }
    await app.held.snapshots.save({ ...of, ...snapshot, personal: true })
    await app.held.snapshots.save({ ...of, ...snapshot, aggregateId: 'bob', personal: false })
    await app.running.erase({ subject: 'ann', reason })
    assert.equal(await app.held.snapshots.total(), 1)
  })

  test('needs a subject, a reason and encryption', async () => {
    await using app = await start()
    for (const wrong of [
      { subject: '', reason },
      { subject: 'ann', reason: '' },
      { subject: 'a\0', reason },
    ])
      await assert.rejects(app.running.erase(wrong), (error) => isGestaError(error, 'invalid_key'))
    await assert.rejects(
      app.running.erase({ subject: 'ann', reason, tennant: 't' } as never),
      /no option "tennant". Did you mean "tenant"/,
    )
    await using plain = await startApp([])
    await assert.rejects(plain.running.erase({ subject: 'ann', reason }), /cannot erase a subject.*no encryption/)
    await assert.rejects(plain.running.rotateKeys(), /cannot rotate keys.*no encryption/)
  })
})

describe('a crash', () => {
  test('between the destroyed key and the event is completed by the next start', async () => {
    const app = await start()
    await app.running.dispatch(register(ann))
    await app[Symbol.asyncDispose]()
    const { keys } = await app.held.backend.open(app.runtime)
    await keys.shred({ tenant: '', subject: 'ann' }, reason, 7_000_000)
    assert.equal((await wholeLog(app.store)).length, 1)

    await using next = await start({ beside: app })
    const told = (await wholeLog(next.store)).at(-1)
    assert.deepEqual([told?.type, told?.aggregateId, told?.recordedAt], ['Gesta.SubjectErased', 'ann', 7_000_000])
    await next.running.dispatch(touch({ customerId: 'ann' }))
    assert.deepEqual(decidedOn.at(-1)?.name, { erased: true })
    await using third = await start({ beside: app })
    assert.equal((await wholeLog(third.store)).length, 3)
  })

  test('is found among many erasures, wherever it lies in the ledger', async () => {
    const app = await start()
    const { keys } = await app.held.backend.open(app.runtime)
    for (let at = 0; at < 40; at++) await app.running.erase({ subject: `s-${at}`, reason })
    await keys.shred({ tenant: 't', subject: 'lost' }, reason, 1)
    await keys.shred({ tenant: 't', subject: '' }, 'the key of a tenant', 1)
    for (let at = 40; at < 50; at++) await app.running.erase({ subject: `s-${at}`, reason })
    await app[Symbol.asyncDispose]()
    await using next = await start({ beside: app })
    const log = await wholeLog(next.store)
    assert.equal(log.length, 51)
    assert.deepEqual([log.at(-1)?.tenant, log.at(-1)?.aggregateId], ['t', 'lost'])
  })

  test('after an erasure whose commit was not answered leaves one event', async () => {
    let lost = 1
    await using app = await start({
      interfere: async (_, next) => {
        const verdict = await next()
        if (lost-- === 1) throw new Error('cut')
        return verdict
      },
    })
    await assert.rejects(app.running.erase({ subject: 'ann', reason }), /cut/)
    await app.running.erase({ subject: 'ann', reason })
    assert.equal((await wholeLog(app.store)).length, 1)
  })
})

describe('a command that was decided before the erasure', () => {
  test('and is stored after it is decided again, and stored as erased', async () => {
    let erased = false
    const app: StartedApp = await start({
      interfere: async (commit, next) => {
        if (!erased && commit.header.commandType === 'Customer.Rename') {
          erased = true
          await app.running.erase({ subject: 'ann', reason })
        }
        return next()
      },
    })
    await using _ = app
    await app.running.dispatch(register(ann))
    const outcome = await app.clock.finish(app.running.dispatch(rename({ customerId: 'ann', name: 'Ann Late' })))
    assert.equal(outcome.ok, true)
    const log = await wholeLog(app.store)
    assert.deepEqual(
      log.map(({ type }) => type),
      ['Customer.Registered', 'Gesta.SubjectErased', 'Customer.Renamed'],
    )
    assert.equal((JSON.parse(log[2]?.data ?? '') as { fields: { name: unknown } }).fields.name, null)
    await app.running.dispatch(touch({ customerId: 'ann' }))
    assert.deepEqual(decidedOn.at(-1)?.name, { erased: true })
  })

  test('does not bring the state of before back into memory', async () => {
    let erased = false
    const app: StartedApp = await start({
      interfere: async (commit, next) => {
        if (!erased && commit.header.commandType === 'Customer.Touch') {
          erased = true
          await app.running.erase({ subject: 'ann', reason })
        }
        return next()
      },
    })
    await using _ = app
    await app.running.dispatch(register(ann))
    await app.running.dispatch(touch({ customerId: 'ann' }))
    await app.running.dispatch(touch({ customerId: 'ann' }))
    assert.deepEqual(
      decidedOn.map(({ name }) => name),
      ['Ann Äther', { erased: true }],
    )
  })
})

describe('an app on a backend that is only read', () => {
  test('opens what is sealed, and changes nothing: no key, no erasure that a crash left', async () => {
    const app = await start()
    await app.running.dispatch(register(ann))
    await app.running.dispatch(register({ customerId: 'bob', name: 'Bob' }))
    await app[Symbol.asyncDispose]()
    const { keys } = await app.held.backend.open(app.runtime)
    await keys.shred({ tenant: '', subject: 'bob' }, reason, 1)
    const held = { ...app.held, backend: readOnly(app.held.backend) }
    await using reading = await start({ beside: { ...app, held } })
    await reading.clock.finish(reading.running.caughtUp())
    const named = async (customerId: string): Promise<unknown> =>
      (await reading.running.query(readNames({ customerId }))).names
    assert.deepEqual([await named('ann'), await named('bob')], [['Ann Äther'], ['(erased)']])
    assert.equal((await wholeLog(app.store)).length, 2)
    await assert.rejects(reading.running.erase({ subject: 'ann', reason }), (error) =>
      isGestaError(error, 'store_read_only'),
    )
  })
})

describe('an app without read models', () => {
  test('forgets an erased subject too', async () => {
    await using app = await startApp(writingCustomers, { encryption })
    await app.running.dispatch(register(ann))
    await app.running.erase({ subject: 'ann', reason })
    await app.running.dispatch(touch({ customerId: 'ann' }))
    assert.deepEqual(decidedOn.at(-1)?.name, { erased: true })
  })
})
