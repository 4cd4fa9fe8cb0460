// Statements on tables of a read model's own: part of the flush, with values of every type, and nothing of them when one fails.
import assert from 'node:assert/strict'
import { at, parks, row, tenant, waiting } from './given.ts'
import type { ReadModelStoreCase } from './given.ts'
import { add, ids, on, openLines, ran, select, tellsOf } from './own-given.ts'

const group = 'own statements'
const all = 'select id, amount, share, paid, note from {lines} order by id'
const insert = 'insert into {lines} (id, amount, share, paid, note) values ($1, $2, $3, $4, $5)'

export const ownStatementCases: readonly ReadModelStoreCase[] = [
  {
    group,
    needs: 'sql',
    name: 'run in their order, in the flush that writes the rows',
    run: async ({ store }) => {
      const view = await openLines(store)
      const statements = [
        add(view, 'a', 'first'),
        on(view, 'update {lines} set note = $1 where id = $2', 'second', 'a'),
        add(view, 'b'),
        on(view, 'delete from {lines} where note is null'),
        add(view, 'c', 'last'),
      ]
      assert.equal(await view.flush({ expected: at(0), next: at(1), writes: [row('a', 1)], statements }), true)
      assert.deepEqual(await select(view, 'select id, note from {lines} order by id'), [
        { id: 'a', note: 'second' },
        { id: 'c', note: 'last' },
      ])
      assert.equal(await view.get({ tenant, key: 'a' }), '1')
      await ran(
        view,
        1,
        Array.from({ length: 500 }, (_, index) => add(view, `k${index}`)),
      )
      assert.deepEqual(await select(view, 'select count(*) as total from {lines}'), [{ total: 502 }])
    },
  },
  {
    group,
    needs: 'sql',
    name: 'do not run when the flush is not written',
    run: async ({ store }) => {
      const view = await openLines(store)
      await view.claim(5)
      const statements = [add(view, 'a')]
      assert.equal(await view.flush({ expected: at(3), next: at(4), writes: [], statements }), false)
      assert.equal(await view.flush({ expected: at(0), next: at(1), writes: [], statements, fencingToken: 4 }), false)
      assert.equal(await ids(view), '')
      assert.equal(await view.flush({ expected: at(0), next: at(1), writes: [], statements, fencingToken: 5 }), true)
      assert.equal(await view.flush({ expected: at(0), next: at(1), writes: [], statements }), false)
      assert.equal(await ids(view), 'a')
    },
  },
  {
    group,
    needs: 'sql',
    name: 'take values of all types, and give them back; SQLite has 1 and 0 for truth values',
    run: async ({ store }) => {
      const view = await openLines(store)
      const texts = [``, `it's`, `"quoted" \\ back`, '🧺 e\u0301 \u00e9', '$1 ? :a @b %s --', '{"a":[1]}', 'true', '1']
      const values = [
        [2 ** 53 - 1, 1.5, true],
        [-(2 ** 53 - 1), -1e300, false],
        [0, 0.1, null],
        [null, null, true],
        [7, 3, false],
        [2 ** 31, 1e-7, true],
        [-1, -0.5, true],
        [1, 2 ** 60, false],
      ] as const
      const rows = texts.map((note, index) => ({
        id: `id-${index}`,
        note,
        values: values[index] ?? [null, null, null],
      }))
      await ran(
        view,
        0,
        rows.map(({ id, note, values: [amount, share, paid] }) => on(view, insert, id, amount, share, paid, note)),
      )
      const truth = (value: boolean | null) => (store.dialect === 'sqlite' && value !== null ? Number(value) : value)
      assert.deepEqual(
        await select(view, all),
        rows.map(({ id, note, values: [amount, share, paid] }) => ({ id, amount, share, paid: truth(paid), note })),
      )
      for (const { id, note } of rows)
        assert.deepEqual(await select(view, 'select id from {lines} where note = $1', note), [{ id }])
      assert.equal((await select(view, 'select id from {lines} where paid = $1', true)).length, 4)
    },
  },
  {
    group,
    needs: 'sql',
    name: 'may use a value several times, in any order, and more than nine of them',
    run: async ({ store }) => {
      const view = await openLines(store)
      await ran(view, 0, [
        on(view, 'insert into {lines} (note, id) values ($2, $1)', 'a', 'note of a'),
        on(view, 'insert into {lines} (id, note) values ($1, $1)', 'b'),
        on(
          view,
          'insert into {lines} (id, note) values ($2, $1), ($4, $3), ($6, $5), ($8, $7), ($10, $9), ($12, $11)',
          ...'1 c 3 d 5 e 7 f 9 g 11 h'.split(' '),
        ),
        on(view, `update {lines} set note = 'costs $2' where id = $1 or note = $1`, 'c'),
      ])
      assert.deepEqual(
        (await select(view, 'select id, note from {lines} order by id')).map(({ id, note }) => `${id}: ${note}`),
        ['a: note of a', 'b: b', 'c: costs $2', 'd: 3', 'e: 5', 'f: 7', 'g: 9', 'h: 11'],
      )
      assert.deepEqual(await select(view, 'select id from {lines} where note = $2 and id <> $1', 'a', '5'), [
        { id: 'e' },
      ])
    },
  },
  {
    group,
    needs: 'sql',
    name: 'give whole numbers beyond 2^53 back as texts',
    run: async ({ store }) => {
      const view = await openLines(store)
      const numbers = ['9007199254740993', '-9007199254740993', '9223372036854775807', '12']
      await ran(
        view,
        0,
        numbers.map((number, index) => on(view, insert, `id-${index}`, number, null, null, null)),
      )
      assert.deepEqual(
        (await select(view, all)).map(({ amount }) => amount),
        [...numbers.slice(0, 3), 12],
      )
    },
  },
  {
    group,
    needs: 'sql',
    name: 'take rows, parked events and checkpoint back when one fails, which the error names without its values',
    run: async ({ store }) => {
      const view = await openLines(store)
      const secret = 'secret-3f9c'
      await ran(view, 0, [add(view, secret)])
      await parks(view, 1, [waiting(1)])
      const failing = [
        add(view, secret, secret),
        on(view, 'insert into {lines} (missing) values ($1)', secret),
        on(view, 'insert into missing_lines (id) values ($1)', secret),
        on(view, 'no statement $1', secret),
        ...(store.dialect === 'postgres' ? [on(view, 'update {lines} set amount = $1', secret)] : []),
      ]
      for (const statement of failing) {
        const statements = [add(view, 'before'), statement, add(view, 'after')]
        const flush = { expected: at(2), next: at(3), writes: [row('a', 1)], park: [waiting(2)], unpark: [1] }
        await assert.rejects(view.flush({ ...flush, statements, fencingToken: 9 }), tellsOf(statement))
        assert.deepEqual(await view.checkpoint(), at(2))
        assert.deepEqual(await view.scan(), [])
        assert.deepEqual(await view.parked(), [waiting(1)])
        assert.equal(await ids(view), secret)
      }
      assert.equal(await view.claim(1), true, 'and nobody claimed the view')
      await ran(view, 2, [add(view, 'before')])
      assert.equal(await ids(view), `before ${secret}`)
    },
  },
  {
    group,
    needs: 'sql',
    name: 'are one each: several in one text are refused, also without values, and none of them runs',
    run: async ({ store }) => {
      const view = await openLines(store)
      await ran(view, 0, [add(view, 'a')])
      const several = [
        'delete from {lines}; delete from {lines}',
        `insert into {lines} (id) values ('b'); commit; delete from {lines}`,
        `insert into {lines} (id) values ('b'); rollback`,
      ]
      for (const statement of several.map((text) => on(view, text))) {
        const flush = { expected: at(1), next: at(2), writes: [row('a', 1)], statements: [statement] }
        await assert.rejects(view.flush(flush), tellsOf(statement))
      }
      const reading = on(view, `select id from {lines}; commit; insert into {lines} (id) values ('b')`)
      await assert.rejects(view.select(reading), tellsOf(reading))
      assert.equal(await ids(view), 'a')
      assert.equal(await view.get({ tenant, key: 'a' }), undefined)
      await ran(view, 1, [add(view, 'c')])
    },
  },
  {
    group,
    needs: 'sql',
    name: 'that read give rows by the names of their columns',
    run: async ({ store }) => {
      const view = await openLines(store)
      assert.deepEqual(await select(view, all), [])
      await ran(view, 0, [add(view, 'a', 'x'), add(view, 'b', 'x'), add(view, 'c', 'y')])
      assert.deepEqual(
        await select(
          view,
          'select note as "Note", count(*) as total from {lines} where id <> $1 group by note order by note',
          'a',
        ),
        [
          { Note: 'x', total: 1 },
          { Note: 'y', total: 1 },
        ],
      )
      assert.deepEqual(
        await select(
          view,
          'with noted as (select id from {lines} where note = $1) select id from noted order by id',
          'x',
        ),
        [{ id: 'a' }, { id: 'b' }],
      )
    },
  },
  {
    group,
    needs: 'sql',
    name: 'that read are refused when they would write, or cannot be run',
    run: async ({ store }) => {
      const view = await openLines(store)
      await ran(view, 0, [add(view, 'a')])
      const secret = 'secret-3f9c'
      const refused = [
        on(view, 'insert into {lines} (id) values ($1) returning id', secret),
        on(view, 'update {lines} set note = $1 returning id', secret),
        on(view, 'delete from {lines} where id <> $1 returning id', secret),
        on(view, 'drop table {lines}'),
        on(view, 'select missing from {lines} where id = $1', secret),
      ]
      for (const statement of refused) await assert.rejects(view.select(statement), tellsOf(statement))
      assert.deepEqual(await select(view, 'select id, note from {lines}'), [{ id: 'a', note: null }])
      await ran(view, 1, [add(view, 'b')])
    },
  },
]
