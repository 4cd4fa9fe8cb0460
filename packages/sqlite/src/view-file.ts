// One file per view, beside the store: a restore builds a new file, and dropping a view is removing one. Views are WAL with
// synchronous=NORMAL, which never waits for the disk at a flush and cannot damage the file: a power cut takes the last flushes, rows
// and checkpoint together, and the events are read again. (OFF would save nothing more in WAL mode and risks the file.)
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { GestaError } from '@gesta/core/ports'
import type { ViewName } from '@gesta/core/ports'
import { firstRow, openPlain, prepareRows } from './database.ts'
import type { Database } from './database.ts'
import { storeError } from './sqlite-errors.ts'

/** Marks a file as a view of gesta; the ASCII codes of "gesv". */
const viewApplicationId = 0x67657376
const viewSchema = 1

const createTables = `
CREATE TABLE view (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL, model_version INTEGER NOT NULL, generation INTEGER NOT NULL) STRICT;
CREATE TABLE checkpoint (id INTEGER PRIMARY KEY CHECK (id = 1), incarnation TEXT NOT NULL, position INTEGER NOT NULL) STRICT;
CREATE TABLE rows (tenant TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (tenant, key)) STRICT, WITHOUT ROWID;
`
const writeView = 'INSERT INTO view (id, name, model_version, generation) VALUES (1, ?, ?, ?)'

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

/** A writing connection to the file of a view, which is created when it is missing. Errors: `store_foreign`, `store_newer`. */
export function openView(path: string, view: ViewName): Database {
  let db: Database | undefined
  try {
    db = openPlain(path)
    const id = pragma(db, 'application_id')
    const schema = pragma(db, 'user_version')
    const isNew =
      id === 0 && schema === 0 && Number(firstRow(prepareRows(db, 'SELECT count(*) FROM sqlite_schema'))?.[0]) === 0
    if (!isNew && id !== viewApplicationId) throw refuse('store_foreign', path, 'it is a database of another program')
    if (schema > viewSchema) throw refuse('store_newer', path, 'a newer version of gesta wrote it')
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY',
    )
    if (isNew) create(db, view)
    return db
  } catch (error) {
    db?.close()
    throw storeError(error, path)
  }
}

function create(db: Database, { name, modelVersion, generation }: ViewName): void {
  db.exec('BEGIN IMMEDIATE')
  db.exec(`PRAGMA application_id = ${viewApplicationId}; PRAGMA user_version = ${viewSchema}`)
  db.exec(createTables)
  db.prepare(writeView).run(name, modelVersion, generation)
  db.exec('COMMIT')
}

function pragma(db: Database, name: string): number {
  return Number(firstRow(prepareRows(db, `PRAGMA ${name}`))?.[0])
}

function refuse(code: 'store_foreign' | 'store_newer', path: string, why: string): GestaError {
  return new GestaError(
    code,
    `Expected ${path} to be a view of this version of gesta, but ${why}. Remove the file: the view is built again from the log.`,
    { facts: { path } },
  )
}
