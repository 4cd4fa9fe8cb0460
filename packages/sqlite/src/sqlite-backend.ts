// The backend: one file for the log, one per view beside it, and the lock that says who writes.
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { checkOptions, GestaError } from '@gesta/core/ports'
import type { Backend, BackendRuntime, OpenBackend } from '@gesta/core/ports'
import type { WritingOptions } from './database.ts'
import { createSqliteEventStore } from './event-store.ts'
import { migrate } from './migrate.ts'
import { lockOwner } from './owner-lock.ts'
import { createSqliteReadModelStore } from './read-model-store.ts'
import { createReadingThread } from './reader.ts'
import { realPath } from './real-path.ts'
import { storeError } from './sqlite-errors.ts'

export interface SqliteOptions {
  /**
   * `full` (default): a command is acknowledged when it is on this machine's disk. `normal`: acknowledged without waiting for the disk;
   * a power cut can take the last commands, never tear the file. A process that is killed loses nothing in either mode.
   */
  readonly durability?: 'full' | 'normal' | undefined
  /** Bytes that the log's file may have, at least 65,536; default: what the disk holds. Beyond it commands fail with `store_full`. */
  readonly bytesMax?: number | undefined
}

/**
 * A store in one file, for one process at a time. Folder and file are made when they are missing.
 * Errors when the app starts: `store_locked`, `store_foreign`, `store_newer`, `store_read_only`, `store_full`, `store_unavailable`.
 * Reference: docs/reference/sqlite.md.
 */
export function sqlite(path: string, options: SqliteOptions = {}): Backend {
  checkOptions(options, ['durability', 'bytesMax'], 'sqlite()')
  if (path === '' || path === ':memory:')
    throw new Error(`Expected the path of a file, received "${path}". For a store in memory use memory().`)
  const { durability = 'full', bytesMax } = options
  if (durability !== 'full' && durability !== 'normal')
    throw new Error(`Expected durability "full" or "normal", received "${String(durability)}".`)
  if (bytesMax !== undefined && !(Number.isSafeInteger(bytesMax) && bytesMax >= 65_536)) {
    throw new Error(`Expected bytesMax to be a whole number of at least 65,536, received ${bytesMax}.`)
  }
  return { backend: 'sqlite', open: async (runtime) => openSqlite(resolve(path), { durability, bytesMax }, runtime) }
}

function openSqlite(given: string, writing: WritingOptions, runtime: BackendRuntime): OpenBackend {
  makeFolder(given)
  const path = realPath(given)
  const lock = lockOwner(path, runtime.clock)
  try {
    const identity = migrate(path, writing, runtime)
    const reader = createReadingThread()
    const events = createSqliteEventStore({ path, identity, writing, reader })
    const readModels = createSqliteReadModelStore({ path, reader })
    const close = async (): Promise<void> => {
      const closed = await Promise.allSettled([readModels[Symbol.asyncDispose](), events[Symbol.asyncDispose]()])
      // Last, when nothing here writes any more, and also when something could not be closed.
      lock[Symbol.dispose]()
      for (const part of closed) if (part.status === 'rejected') throw part.reason
    }
    let closing: Promise<void> | undefined
    return { events, readModels, durability: writing.durability, [Symbol.asyncDispose]: () => (closing ??= close()) }
  } catch (error) {
    lock[Symbol.dispose]()
    throw storeError(error, path)
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
  } catch (cause) {
    throw new GestaError(
      'store_read_only',
      `Expected to make the folder of ${path}, but it cannot be made. Make it, with the right to write there.`,
      { cause, facts: { path } },
    )
  }
}
