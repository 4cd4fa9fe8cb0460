// One writing process per store: a transaction that is kept open on a sidecar file. The lock is SQLite's, so the operating system
// drops it with the process, however it ends. Never open or copy the sidecar in this process by other means: on POSIX systems
// closing any descriptor of a file drops the locks that its process holds on it.
import { hostname } from 'node:os'
import { GestaError } from '@gesta/core/ports'
import type { Clock } from '@gesta/core/ports'
import { firstRow, openPlain, prepareRows } from './database.ts'
import type { Database } from './database.ts'
import { isBusy, storeError } from './sqlite-errors.ts'

const createOwner =
  'CREATE TABLE IF NOT EXISTS owner (id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER NOT NULL, host TEXT NOT NULL, since INTEGER NOT NULL) STRICT'
const writeOwner = 'INSERT OR REPLACE INTO owner (id, pid, host, since) VALUES (1, ?, ?, ?)'
const readOwner = 'SELECT pid, host, since FROM owner WHERE id = 1'
const lockTimeoutMs = 250
const attemptsMax = 20

/** Locks the store at `path` until disposed, within `timeoutMs` for each step of it. Errors: `store_locked` with the owner's pid, host and start. */
export function lockOwner(path: string, clock: Pick<Clock, 'nowUs'>, timeoutMs: number = lockTimeoutMs): Disposable {
  const lockPath = `${path}.lock`
  const db = openLock(lockPath, timeoutMs)
  try {
    const since = clock.nowUs()
    for (let attempt = 1; ; attempt += 1) {
      // The owner's name must be committed for others to read it, and the lock must be held: two steps, and what was written is
      // looked at again, because another process can come between them.
      db.exec('BEGIN IMMEDIATE')
      db.exec(createOwner)
      db.prepare(writeOwner).run(process.pid, hostname(), since)
      db.exec('COMMIT')
      db.exec('BEGIN IMMEDIATE')
      const owner = ownerOf(db)
      if (owner?.pid === process.pid && owner.since === since) return { [Symbol.dispose]: () => db.close() }
      db.exec('ROLLBACK')
      if (attempt === attemptsMax) throw lockedError(path, owner)
    }
  } catch (error) {
    const owner = isBusy(error) ? ownerOf(db) : undefined
    db.close()
    throw isBusy(error) ? lockedError(path, owner) : storeError(error, lockPath)
  }
}

function openLock(lockPath: string, timeoutMs: number): Database {
  try {
    return openPlain(lockPath, timeoutMs)
  } catch (error) {
    throw storeError(error, lockPath)
  }
}

interface Owner {
  readonly pid: number
  readonly host: string
  readonly since: number
}

function ownerOf(db: Database): Owner | undefined {
  try {
    const row = firstRow(prepareRows(db, readOwner))
    return row && { pid: Number(row[0]), host: String(row[1]), since: Number(row[2]) }
  } catch {
    // The owner is just writing its name.
    return undefined
  }
}

function lockedError(path: string, owner: Owner | undefined): GestaError {
  const who =
    owner === undefined
      ? 'another process'
      : `process ${owner.pid} on ${owner.host}, since ${new Date(owner.since / 1000).toISOString()}`
  const next =
    'Stop that process first, or give this one a store of its own; for several processes use a database server.'
  return new GestaError('store_locked', `Expected ${path} to be free, but it is open for writing in ${who}. ${next}`, {
    facts: { path, ...owner },
  })
}
