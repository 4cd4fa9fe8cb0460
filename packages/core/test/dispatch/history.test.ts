import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hostOf, isGestaError, systemContext } from '@gesta/core'
import type { AggregateHistory, ErrorCode } from '@gesta/core'
import { deletedEventType } from '@gesta/core/ports'
import { encryption } from '../erasure/customers.ts'
import * as note from '../history-domain.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'

const { get, texts, count, twice, quiet, outer, own, checked, model, write, sign } = note
const start = (options: StartedOptions = {}): Promise<StartedApp> =>
  startApp(note.noteDomain, { encryption, ...options })
/** Notes with so many events each, in the views. */
async function withNotes(counts: { readonly [noteId: string]: number }, options?: StartedOptions): Promise<StartedApp> {
  const app = await start(options)
  for (const [noteId, events] of Object.entries(counts))
    for (let n = 1; n <= events; n++) await app.running.dispatch(write({ noteId, text: `${noteId} ${n}` }))
  await app.clock.finish(app.running.caughtUp())
  return app
}
/** The app for somebody who may be told histories. */
const ann = ({ running }: StartedApp): ReturnType<typeof running.as> => running.as({ account: 'ann', session: 's-1' })
const shown = (history: readonly AggregateHistory[]): readonly unknown[] =>
  history.map(({ aggregateType, aggregateId, items, hasMore }) => [
    aggregateType,
    aggregateId,
    items.map(({ version }) => version),
    hasMore,
  ])
const refused = (run: Promise<unknown>, code: ErrorCode, says: RegExp): Promise<void> =>
  assert.rejects(run, (error) => isGestaError(error, code) && says.test(error.message))

describe('a query that is asked with history', () => {
  test('adds it to an object, and says what it shows', async () => {
    await using app = await withNotes({ a: 3 })
    const answer = await ann(app).query(get({ noteId: 'a' }), { history: true })
    assert.equal(answer?.text, 'a 3')
    assert.deepEqual(shown(answer?.history ?? []), [['Note', 'a', [3, 2, 1], false]])
    assert.deepEqual(answer?.history[0]?.items[0]?.data, { text: 'a 3' })
  })

  test('leaves null as it is, and puts anything else beside its history', async () => {
    await using app = await withNotes({ b: 1, a: 2 })
    assert.equal(await ann(app).query(get({ noteId: 'missing' }), { history: true }), null)
    const list = await ann(app).query(texts(), { history: true })
    assert.deepEqual(list.result, ['a 2', 'b 1'])
    assert.deepEqual(shown(list.history), [
      ['Note', 'a', [2, 1], false],
      ['Note', 'b', [1], false],
    ])
    assert.equal((await ann(app).query(count(), { history: true })).result, 2)
  })

  test('is paged by version when it shows one aggregate', async () => {
    await using app = await withNotes({ a: 105 })
    const page = async (history: true | { limit?: number; before?: number }): Promise<readonly unknown[]> =>
      shown((await ann(app).query(get({ noteId: 'a' }), { history }))?.history ?? [])
    assert.deepEqual(await page({ limit: 2 }), [['Note', 'a', [105, 104], true]])
    assert.deepEqual(await page({ limit: 2, before: 3 }), [['Note', 'a', [2, 1], false]])
    const [first] = (await ann(app).query(get({ noteId: 'a' }), { history: true }))?.history ?? []
    assert.deepEqual([first?.items.length, first?.hasMore], [100, true])
  })

  test('shows at most 20 events of each aggregate when it shows several, with one read of the log', async () => {
    let reads = 0
    await using app = await withNotes(
      { a: 21, b: 1 },
      { wrap: (events) => ({ readTails: (read) => (reads++, events.readTails(read)) }) },
    )
    for (const history of [true, { limit: 500 }] as const) {
      const [a, b] = (await ann(app).query(texts(), { history })).history
      assert.deepEqual([a?.items.length, a?.hasMore, b?.items.length, b?.hasMore], [20, true, 1, false])
    }
    assert.equal(reads, 2)
  })

  test('shows each aggregate once, in the order in which the handler showed them', async () => {
    await using app = await withNotes({ a: 1, b: 1, c: 1 })
    const { history } = await ann(app).query(twice({ noteId: 'b' }), { history: true })
    assert.deepEqual(
      history.map(({ aggregateId }) => aggregateId),
      ['b', 'a', 'c'],
    )
  })

  test('shows nothing of what the handler read the history of itself, or keeps out', async () => {
    await using app = await withNotes({ a: 1 })
    const { known, history } = await ann(app).query(checked({ noteId: 'a' }), { history: true })
    assert.deepEqual([known, history], [true, []])
    await refused(
      ann(app).query(model({ noteId: 'a', history: true }), { history: true }),
      'invalid_input',
      /"history" of its own/,
    )
  })

  test('is answered as always without it', async () => {
    await using app = await withNotes({ a: 1 })
    for (const history of [undefined, false] as const)
      assert.deepEqual(await app.running.query(get({ noteId: 'a' }), { history }), { text: 'a 1' })
  })

  test('has the position of its token in both', async () => {
    await using app = await withNotes({ a: 1 })
    const { token } = await app.running.dispatch(write({ noteId: 'a', text: 'new' }))
    const asking = ann(app).query(get({ noteId: 'a' }), { after: token, history: true })
    const answer = await app.clock.finish(asking)
    assert.deepEqual([answer?.text, shown(answer?.history ?? [])], ['new', [['Note', 'a', [2, 1], false]]])
  })

  test('is for one caller like any other', async () => {
    await using app = await start()
    const caller = app.running.as({ tenant: 'acme', account: 'ann', session: 's-1' })
    await caller.dispatch(write({ noteId: 'a', text: 'one' }))
    await app.clock.finish(app.running.caughtUp())
    assert.deepEqual(shown((await caller.query(get({ noteId: 'a' }), { history: true }))?.history ?? []), [
      ['Note', 'a', [1], false],
    ])
    assert.equal(await ann(app).query(get({ noteId: 'a' }), { history: true }), null)
  })

  test('has no version, because the log can be ahead of the view', async () => {
    await using app = await withNotes({ a: 2 })
    const host = hostOf(app.running)
    assert.equal((await host.query(get({ noteId: 'a' }), {})).version, 2)
    assert.equal(
      (await host.query(get({ noteId: 'a' }), { history: true, context: { account: 'ann' } })).version,
      undefined,
    )
    assert.equal((await host.query(model({ noteId: 'a', history: true }), {})).version, undefined)
  })
})

