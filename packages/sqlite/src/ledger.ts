// The ledger of a file: which migrations it has. Synchronous, so that threads use it too.
import { isGestaError, migrationFailed } from '@gesta/core/ports'
import type { AppliedMigration, MigrationStep } from '@gesta/core/ports'
import { allRows, prepareRows } from './database.ts'
import type { Database } from './database.ts'
import { isNewFile, markFile } from './file-origin.ts'
import type { MigratedFile } from './file-origin.ts'
import { storeError } from './sqlite-errors.ts'

const createLedger = `CREATE TABLE migrations (
  module TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL,
  UNIQUE (module, number)
) STRICT`
const readRows = 'SELECT module, number, name, checksum, applied_at FROM migrations ORDER BY rowid'
const writeRow = 'INSERT INTO migrations (module, number, name, checksum, applied_at) VALUES (?, ?, ?, ?, ?)'

/** What was applied, in order; nothing of a new file. Errors: those of `isNewFile`. */
export function readLedger(db: Database, file: MigratedFile): readonly AppliedMigration[] {
  if (isNewFile(db, file)) return []
  return allRows(prepareRows(db, readRows)).map(([module, number, name, checksum, appliedAt]) => ({
    module: String(module),
    number: Number(number),
    name: String(name),
    checksum: String(checksum),
    appliedAt: Number(appliedAt),
  }))
}

/** One migration and its row, all or nothing. Errors: `migration_failed`, and those of the file and its disk. */
export function applyMigration(db: Database, file: MigratedFile, step: MigrationStep, appliedAt: number): void {
  let running: number | undefined
  db.exec('BEGIN IMMEDIATE')
  try {
    if (isNewFile(db, file)) {
      markFile(db, file)
      db.exec(createLedger)
    }
    for (const [index, statement] of step.statements.entries()) {
      running = index
      db.exec(statement)
      if (!db.isTransaction) throw new Error('it ended the transaction of its migration')
    }
    running = undefined
    db.prepare(writeRow).run(step.module, step.number, step.name, step.checksum, appliedAt)
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    // A full disk or a file without the right to write is no fault of the migration, and says better what to do.
    const known = storeError(error, file.path)
    throw isGestaError(known) && known.code !== 'store_unavailable' ? known : migrationFailed(step, running, error)
  }
}
