// Statements of a read model's own: what they may be, what their values become, and what is said when they fail.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { SqlValue } from '@gesta/core/ports'
import { openPlain } from '../src/database.ts'
import type { Database } from '../src/database.ts'
import { createOwnSql, StatementRefused } from '../src/own-sql.ts'
import { resultCode } from '../src/sqlite-errors.ts'

function opened(): Database & Disposable {
  const db = openPlain(':memory:')
  db.exec(
    'CREATE TABLE own_notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT; CREATE TABLE rows (id INTEGER PRIMARY KEY)',
  )
  return db
}
const refuses = (run: () => unknown, message: RegExp): void =>
  assert.throws(run, (error) => error instanceof StatementRefused && message.test(error.message))

test('statements of a flush cannot end its transaction, set anything or be several', () => {
  using db = opened()
  const write = createOwnSql(db, 'write')
  for (const text of [
    'COMMIT',
    ' -- a note\n ROLLBACK',
    '/* a note */ BEGIN',
    'SAVEPOINT a',
    'PRAGMA synchronous = OFF',
    `ATTACH 'a.db' AS a`,
    'CREATE TABLE a (b)',
    '',
  ])
    refuses(() => write.run({ text, values: [] }), /no statement to write with/)
  refuses(() => write.run({ text: 'DELETE FROM own_notes; DELETE FROM own_notes', values: [] }), /several statements/)
  write.run({ text: '-- all\nDELETE FROM own_notes; -- and that is it', values: [] })
})

test('statements change no tables but own ones, through triggers either; they may read the others', () => {
  using db = opened()
  const [write, create] = [createOwnSql(db, 'write'), createOwnSql(db, 'create')]
  const notItsOwn = /not its own/
  for (const text of [
    'INSERT INTO rows VALUES (1)',
    'UPDATE "ROWS" SET id = 2',
    'WITH a AS (SELECT 1) DELETE FROM rows',
  ])
    refuses(() => write.run({ text, values: [] }), notItsOwn)
  for (const text of ['CREATE TABLE notes (a)', 'CREATE INDEX a ON rows (id)', 'INSERT INTO rows VALUES (1)'])
    refuses(() => create.run({ text, values: [] }), notItsOwn)
  create.run({ text: 'CREATE TRIGGER a AFTER UPDATE ON own_notes BEGIN DELETE FROM rows; END', values: [] })
  refuses(() => write.run({ text: `UPDATE own_notes SET text = 'a'`, values: [] }), notItsOwn)
  write.run({ text: `INSERT INTO OWN_NOTES SELECT count(*), 'a' FROM rows`, values: [] })
  create.run({ text: 'CREATE TABLE own_counts (id INTEGER PRIMARY KEY AUTOINCREMENT, count)', values: [] })
  create.run({ text: 'CREATE VIRTUAL TABLE own_words USING fts5(word)', values: [] })
  write.run({ text: `INSERT INTO own_words VALUES ('a')`, values: [] })
  write.run({ text: 'INSERT INTO own_counts (count) SELECT count(*) FROM own_words', values: [] })
})

test('whole numbers are whole in SQL, truth values are 1 and 0, and other values stay what they are', () => {
  using db = opened()
  const read = createOwnSql(db, 'read')
  const values: readonly SqlValue[] = [7, 2.5, true, false, null, 'x', 2 ** 60]
  const [row] = read.rows({
    text: 'SELECT $1 / 2 AS half, typeof($2) AS real, $3 AS yes, $4 AS no, $5 AS absent, $6 AS text, typeof($7) AS large',
    values,
  })
  assert.deepEqual(row, { half: 3, real: 'real', yes: 1, no: 0, absent: null, text: 'x', large: 'real' })
})

test('bytes are no value: they are selected as text', () => {
  using db = opened()
  const read = createOwnSql(db, 'read')
  refuses(() => read.rows({ text: `SELECT x'00ff' AS raw`, values: [] }), /column raw holds bytes/)
  assert.deepEqual(read.rows({ text: `SELECT hex(x'00ff') AS raw`, values: [] }), [{ raw: '00FF' }])
})

test('what fails is named by its text, never by a value', () => {
  using db = opened()
  const write = createOwnSql(db, 'write')
  const text = 'INSERT INTO own_notes (id, text) VALUES ($1, $2)'
  for (const values of [['secret', 'secret'], [1, null], [1], [1, 'secret', 'secret']])
    assert.throws(
      () => write.run({ text, values }),
      (error) => error instanceof StatementRefused && error.message.includes(text) && !error.message.includes('secret'),
    )
  const path = `INSERT INTO own_notes (text) VALUES (json_extract('{}', $1))`
  assert.throws(
    () => write.run({ text: path, values: ['secret'] }),
    (error) => error instanceof StatementRefused && !error.message.includes('secret'),
  )
  refuses(() => write.run({ text: 'INSERT INTO missing VALUES (1)', values: [] }), /no such table: missing/)
})

test("a full disk is not the statement's fault", () => {
  using db = opened()
  db.exec('PRAGMA max_page_count = 4')
  const write = createOwnSql(db, 'write')
  const fill = { text: 'INSERT INTO own_notes (text) VALUES ($1)', values: ['x'.repeat(100_000)] }
  assert.throws(
    () => write.run(fill),
    (error) => !(error instanceof StatementRefused) && resultCode(error) === 13,
  )
})