describe('what a history must not tell', () => {
  test('personal fields are hidden, erased or not', async () => {
    await using app = await start()
    await app.running.dispatch(sign({ noteId: 'a', name: 'Ann' }))
    await app.clock.finish(app.running.caughtUp())
    const data = async (): Promise<unknown> =>
      (await ann(app).query(texts(), { history: true })).history[0]?.items.map((item) => item.data)
    assert.deepEqual(await data(), [{ name: '[personal]' }])
    await app.clock.finish(app.running.erase({ subject: 'a', reason: 'asked for it' }))
    assert.deepEqual(await data(), [{ name: '[personal]' }])
  })

  test('a deleted event has its place, and no data', async () => {
    await using app = await withNotes(
      { a: 1 },
      {
        wrap: (events) => ({
          readTails: async (read) =>
            (await events.readTails(read)).map((tail) =>
              tail.map((event) => ({ ...event, type: deletedEventType, data: 'null' })),
            ),
        }),
      },
    )
    const [found] = (await ann(app).query(texts(), { history: true })).history
    assert.deepEqual(
      found?.items.map(({ eventName, data, version }) => [eventName, data, version]),
      [[deletedEventType, null, 1]],
    )
  })

  test('an event that the app has no contract of is shown without its data', async () => {
    await using app = await withNotes(
      { a: 1 },
      {
        wrap: (events) => ({
          readTails: async (read) =>
            (await events.readTails(read)).map((tail) => tail.map((event) => ({ ...event, type: 'Note.Forgotten' }))),
        }),
      },
    )
    const [found] = (await ann(app).query(texts(), { history: true })).history
    assert.deepEqual(
      found?.items.map(({ eventName, data }) => [eventName, data]),
      [['Note.Forgotten', null]],
    )
  })

  test('a query that says history: false refuses it, and answers without', async () => {
    await using app = await withNotes({ a: 1 })
    await refused(ann(app).query(quiet(), { history: true }), 'permission_denied', /Note\.Quiet.*history: false/)
    assert.deepEqual(await app.running.query(quiet()), { total: 1 })
  })

  test('nobody is told one who says nothing of themselves, whatever the level of the query', async () => {
    await using app = await withNotes({ a: 1 })
    for (const context of [{}, { tenant: '' }, { identity: 'ann' }])
      await refused(
        app.running.query(get({ noteId: 'a' }), { history: true, context }),
        'permission_denied',
        /Note\.Get.*with an account alone/,
      )
    // What the app itself asks for is its own affair.
    assert.deepEqual(
      shown((await app.running.query(get({ noteId: 'a' }), { history: true, context: systemContext() }))?.history ?? [])
        .length,
      1,
    )
    assert.equal(typeof (await app.running.query(model({ noteId: 'a', history: true }))), 'object')
  })

  test('what a handler asked of other queries is shown, unless those say history: false', async () => {
    await using app = await withNotes({ a: 1, b: 1 })
    const { total, history } = await ann(app).query(outer({ noteId: 'a' }), { history: true })
    assert.equal(total, 2)
    assert.deepEqual(shown(history), [['Note', 'a', [1], false]])
  })
})

describe('a history that cannot be', () => {
  test('is refused for a result with a field history of its own', async () => {
    await using app = await start()
    await refused(ann(app).query(own(), { history: true }), 'invalid_input', /Note\.Own has a field "history"/)
    assert.deepEqual(await app.running.query(own()), { history: 'its own' })
  })

  test('is refused for a range out of bounds, before anything is read', async () => {
    await using app = await start()
    for (const history of [{ limit: 0 }, { limit: 1_001 }, { before: 0 }])
      await assert.rejects(ann(app).query(texts(), { history }), RangeError)
  })

  test('is refused for more than 1,000 aggregates', async () => {
    await using app = await start()
    const ids = Array.from({ length: 1_001 }, (_, at) => `n${at}`)
    await Promise.all(ids.map((noteId) => app.running.dispatch(write({ noteId, text: 'x' }))))
    await app.clock.finish(app.running.caughtUp())
    assert.equal((await ann(app).query(count(), { history: true })).history.length, 1_000)
    await refused(ann(app).query(note.everything(), { history: true }), 'invalid_input', /1001.*smaller page/)
  })
})
