// One file per view, beside the store: a restore builds a new file, and dropping a view is removing one. Views are WAL with
// synchronous=NORMAL, which never waits for the disk at a flush and cannot damage the file: a power cut takes the last flushes, rows
// and checkpoint together, and the events are read again. (OFF would save nothing more in WAL mode and risks the file.)
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { ViewName } from '@gesta/core/ports'
import type { Database } from './database.ts'
import { viewKind } from './file-origin.ts'
import { viewModules } from './migrations/index.ts'
import { openSideFile } from './side-file.ts'
import { storeError } from './sqlite-errors.ts'

/**
 * The write-ahead log goes back into the file when it has 8,000 pages (32 MB), and not at every 1,000: pages that are written again and
 * again, as those of an index are, then go back once.
 */
const settings = 'PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8000'
const viewFile = { kind: viewKind, modules: viewModules, settings }
const writeView = 'INSERT INTO view (id, name, model_version, generation) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING'

/** The folder that holds the views of the store at `path`. */
export function viewsFolder(path: string): string {
  return `${path}.views`
}

/** The file of a view. */
export function viewPath(storePath: string, view: ViewName): string {
  return join(viewsFolder(storePath), viewFileName(view))
}

/** Names that are no plain file names, on some system, are told apart by a hash of the exact name. */
export function viewFileName({ name, modelVersion, generation }: ViewName): string {
  const plain = /^[a-z0-9][a-z0-9_-]{0,79}$/.test(name)
  const safe = plain
    ? name
    : `${name.replaceAll(/[^a-zA-Z0-9_-]+/g, '-').slice(0, 80)}~${createHash('sha256').update(name).digest('hex').slice(0, 12)}`
  return `${safe}.${modelVersion}.${generation}.sqlite`
}

/**
 * A writing connection to the file of a view, which is created when it is missing and brought up to date. Nobody else migrates it: the
 * store's lock is held. Errors: `store_foreign`, `store_newer`, `schema_drift`, `migration_failed`.
 */
export function openView(path: string, view: ViewName): Database {
  const db = openSideFile(path, viewFile)
  try {
    db.prepare(writeView).run(view.name, view.modelVersion, view.generation)
    return db
  } catch (error) {
    db.close()
    throw storeError(error, path)
  }
}
