// Backup: a copy of a store's file as it was at one moment, while the store goes on working, in this process or another one.
import { existsSync } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { GestaError } from '@gesta/core/ports'
import { createReadingThreads } from './reader.ts'
import { storeError } from './sqlite-errors.ts'

export interface Backup {
  /** The copy, absolute. */
  readonly path: string
  readonly bytes: number
}

/**
 * Copies the store at `from` to the new file `to`: everything that was acknowledged when the copying began, in one file without a
 * write-ahead log, on disk when the promise resolves. Commits go on meanwhile; the write-ahead log grows until the copy is done.
 * The keys of subjects and the credentials lie in files of their own, `<from>.keys` and `<from>.credentials`, and are backed up by calls of
 * their own, to another place.
 * Errors: `store_unavailable` when there is no store at `from`, or `to` exists; `store_foreign`, `store_full`, `store_read_only`.
 * Reference: docs/reference/sqlite.md.
 */
export async function backup(from: string, to: string): Promise<Backup> {
  const [source, target] = [resolve(from), resolve(to)]
  if (!existsSync(source)) throw refused(`a store at ${source}`, 'found nothing there', 'Give the path of its file.')
  if (existsSync(target)) throw refused(`${target} to be a new file`, 'it exists', 'Choose another name.')
  const part = `${target}.part`
  const reader = createReadingThreads()
  try {
    // What a copy that was cut short left behind.
    await rm(part, { force: true })
    await reader.call({ do: 'copy', path: source, to: part })
    await toDisk(part)
    await rename(part, target)
    await toDisk(dirname(target))
    return { path: target, bytes: (await stat(target)).size }
  } catch (error) {
    await rm(part, { force: true })
    throw storeError(error, target)
  } finally {
    await reader.close()
  }
}

/** SQLite does not flush what it copies. */
async function toDisk(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function refused(expected: string, received: string, next: string): GestaError {
  return new GestaError('store_unavailable', `Expected ${expected} for a backup, but ${received}. ${next}`)
}
