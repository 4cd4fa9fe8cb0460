// The driver, node:sqlite, behind one module: how connections are opened and what the rest of the package may call.
import { constants, DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import type { CrashPoint } from '@gesta/core/ports'

/** A value in a row: texts, numbers below 2^53, and null. */
export type Cell = string | number | null
export type Row = readonly Cell[]
export type Database = DatabaseSync
export type Statement = StatementSync

/** How long a connection waits for another one that holds a lock. */
const busyTimeoutMs = 5000

export interface WritingOptions {
  /** `full`: a commit is on disk before it is acknowledged. `normal`: a power cut can take the last ones; the file stays whole. */
  readonly durability: 'full' | 'normal'
  /** Bytes that the file may have, or `undefined` for what the disk holds. */
  readonly bytesMax?: number | undefined
  /** Where tests want the process to end. */
  readonly crash?: CrashPoint | undefined
}

/** A connection that writes, in WAL mode. Checkpoints are its owner's business. */
export function openForWriting(path: string, { durability, bytesMax }: WritingOptions): Database {
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs })
  try {
    db.exec('PRAGMA journal_mode = WAL')
    // fullfsync is what makes a flush real on macOS; elsewhere it does nothing.
    db.exec(durability === 'full' ? 'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON' : 'PRAGMA synchronous = NORMAL')
    db.exec('PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY')
    if (bytesMax !== undefined) setBytesMax(db, bytesMax)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** A connection that only reads; it sees what was committed before each of its statements. */
export function openForReading(path: string): Database {
  const db = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs })
  try {
    db.exec('PRAGMA cache_size = -16384')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** A connection without any setting, for migrations and locks. */
export function openPlain(path: string, timeoutMs: number = busyTimeoutMs): Database {
  return new DatabaseSync(path, { timeout: timeoutMs })
}

/** A statement whose rows are arrays. */
export function prepareRows(db: Database, sql: string): Statement {
  const statement = db.prepare(sql)
  statement.setReturnArrays(true)
  return statement
}

/** What a statement changes, by the place of the table's name among what SQLite tells of it. */
const tablePlaces = new Map([
  [constants.SQLITE_INSERT, 0],
  [constants.SQLITE_UPDATE, 0],
  [constants.SQLITE_DELETE, 0],
  [constants.SQLITE_CREATE_TABLE, 0],
  [constants.SQLITE_CREATE_VTABLE, 0],
  [constants.SQLITE_CREATE_INDEX, 1],
  [constants.SQLITE_CREATE_TRIGGER, 1],
])

/** A statement that changes no other table than these, through a trigger either; SQLite's own ones it may. Refused with `notAllowed`. */
export function prepareFor(db: Database, sql: string, mayChange: (table: string) => boolean): Statement {
  db.setAuthorizer((action, ...told) => {
    const place = tablePlaces.get(action)
    const table = place === undefined ? undefined : told[place]
    const isAllowed = typeof table !== 'string' || table.startsWith('sqlite_') || mayChange(table)
    return isAllowed ? constants.SQLITE_OK : constants.SQLITE_DENY
  })
  try {
    return db.prepare(sql)
  } finally {
    db.setAuthorizer(null)
  }
}

/** All rows of a statement that was prepared by `prepareRows`. */
export function allRows(statement: Statement, ...values: readonly Cell[]): readonly Row[] {
  return statement.all(...values) as unknown as readonly Row[]
}

/** The rows of a statement that was prepared by `prepareRows`, one by one as they are asked for. */
export function eachRow(statement: Statement, ...values: readonly Cell[]): Iterable<Row> {
  return statement.iterate(...values) as Iterable<unknown> as Iterable<Row>
}

/** The first row of a statement that was prepared by `prepareRows`. */
export function firstRow(statement: Statement, ...values: readonly Cell[]): Row | undefined {
  return statement.get(...values) as unknown as Row | undefined
}

/** Bounds the size of the file; what does not fit is refused as if the disk were full. */
export function setBytesMax(db: Database, bytesMax: number): void {
  const pageBytes = Number(firstRow(prepareRows(db, 'PRAGMA page_size'))?.[0])
  db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(bytesMax / pageBytes))}`)
}
