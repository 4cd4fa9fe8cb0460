// Makes a file a store of this version: creates it, brings it up to date, or says why it cannot be used.
import { GestaError, newLogIdentity, runMigrations } from '@gesta/core/ports'
import type { BackendRuntime, LogIdentity } from '@gesta/core/ports'
import { firstRow, openForWriting, prepareRows } from './database.ts'
import type { Database, WritingOptions } from './database.ts'
import { storeKind } from './file-origin.ts'
import { createStoreTarget } from './migration-target.ts'
import { storeModules } from './migrations/index.ts'
import { storeError } from './sqlite-errors.ts'

/** Changes nothing, but asks for the right to write: on a read-only file even BEGIN IMMEDIATE only reads. */
const tryToWrite = 'DELETE FROM migrations WHERE number < 0'
const readIdentity = 'SELECT incarnation, secret FROM log WHERE id = 1'
/** A log that has commits had an identity: it is not given another one. */
const writeIdentity =
  'INSERT INTO log (id, incarnation, secret, created_at) SELECT 1, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM commits)'

/**
 * One process at a time has the store: workers of any other are gone, and their jobs need not wait until the leases have run out.
 */
const endLeases = 'UPDATE job_workers SET until = 0 WHERE (SELECT opened_by FROM job_cursor) <> ?'
const noteProcess = 'UPDATE job_cursor SET opened_by = ? WHERE opened_by <> ?'
/** No other one has had this number and begun then. */
const thisProcess = `${process.pid} ${performance.timeOrigin}`

/**
 * The identity of the log at `path`, which is then up to date. The caller holds the store's lock. Errors: `store_foreign`, `store_newer`,
 * `schema_drift`, `migration_failed`, `store_read_only`, `store_full`.
 */
export async function migrate(path: string, writing: WritingOptions, runtime: BackendRuntime): Promise<LogIdentity> {
  const lock = (): Disposable => ({ [Symbol.dispose]: () => undefined })
  await runMigrations(createStoreTarget({ path, kind: storeKind, writing, lock }), storeModules, runtime)
  let db: Database | undefined
  try {
    db = openForWriting(path, writing)
    return takeIdentity(db, path, runtime)
  } catch (error) {
    throw storeError(error, path)
  } finally {
    if (db?.isOpen === true) db.close()
  }
}

function takeIdentity(db: Database, path: string, { clock, ids }: BackendRuntime): LogIdentity {
  db.exec('BEGIN IMMEDIATE')
  db.exec(tryToWrite)
  let row = firstRow(prepareRows(db, readIdentity))
  if (row === undefined) {
    const { incarnation, secret } = newLogIdentity(ids)
    db.prepare(writeIdentity).run(incarnation, secret, clock.nowUs())
    row = firstRow(prepareRows(db, readIdentity))
  }
  db.prepare(endLeases).run(thisProcess)
  db.prepare(noteProcess).run(thisProcess, thisProcess)
  db.exec('COMMIT')
  if (row === undefined) {
    const message = `Expected ${path} to be ${storeKind.what}, but its log has no identity. ${storeKind.next}`
    throw new GestaError('store_foreign', message, { facts: { path } })
  }
  return { incarnation: String(row[0]), secret: String(row[1]) }
}
