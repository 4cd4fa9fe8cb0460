// Two stores on one schema, as two processes have them: what one does to a view or a plan, the other one meets.
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { GestaError, isGestaError, noPlan } from '@gesta/core/ports'
import type { Checkpoint, OpenBackend, OwnTables, ReadModelStore, View, ViewPlan } from '@gesta/core/ports'
import { Client } from 'pg'
import { postgres, postgresViews } from '../src/index.ts'
import { newSchema, runtime, skip } from './place.ts'

const orders = { name: 'orders', modelVersion: 1, generation: 1 }
const at = (position: number): Checkpoint => ({
  incarnation: 'i',
  position,
  eventId: position === 0 ? '' : `e${position}`,
})
const row = (key: string, value = '1') => ({ tenant: 't', key, value })
const totals: OwnTables = {
  names: ['totals', 'lines'],
  create: (table) => [
    `CREATE TABLE ${table('totals')} (day text PRIMARY KEY, total bigint NOT NULL)`,
    `CREATE TABLE ${table('lines')} (day text REFERENCES ${table('totals')}, price numeric)`,
    `CREATE INDEX ON ${table('lines')} (day)`,
  ],
}
const opened: OpenBackend[] = []
after(() => Promise.all(opened.map((backend) => backend[Symbol.asyncDispose]())))

async function twoStores(): Promise<{
  readonly one: ReadModelStore
  readonly other: ReadModelStore
  readonly place: { readonly url: string; readonly schema: string }
}> {
  const place = await newSchema()
  // One after the other, so that one migrates.
  const [one, other] = [await postgres(place).open(runtime), await postgres(place).open(runtime)]
  opened.push(one, other)
  return { one: one.readModels, other: other.readModels, place }
}
async function texts(url: string, sql: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<string[]>({ text: sql, rowMode: 'array' })).rows.map(([text]) => String(text))
  } finally {
    await client.end()
  }
}
const isClosed = (error: unknown): boolean =>
  isGestaError(error, 'store_closed') && error.message.includes('was removed')

