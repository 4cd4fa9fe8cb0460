// One file per view, beside the store: a restore builds a new file, and dropping a view is removing one. Views are WAL with
// synchronous=NORMAL, which never waits for the disk at a flush and cannot damage the file: a power cut takes the last flushes, rows
// and checkpoint together, and the events are read again. (OFF would save nothing more in WAL mode and risks the file.)
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { migrationSteps, planMigrations } from '@gesta/core/ports'
import type { ViewName } from '@gesta/core/ports'
import { openPlain } from './database.ts'
import type { Database } from './database.ts'
import { viewKind } from './file-origin.ts'
import { applyMigration, readLedger } from './ledger.ts'
import { viewModules } from './migrations/index.ts'
import { storeError } from './sqlite-errors.ts'

const steps = migrationSteps(viewModules)
const writeView = 'INSERT INTO view (id, name, model_version, generation) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING'

/** The folder that holds the views of the store at `path`. */
export function viewsFolder(path: string): string {
  return `${path}.views`
}

/** The file of a view. Names that are no plain file names, on some system, are told apart by a hash of the exact name. */
export function viewPath(storePath: string, { name, modelVersion, generation }: ViewName): string {
  const plain = /^[a-z0-9][a-z0-9_-]{0,79}$/.test(name)
  const safe = plain
    ? name
    : `${name.replaceAll(/[^a-zA-Z0-9_-]+/g, '-').slice(0, 80)}~${createHash('sha256').update(name).digest('hex').slice(0, 12)}`
  return join(viewsFolder(storePath), `${safe}.${modelVersion}.${generation}.sqlite`)
}

/**
 * A writing connection to the file of a view, which is created when it is missing and brought up to date. Nobody else migrates it: the
 * store's lock is held. Errors: `store_foreign`, `store_newer`, `schema_drift`, `migration_failed`.
 */
export function openView(path: string, view: ViewName): Database {
  const file = { path, kind: viewKind }
  let db: Database | undefined
  try {
    db = openPlain(path)
    const pending = planMigrations(steps, readLedger(db, file), path)
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY',
    )
    for (const step of pending) applyMigration(db, file, step, Date.now() * 1000)
    db.prepare(writeView).run(view.name, view.modelVersion, view.generation)
    return db
  } catch (error) {
    db?.close()
    throw storeError(error, path)
  }
}
