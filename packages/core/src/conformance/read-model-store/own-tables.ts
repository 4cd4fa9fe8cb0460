// Tables of a read model's own: made once for each generation, and gone with it.
import assert from 'node:assert/strict'
import { isGestaError } from '../../errors/gesta-error.ts'
import { flushed, orders, row } from './given.ts'
import type { ReadModelStoreCase } from './given.ts'
import { add, ids, linesIn, on, openLines, ran, select } from './own-given.ts'

const group = 'own tables'
export const ownTableCases: readonly ReadModelStoreCase[] = [
  {
    group,
    name: 'are for stores with a dialect; others refuse them with a plain error',
    run: async ({ store }) => {
      if (store.dialect !== undefined) return void (await openLines(store))
      await assert.rejects(openLines(store), Error)
      assert.deepEqual(await store.views(), [])
      const view = await store.open(orders)
      assert.throws(() => view.table('lines'), Error)
      await assert.rejects(view.select({ text: 'select 1', values: [] }), Error)
      await flushed(view, 0, [row('a', 1)])
    },
  },
  {
    group,
    needs: 'sql',
    name: 'are made once, however often and at once the view is opened',
    run: async ({ store }) => {
      const [one, other] = await Promise.all([openLines(store), openLines(store)])
      await ran(one, 0, [add(one, 'a')])
      assert.equal(await ids(other), 'a')
      const third = await openLines(store)
      await ran(third, 1, [add(third, 'b')])
      assert.equal(await ids(one), 'a b')
    },
  },
  {
    group,
    needs: 'sql',
    name: 'are there with their rows when the store is opened again',
    run: async ({ store, reopen }) => {
      const view = await openLines(store)
      await ran(view, 0, [add(view, 'a')])
      const opened = await openLines(await reopen())
      assert.equal(await ids(opened), 'a')
      await ran(opened, 1, [add(opened, 'b')])
    },
  },
  {
    group,
    needs: 'sql',
    name: 'of generations, versions and read models are apart',
    run: async ({ store }) => {
      const names = [
        orders,
        { ...orders, generation: 1 },
        { ...orders, modelVersion: 11 },
        { ...orders, modelVersion: 1, generation: 11 },
        { ...orders, name: 'Orders' },
        { ...orders, name: `quo"te's 🧺` },
        { ...orders, name: 'x'.repeat(300) },
        { ...orders, name: 'x'.repeat(301) },
      ]
      const views = await Promise.all(names.map((name) => store.open(name, linesIn(store))))
      for (const [at, view] of views.entries()) await ran(view, 0, [add(view, `id-${at}`)])
      for (const [at, view] of views.entries()) assert.equal(await ids(view), `id-${at}`)
    },
  },
  {
    group,
    needs: 'sql',
    name: 'have any name that a read model can give them, several in one view',
    run: async ({ store }) => {
      const reserved = ['rows', 'row', 'checkpoint', 'view', 'parked', 'plan', 'order', 'table', 'select', 'a_1']
      const names = [...reserved, 'x'.repeat(31), `${'x'.repeat(30)}y`]
      const create = (table: (name: string) => string) => names.map((name) => `create table ${table(name)} (id text)`)
      const view = await store.open(orders, { names, create })
      const statements = names.map((name) => ({
        text: `insert into ${view.table(name)} (id) values ($1)`,
        values: [name],
      }))
      assert.equal(new Set(names.map(view.table)).size, names.length)
      await flushed(view, 0, [row('a', 1)])
      await ran(view, 1, statements)
      for (const name of names) {
        const found = await view.select({ text: `select id from ${view.table(name)}`, values: [] })
        assert.deepEqual(
          found.map(({ id }) => id),
          [name],
        )
      }
      assert.equal(await view.get({ tenant: 'tenant-1', key: 'a' }), '1')
    },
  },
  {
    group,
    needs: 'sql',
    name: 'that their statements do not make are refused with a plain error, and the others are not made either',
    run: async ({ store }) => {
      const { names, create } = linesIn(store)
      const failing = [
        store.open(orders, { names: [...names, 'missing'], create }),
        store.open(orders, { names, create: () => [] }),
        store.open(orders, {
          names,
          create: (table) => [...create(table), `create table ${table('lines')} (id text)`],
        }),
      ]
      for (const result of await Promise.allSettled(failing)) {
        assert.ok(result.status === 'rejected' && result.reason instanceof Error && !isGestaError(result.reason))
      }
      const view = await openLines(store)
      await ran(view, 0, [add(view, 'a')])
    },
  },
  {
    group,
    needs: 'sql',
    name: 'that the view was not opened with have no name',
    run: async ({ store }) => {
      const view = await openLines(store)
      assert.throws(() => view.table('line'), Error)
      const bare = await store.open({ ...orders, generation: 5 })
      assert.throws(() => bare.table('lines'), Error)
    },
  },
  {
    group,
    needs: 'sql',
    name: 'are emptied by a reset, and stay',
    run: async ({ store }) => {
      const view = await openLines(store)
      const other = await openLines(store, 7)
      for (const each of [view, other]) await ran(each, 0, [add(each, 'a'), add(each, 'b')])
      await view.reset()
      assert.equal(await ids(view), '')
      assert.equal(await ids(other), 'a b')
      await ran(view, 0, [add(view, 'a')])
      assert.equal(await ids(view), 'a')
    },
  },
  {
    group,
    needs: 'sql',
    name: 'number their rows from the beginning after a reset',
    run: async ({ store }) => {
      const number =
        store.dialect === 'sqlite' ? 'integer primary key autoincrement' : 'bigint generated always as identity'
      const create = (table: (name: string) => string) => [
        `create table ${table('notes')} (number ${number}, note text)`,
      ]
      const view = await store.open(orders, { names: ['notes'], create })
      const note = { text: `insert into ${view.table('notes')} (note) values ($1)`, values: ['a'] }
      await ran(view, 0, [note, note])
      await view.reset()
      await ran(view, 0, [note])
      const found = await view.select({ text: `select number from ${view.table('notes')}`, values: [] })
      assert.deepEqual(
        found.map(({ number: given }) => given),
        [1],
      )
    },
  },
  {
    group,
    needs: 'sql',
    name: 'are dropped with their view',
    run: async ({ store }) => {
      const view = await openLines(store)
      const other = await openLines(store, 7)
      for (const each of [view, other]) await ran(each, 0, [add(each, 'a')])
      const ask = on(view, 'select id from {lines}')
      await store.remove(orders)
      await assert.rejects(view.select(ask))
      assert.equal(await ids(other), 'a')
      const again = await openLines(store)
      assert.equal(await ids(again), '')
      await ran(again, 0, [add(again, 'a')])
    },
  },
  {
    group,
    needs: 'sql',
    name: 'are dropped with a view that nobody opened since the store was opened',
    run: async ({ store, reopen }) => {
      const view = await openLines(store)
      await ran(view, 0, [add(view, 'a')])
      const opened = await reopen()
      await opened.remove(orders)
      const again = await openLines(opened)
      assert.deepEqual(await select(again, 'select count(*) as total from {lines}'), [{ total: 0 }])
    },
  },
]
