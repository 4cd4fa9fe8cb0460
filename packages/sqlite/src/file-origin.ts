// Whose file it is: tells files of gesta from those of other programs and of other versions, before anything in them is changed.
import { GestaError } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'
import { firstRow, prepareRows } from './database.ts'
import type { Database } from './database.ts'

export interface FileKind {
  /** Marks a file as one of this kind: four ASCII letters. */
  readonly applicationId: number
  /** How errors call it. */
  readonly what: string
  /** What to do with a file that is another program's or an older version's. */
  readonly next: string
}
export interface MigratedFile {
  readonly path: string
  readonly kind: FileKind
}

export const storeKind: FileKind = {
  applicationId: 0x67657374,
  what: 'a store of gesta',
  next: 'Restore it from a backup, or choose another path.',
}
export const domainsKind: FileKind = {
  applicationId: 0x6765736d,
  what: 'a file of tables of domains',
  next: 'Restore it from a backup, or choose another path.',
}
export const viewKind: FileKind = {
  applicationId: 0x67657376,
  what: 'a view of gesta',
  next: 'Remove the file: the view is built again from the log.',
}

/** How the ledger in a file is to be read, kept as its user_version. Files of format 1 had no modules, and were never released. */
export const ledgerFormat = 2

const readOrigin =
  'SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id, pragma_user_version'

/** Whether nothing is in the file yet. Errors: `store_foreign`, `store_newer`, `schema_drift`. */
export function isNewFile(db: Database, { path, kind }: MigratedFile): boolean {
  const [id, format, objects] = (firstRow(prepareRows(db, readOrigin)) ?? []).map(Number)
  if (id === 0 && format === 0 && objects === 0) return true
  if (id !== kind.applicationId)
    throw refuse('store_foreign', path, kind, 'it is a database of another program', kind.next)
  if (format !== undefined && format > ledgerFormat)
    throw refuse('store_newer', path, kind, 'a newer version of gesta wrote it', 'Update @gesta/sqlite.')
  if (format !== ledgerFormat)
    throw refuse(
      'schema_drift',
      path,
      kind,
      'it was made before the first release, when no migrations were recorded',
      kind.next,
    )
  return false
}

/** To be run in the transaction of a file's first migration. */
export function markFile(db: Database, { kind }: MigratedFile): void {
  db.exec(`PRAGMA application_id = ${kind.applicationId}; PRAGMA user_version = ${ledgerFormat}`)
}

function refuse(code: ErrorCode, path: string, { what }: FileKind, why: string, next: string): GestaError {
  return new GestaError(code, `Expected ${path} to be ${what} that this version can use, but ${why}. ${next}`, {
    facts: { path },
  })
}