describe('two stores on one schema', { skip }, () => {
  test('statements of users that take long leave connections to flushes', async () => {
    const place = await newSchema()
    const backend = await postgres({ ...place, connectionsMax: 3 }).open(runtime)
    opened.push(backend)
    const view = await backend.readModels.open(orders, totals)
    const gate = new Client({ connectionString: place.url })
    await gate.connect()
    try {
      await gate.query('SELECT pg_advisory_lock(4711)')
      let done = 0
      const slow = Array.from({ length: 6 }, () =>
        view.select({ text: 'SELECT pg_advisory_xact_lock_shared(4711)', values: [] }).then(() => done++),
      )
      const waiting = `SELECT FROM pg_locks JOIN pg_database ON database = pg_database.oid
        WHERE datname = current_database() AND locktype = 'advisory' AND objid = 4711 AND NOT granted`
      while ((await gate.query(waiting)).rowCount === 0);
      assert.equal(await view.flush({ expected: at(0), next: at(1), writes: [row('a')] }), true)
      assert.equal(done, 0)
      await gate.query('SELECT pg_advisory_unlock(4711)')
      await Promise.all(slow)
      assert.equal(done, slow.length)
    } finally {
      await gate.end()
    }
  })

  test('a flush of an owner that was replaced writes nothing', async () => {
    const { one, other } = await twoStores()
    const [old, next] = [await one.open(orders), await other.open(orders)]
    assert.equal(await old.claim(1), true)
    assert.equal(await old.flush({ expected: at(0), next: at(1), writes: [row('a')], fencingToken: 1 }), true)
    assert.equal(await next.claim(2), true)
    assert.equal(await old.flush({ expected: at(1), next: at(2), writes: [row('a', '2')], fencingToken: 1 }), false)
    assert.deepEqual([await next.checkpoint(), await next.get(row('a'))], [at(1), '1'])
    assert.equal(await old.claim(1), false)
    assert.equal(await next.flush({ expected: at(1), next: at(2), writes: [row('b')], fencingToken: 2 }), true)
  })

  test('a fence outlives a view that was never flushed, a reset, and a hundred flushes', async () => {
    const { one, other } = await twoStores()
    const [old, next] = [await one.open(orders), await other.open(orders)]
    const stale = async (position: number): Promise<boolean> =>
      old.flush({ expected: at(position), next: at(position + 1), writes: [row('z')], fencingToken: 4 })
    assert.equal(await next.claim(5), true)
    assert.equal(await stale(0), false)
    await old.reset()
    await old.reset()
    assert.equal(await stale(0), false)
    for (let position = 0; position < 100; position += 1)
      assert.equal(await next.flush({ expected: at(position), next: at(position + 1), writes: [] }), true)
    assert.equal(await stale(100), false)
    assert.equal(await next.get(row('z')), undefined)
  })

  test('of many claims and flushes at once each sees those before it', async () => {
    const { one, other } = await twoStores()
    const views = [await one.open(orders), await other.open(orders)]
    const write = async (view: View, token: number): Promise<number> => {
      await view.claim(token)
      const expected = (await view.checkpoint()) ?? at(0)
      const next = at(expected.position + 1)
      return (await view.flush({ expected, next, writes: [row(`k${next.position}`)], fencingToken: token })) ? 1 : 0
    }
    const tokens = Array.from({ length: 60 }, (_, index) => index + 1)
    const moved = await Promise.all(tokens.map((token) => write(views[token % 2] as View, token)))
    const written = moved.reduce((sum, one_) => sum + one_, 0)
    assert.ok(written > 0)
    const [view] = views as [View]
    assert.deepEqual([(await view.checkpoint())?.position, (await view.list('t', {})).total], [written, written])
  })

  test('a row that the other store wrote meanwhile is replaced, not inserted beside it', async () => {
    const { one, other } = await twoStores()
    const [old, next] = [await one.open(orders), await other.open(orders)]
    assert.deepEqual(await old.load([row('a'), row('b')]), [undefined, undefined])
    assert.equal(await next.flush({ expected: at(0), next: at(1), writes: [row('a')] }), true)
    assert.equal(await old.flush({ expected: at(1), next: at(2), writes: [row('a', '2'), row('b', '2')] }), true)
    assert.deepEqual((await next.list('t', {})).rows, ['2', '2'])
  })

  test('a plan is seen by the other store, and of two changes from one revision one counts', async () => {
    const { one, other } = await twoStores()
    assert.deepEqual(await other.plan('orders', 1), noPlan)
    const built: ViewPlan = { ...noPlan, revision: 1, building: { number: 1, since: 7 } }
    assert.equal(await one.changePlan('orders', 1, built), true)
    assert.deepEqual(await other.plan('orders', 1), built)
    const paused: ViewPlan = { revision: 2, live: { number: 1, since: 7 }, building: undefined, wanted: 'paused' }
    const changed = await Promise.all([one, other].map((store) => store.changePlan('orders', 1, paused)))
    assert.equal(changed.filter(Boolean).length, 1)
    assert.deepEqual([await one.plan('orders', 1), await one.plan('orders', 2)], [paused, noPlan])
    await other.removePlan('orders', 1)
    assert.deepEqual(await one.plan('orders', 1), noPlan)
  })

  test('own tables are made once by whoever opens the view first, and go with it', async () => {
    const { one, other, place } = await twoStores()
    const views = await Promise.all([one, other, one, other].map((store) => store.open(orders, totals)))
    // Who loses the race to make the view may have taken its number.
    const name = String.raw`regexp_replace(tablename, '\d+', 'n')`
    const made = `SELECT ${name} FROM pg_tables WHERE schemaname = '${place.schema}' AND tablename LIKE 'view\\_%' ORDER BY 1`
    assert.deepEqual(await texts(place.url, made), ['view_n', 'view_n_lines', 'view_n_totals'])
    const [view, seen] = views as [View, View]
    const flushed = await view.flush({
      expected: at(0),
      next: at(1),
      writes: [row('a')],
      statements: [{ text: `INSERT INTO ${view.table('totals')} VALUES ($1, $2)`, values: ['monday', 3] }],
    })
    assert.equal(flushed, true)
    assert.deepEqual(await seen.select({ text: `SELECT * FROM ${seen.table('totals')}`, values: [] }), [
      { day: 'monday', total: 3 },
    ])
    await other.remove(orders)
    assert.deepEqual(await texts(place.url, made), [])
  })

  test('tables that cannot be made leave none of them, and the statement is named', async () => {
    const { one, place } = await twoStores()
    const wrong: OwnTables = {
      names: ['totals', 'lines'],
      create: (table) => [`CREATE TABLE ${table('totals')} (day text)`, `CREATE TABLE ${table('lines')} (day nothing)`],
    }
    await assert.rejects(one.open(orders, wrong), (error) => {
      assert.ok(error instanceof Error && !(error instanceof GestaError))
      assert.match(error.message, /CREATE TABLE "store_\d+"\."view_1_lines" \(day nothing\)/)
      return true
    })
    const made = `SELECT tablename FROM pg_tables WHERE schemaname = '${place.schema}' AND tablename LIKE 'view\\_1\\_%'`
    assert.deepEqual(await texts(place.url, made), [])
    assert.equal((await one.open(orders, totals)).view, orders)
  })

  test('a view that was removed is closed for the other store, whatever it asks', async () => {
    const { one, other } = await twoStores()
    const operations: readonly ((view: View) => Promise<unknown>)[] = [
      (view) => view.checkpoint(),
      (view) => view.get(row('a')),
      (view) => view.list('t', {}),
      (view) => view.find('t', { equals: [], orderBy: undefined, limit: 1, offset: 0 }),
      (view) => view.scan(),
      (view) => view.flush({ expected: at(0), next: at(1), writes: [row('a')] }),
      (view) =>
        view.flush({ expected: at(0), next: at(1), writes: [], statements: [{ text: 'SELECT 1', values: [] }] }),
      (view) => view.claim(1),
      (view) => view.parked(),
      (view) => view.totalParked(),
      (view) => view.askParked({ ask: 'retry', tenant: 't', key: 'k' }),
      (view) => view.select({ text: `SELECT * FROM ${view.table('totals')}`, values: [] }),
      (view) => view.reset(),
    ]
    for (const ask of operations) {
      const [view, own] = [await other.open(orders, totals), await one.open(orders, totals)]
      await one.remove(orders)
      await assert.rejects(ask(view), isClosed, String(ask))
      await assert.rejects(ask(own), isClosed, String(ask))
    }
    assert.deepEqual(await other.views(), [])
    assert.equal(await (await other.open(orders)).checkpoint(), undefined)
    assert.deepEqual(await one.views(), [orders])
  })
})

test('views can lie alone in a schema, which no store of an app is taken for', { skip }, async () => {
  const { url, schema } = await newSchema()
  const options = { url, schema: `${schema}_views` }
  {
    await using store = await postgresViews(options).open(runtime)
    const view = await store.open(orders, totals)
    assert.equal(await view.flush({ expected: at(0), next: at(1), writes: [row('a')], fencingToken: 1 }), true)
  }
  const store = await postgresViews(options).open(runtime)
  const view = await store.open(orders)
  assert.deepEqual([await view.checkpoint(), await view.get(row('a'))], [at(1), '1'])
  await store[Symbol.asyncDispose]()
  await assert.rejects(view.checkpoint(), (error) => isGestaError(error, 'store_closed'))
  await (await postgres({ url, schema }).open(runtime))[Symbol.asyncDispose]()
  await assert.rejects(postgresViews({ url, schema }).open(runtime), (error) => isGestaError(error, 'store_newer'))
  assert.throws(() => postgresViews({ url, durability: 'full' } as { url: string }), /durability/)
})
