// Makes a file a store of this version: creates it, brings it up to date, or says why it cannot be used.
import { GestaError, newLogIdentity } from '@gesta/core/ports'
import type { BackendRuntime, LogIdentity } from '@gesta/core/ports'
import { firstRow, openForWriting, openPlain, prepareRows } from './database.ts'
import type { Database, WritingOptions } from './database.ts'
import { migrations } from './migrations/index.ts'
import { storeError } from './sqlite-errors.ts'

/** Marks a file as a store of gesta; the ASCII codes of "gest". */
const applicationId = 0x67657374

const createLedger =
  'CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT'
const writeLedger = 'INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)'
const writeIdentity = 'INSERT INTO log (id, incarnation, secret, created_at) VALUES (1, ?, ?, ?)'
/** Changes nothing, but asks for the right to write: on a read-only file even BEGIN IMMEDIATE only reads. */
const tryToWrite = 'DELETE FROM migrations WHERE number < 0'
const readIdentity = 'SELECT incarnation, secret FROM log WHERE id = 1'

/** The identity of the log at `path`, which is then up to date. Errors: `store_foreign`, `store_newer`, `store_read_only`, `store_full`. */
export function migrate(path: string, options: WritingOptions, runtime: BackendRuntime): LogIdentity {
  let db: Database | undefined
  try {
    // First without any setting, because those would change a file that is not ours.
    db = openPlain(path)
    checkOrigin(db, path)
    db.close()
    db = openForWriting(path, options)
    db.exec('BEGIN IMMEDIATE')
    applyMissing(db, runtime)
    db.exec(tryToWrite)
    db.exec('COMMIT')
    const row = firstRow(prepareRows(db, readIdentity))
    if (row === undefined) throw foreign(path, 'its log has no identity')
    return { incarnation: String(row[0]), secret: String(row[1]) }
  } catch (error) {
    throw storeError(error, path)
  } finally {
    if (db?.isOpen === true) db.close()
  }
}

function checkOrigin(db: Database, path: string): void {
  const id = pragma(db, 'application_id')
  const version = pragma(db, 'user_version')
  const objects = Number(firstRow(prepareRows(db, 'SELECT count(*) FROM sqlite_schema'))?.[0])
  if (id !== applicationId && (id !== 0 || version !== 0 || objects > 0))
    throw foreign(path, 'it is a database of another program')
  if (version > migrations.length) {
    const message = `Expected ${path} to have schema ${migrations.length} or older, but it has ${version}: a newer version of gesta wrote it. Update @gesta/sqlite.`
    throw new GestaError('store_newer', message, { facts: { path, schema: version, schemaMax: migrations.length } })
  }
}

function applyMissing(db: Database, { clock, ids }: BackendRuntime): void {
  const version = pragma(db, 'user_version')
  if (version === 0) {
    db.exec(`PRAGMA application_id = ${applicationId}`)
    db.exec(createLedger)
  }
  for (const { number, name, sql } of migrations.slice(version)) {
    db.exec(sql)
    db.prepare(writeLedger).run(number, name, clock.nowUs())
    db.exec(`PRAGMA user_version = ${number}`)
  }
  if (version === 0) {
    const { incarnation, secret } = newLogIdentity(ids)
    db.prepare(writeIdentity).run(incarnation, secret, clock.nowUs())
  }
}

function pragma(db: Database, name: string): number {
  return Number(firstRow(prepareRows(db, `PRAGMA ${name}`))?.[0])
}

function foreign(path: string, why: string): GestaError {
  return new GestaError(
    'store_foreign',
    `Expected ${path} to be a store of gesta, but ${why}. Restore it from a backup, or choose another path.`,
    { facts: { path } },
  )
}
