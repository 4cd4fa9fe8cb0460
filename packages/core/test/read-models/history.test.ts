import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core'
import type { HistoryItem, HistoryPage, ModelWithHistory } from '@gesta/core'
import { encryption } from '../erasure/customers.ts'
import { log, model, models, noteDomain, sign, write } from '../history-domain.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'

const start = (options: StartedOptions = {}): Promise<StartedApp> => startApp(noteDomain, { encryption, ...options })
async function written(app: StartedApp, noteId: string, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await app.running.dispatch(write({ noteId, text: `${noteId} ${n}` }))
  await app.clock.finish(app.running.caughtUp())
}
const versions = ({ items }: HistoryPage): readonly number[] => items.map(({ version }) => version)

describe('the history of an aggregate, in a handler', () => {
  const read = async (app: StartedApp, noteId: string, options?: unknown): Promise<HistoryPage> =>
    (await app.running.query(log({ noteId, options }))) as HistoryPage

  test('shows each event with its data, version, time and sender', async () => {
    await using app = await start()
    const context = { tenant: 'acme', identity: 'ann', targetTenant: 'acme' }
    const first = await app.running.dispatch(write({ noteId: 'a', text: 'one' }), { context })
    await app.clock.advance(1_500)
    await app.running.dispatch(sign({ noteId: 'a', name: 'Ann' }), { context: { tenant: 'acme' } })
    const page = (await app.running.query(log({ noteId: 'a', options: {} }), { context })) as HistoryPage
    const [newest, oldest] = page.items as readonly [HistoryItem, HistoryItem]
    assert.equal(page.hasMore, false)
    assert.deepEqual(oldest, {
      eventId: `${first.commandId}.0`,
      eventName: 'Note.Written',
      data: { text: 'one' },
      version: 1,
      createdAt: oldest.createdAt,
      senderTenant: 'acme',
      senderIdentity: 'ann',
    })
    assert.match(oldest.createdAt, /^\d{4}-\d\d-\d\dT.*Z$/)
    assert.ok(Date.parse(newest.createdAt) - Date.parse(oldest.createdAt) >= 1_500)
    assert.deepEqual([newest.eventName, newest.data, newest.version], ['Note.Signed', { name: 'Ann' }, 2])
    assert.equal('senderIdentity' in newest, false)
  })

  test('is paged by version, 100 items by default, newest first', async () => {
    await using app = await start()
    await written(app, 'a', 103)
    const first = await read(app, 'a', {})
    assert.deepEqual([first.items.length, first.items[0]?.version, first.hasMore], [100, 103, true])
    const last = await read(app, 'a', { before: first.items.at(-1)?.version })
    assert.deepEqual([versions(last), last.hasMore], [[3, 2, 1], false])
    const some = await read(app, 'a', { limit: 2, before: 4 })
    assert.deepEqual([versions(some), some.hasMore], [[3, 2], true])
    assert.equal((await read(app, 'a', { limit: 1_000 })).items.length, 103)
    assert.deepEqual(await read(app, 'a', { before: 1 }), { items: [], hasMore: false })
  })

  test('needs no view: it is there before any view has the event', async () => {
    await using app = await start()
    await app.running.dispatch(write({ noteId: 'a', text: 'one' }))
    assert.deepEqual(versions(await read(app, 'a')), [1])
  })

  test('is empty for an aggregate that does not exist, and for one of another tenant', async () => {
    await using app = await start()
    await app.running.dispatch(write({ noteId: 'a', text: 'one' }), { context: { tenant: 'acme' } })
    assert.deepEqual(await read(app, 'a'), { items: [], hasMore: false })
    assert.deepEqual(await read(app, 'missing'), { items: [], hasMore: false })
  })

  test('shows a personal field as it is, and as erased once it was', async () => {
    await using app = await start()
    await app.running.dispatch(sign({ noteId: 'a', name: 'Ann' }))
    assert.deepEqual((await read(app, 'a')).items[0]?.data, { name: 'Ann' })
    await app.clock.finish(app.running.erase({ subject: 'a', reason: 'asked for it' }))
    assert.deepEqual((await read(app, 'a')).items[0]?.data, { name: { erased: true } })
  })

  for (const options of [{ limit: 0 }, { limit: 1_001 }, { limit: 1.5 }, { before: 0 }, { before: 1.5 }])
    test(`is refused: ${JSON.stringify(options)}`, async () => {
      await using app = await start()
      await assert.rejects(read(app, 'a', options), RangeError)
    })

  test('is refused for an id that can be none, and for an option that there is not', async () => {
    await using app = await start()
    await assert.rejects(read(app, ''), (error) => isGestaError(error, 'invalid_key'))
    await assert.rejects(read(app, 'a', { limt: 1 }), /limt/)
  })
})

describe('a model', () => {
  const get = async (app: StartedApp, noteId: string, history?: unknown): Promise<Partial<ModelWithHistory<unknown>>> =>
    (await app.running.query(model({ noteId, history }))) as ModelWithHistory<unknown>

  test('has its history when that is asked for, and no such field otherwise', async () => {
    await using app = await start()
    await written(app, 'a', 3)
    const found = await get(app, 'a', true)
    assert.equal(found.version, 3)
    assert.deepEqual(versions(found.history ?? { items: [], hasMore: false }), [3, 2, 1])
    const page = (await get(app, 'a', { limit: 1, before: 3 })).history
    assert.deepEqual(page && [versions(page), page.hasMore], [[2], true])
    for (const history of [undefined, false]) assert.equal('history' in (await get(app, 'a', history)), false)
    assert.equal(await get(app, 'missing', true), undefined)
  })

  test('refuses a range that cannot be, also when there is no such model', async () => {
    await using app = await start()
    await assert.rejects(get(app, 'missing', { limit: 0 }), RangeError)
  })
})

describe('a list of models', () => {
  const list = async (app: StartedApp, history: unknown): Promise<readonly ModelWithHistory<unknown>[]> =>
    ((await app.running.query(models({ history }))) as { readonly items: readonly ModelWithHistory<unknown>[] }).items

  test('shows at most 20 events of each, with one read of the log', async () => {
    let reads = 0
    await using app = await start({
      wrap: (events) => ({ readTails: (read) => (reads++, events.readTails(read)) }),
    })
    await written(app, 'a', 2)
    await written(app, 'b', 22)
    const [a, b] = await list(app, true)
    assert.deepEqual([a && versions(a.history), a?.history.hasMore], [[2, 1], false])
    assert.deepEqual([b?.history.items.length, b?.history.items[0]?.version, b?.history.hasMore], [20, 22, true])
    assert.equal(reads, 1)
    assert.deepEqual(
      (await list(app, { limit: 1 })).map(({ history }) => versions(history)),
      [[2], [22]],
    )
    assert.ok((await list(app, undefined)).every((found) => !('history' in found)))
    assert.equal(reads, 2)
  })

  test('refuses more than 20 of each', async () => {
    await using app = await start()
    await assert.rejects(list(app, { limit: 21 }), RangeError)
  })
})
