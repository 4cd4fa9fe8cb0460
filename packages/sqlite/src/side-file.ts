// A file beside the store's, for what is no part of a commit: each side store has one of its own, so that it can be backed up or
// removed alone and never makes a commit wait. This module says what such a file is, and opens it; it runs in the side thread.
//
// To add a store `things`:
// 1. `migrations/things/0001-things.ts` has its tables; `thing-file.ts` exports a `SideFile<ThingOperations>`: kind, migrations,
//    settings, and operations, plain synchronous functions over one connection. What they take and return is cloned between threads.
// 2. `side-files.ts` lists it under `things`; the file is then `<path>.things`.
// 3. `thing-store.ts` implements the port over `SideStore<ThingOperations>`: it checks what it is given and calls operations.
// 4. `sqlite-backend.ts` makes it with `createSqliteThingStore(side.store('things'))`.
// Application ids are four ASCII letters; taken: gest store, gesv view, gesp plans of views, gesn snapshots, gesl leases, gesk keys, gesd data,
// gesc cache, geso log, gesi seen, gesm tables of domains, gesr command records, gesx credentials.
import { GestaError, migrationSteps, planMigrations } from '@gesta/core/ports'
import type { MigrationModule } from '@gesta/core/ports'
import { firstRow, openPlain, prepareRows } from './database.ts'
import type { Database } from './database.ts'
import type { FileKind } from './file-origin.ts'
import { applyMigration, readLedger } from './ledger.ts'
import { storeError } from './sqlite-errors.ts'

export interface SideFile<Operations> {
  readonly kind: FileKind
  readonly modules: readonly MigrationModule[]
  /** Pragmas of a connection beyond WAL mode; `synchronous` is always among them. */
  readonly settings: string
  /** Prepares the statements of an opened file. */
  operations(db: Database): Operations
}

/**
 * A writing connection to a file, which is created when it is missing and brought up to date. Nobody else migrates it: the store's lock
 * is held. Errors: `store_foreign`, `store_newer`, `schema_drift`, `migration_failed`, and those of the file and its disk.
 */
export function openSideFile(
  path: string,
  { kind, modules, settings }: Pick<SideFile<unknown>, 'kind' | 'modules' | 'settings'>,
): Database {
  const file = { path, kind }
  let db: Database | undefined
  try {
    db = openPlain(path)
    // Before any setting, because those would change a file that is not ours.
    const pending = planMigrations(migrationSteps(modules), readLedger(db, file), path)
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; ${settings}`)
    for (const step of pending) applyMigration(db, file, step, Date.now() * 1000)
    return db
  } catch (error) {
    db?.close()
    throw storeError(error, path)
  }
}

/** Runs one transaction, all or nothing; what `run` throws takes it back. */
export function transaction<Result>(db: Database, run: () => Result): Result {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = run()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** Empties the write-ahead log into the file and cuts it to nothing. `false`: somebody reads from it, and it stays as it was. */
export function emptyWriteAheadLog(db: Database): boolean {
  return firstRow(prepareRows(db, 'PRAGMA wal_checkpoint(TRUNCATE)'))?.[0] === 0
}

/**
 * After a removal under secure_delete: what was removed is overwritten in the file and still in the write-ahead log, which is cut.
 * Errors: `store_unavailable` when somebody else reads the file; nothing of the removal is taken back.
 */
export function overwriteRemoved(db: Database): void {
  if (emptyWriteAheadLog(db)) return
  throw new GestaError(
    'store_unavailable',
    `Expected to cut the write-ahead log of ${db.location()}, but another program reads the file. What was to be removed is removed, and its bytes are still in that log: close the program and remove again.`,
  )
}

/** What every side store tells of its file. */
export function fileBytes(db: Database): number {
  return Number(
    firstRow(prepareRows(db, 'SELECT page_count * page_size FROM pragma_page_count, pragma_page_size'))?.[0],
  )
}
