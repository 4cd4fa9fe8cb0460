// One owner per file: a transaction that is kept open on a database beside it. Node has no lock of its own that ends with its process,
// however that comes; SQLite's does, because it is the operating system's. The database stays empty; who holds it stands in a file
// of text. Never remove or copy the lock while somebody may hold it.
import { constants } from 'node:fs'
import { access, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { GestaError } from '@gesta/core/ports'
import type { Clock } from '@gesta/core/ports'

const timeoutMs = 250
/** Codes of SQLite: https://www.sqlite.org/rescode.html. */
const busy = 5

interface Owner {
  readonly pid: number
  readonly host: string
  /** RFC 3339. */
  readonly since: string
}

/** Locks the file at `path` until disposed. Errors: `store_locked` with the owner's pid, host and start; those of the file system. */
export async function lockFile(path: string, clock: Pick<Clock, 'nowUs'>): Promise<AsyncDisposable> {
  const ownerPath = `${path}.owner`
  // SQLite does not say why it cannot open a file.
  await access(dirname(path), constants.W_OK)
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(`${path}.lock`, { timeout: timeoutMs })
    // Nothing is ever written, so no journal is needed.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    throw isBusy(error) ? locked(path, await ownerOf(ownerPath)) : notLockable(path, error)
  }
  const held = db
  const owner: Owner = { pid: process.pid, host: hostname(), since: new Date(clock.nowUs() / 1000).toISOString() }
  try {
    await writeFile(ownerPath, `${JSON.stringify(owner)}\n`)
  } catch (error) {
    held.close()
    throw error
  }
  let released: Promise<void> | undefined
  return {
    [Symbol.asyncDispose]: () =>
      (released ??= rm(ownerPath, { force: true })
        // A name that is left behind is written over by the next owner.
        .catch(() => undefined)
        .then(() => held.close())),
  }
}

async function ownerOf(path: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(path, 'utf8')) as Partial<Owner>
    const { pid, host, since } = owner
    return typeof pid === 'number' && typeof host === 'string' && typeof since === 'string'
      ? { pid, host, since }
      : undefined
  } catch {
    // The owner is just writing its name.
    return undefined
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === busy
}

function locked(path: string, owner: Owner | undefined): GestaError {
  const who = owner === undefined ? 'another one' : `process ${owner.pid} on ${owner.host}, since ${owner.since}`
  return new GestaError(
    'store_locked',
    `Expected ${path} to be free, but ${who} has it open. Stop that process first, or give this one a file of its own.`,
    { facts: { path, ...owner } },
  )
}

function notLockable(path: string, cause: unknown): GestaError {
  return new GestaError(
    'store_unavailable',
    `Expected to lock ${path} through ${path}.lock, but that failed. Give this process the right to write there, or remove what is in its place.`,
    { cause, facts: { path } },
  )
}
