// The backend: one file for the log, one per view beside it, and the lock that says who writes.
import { resolve } from 'node:path'
import { checkOptions, crashPointOf, newLogIdentity } from '@gesta/core/ports'
import type { Backend, BackendRuntime, OpenBackend } from '@gesta/core/ports'
import { createSqliteAuditLog } from './audit-log.ts'
import { createSqliteCacheStore } from './cache-store.ts'
import { crashSteps } from './crash-steps.ts'
import { createSqliteCredentialStore } from './credential-store.ts'
import { createSqliteDataStore } from './data-store.ts'
import type { WritingOptions } from './database.ts'
import { createSqliteCommandLog } from './command-log.ts'
import { createSqliteEventStore } from './event-store.ts'
import { createSqliteJobStore } from './job-store.ts'
import { createSqliteKeyStore } from './key-store.ts'
import { createSqliteLeaseStore } from './lease-store.ts'
import { createSqliteLogStore } from './log-store.ts'
import { makeFolder } from './make-folder.ts'
import { migrate } from './migrate.ts'
import { createDomainTables } from './migration-target.ts'
import { createSqliteOutboxStore } from './outbox-store.ts'
import { lockOwner } from './owner-lock.ts'
import { createSqliteReadModelStore } from './read-model-store.ts'
import { createReadingThreads } from './reader.ts'
import { realPath } from './real-path.ts'
import { createSqliteSeenStore } from './seen-store.ts'
import { createSideThread } from './side-stores.ts'
import { createSqliteSnapshotStore } from './snapshot-store.ts'
import { storeError } from './sqlite-errors.ts'

export interface SqliteOptions {
  /**
   * `full` (default): a command is acknowledged when it is on this machine's disk. `normal`: acknowledged without waiting for the disk;
   * a power cut can take the last commands, never tear the file. A process that is killed loses nothing in either mode.
   */
  readonly durability?: 'full' | 'normal' | undefined
  /** Bytes that the log's file may have, at least 65,536; default: what the disk holds. Beyond it commands fail with `store_full`. */
  readonly bytesMax?: number | undefined
  /** Bytes that all cached values may have together, at least 65,536; what was written the longest ago is dropped. Default 64 MiB. */
  readonly cacheBytesMax?: number | undefined
  /**
   * Lets `rewrite` and `reset` of the event store change what is stored; default: they are refused.
   * Reference: docs/reference/event-store.md.
   */
  readonly allowRewriting?: boolean | undefined
}
const cacheBytesDefault = 64 * 1024 * 1024

/**
 * A store in one file, for one process at a time. Folder and file are made when they are missing.
 * Errors when the app starts: `store_locked`, `store_foreign`, `store_newer`, `schema_drift`, `migration_failed`, `store_read_only`,
 * `store_full`, `store_unavailable`.
 * Reference: docs/reference/sqlite.md.
 */
export function sqlite(path: string, options: SqliteOptions = {}): Backend {
  checkOptions(options, ['durability', 'bytesMax', 'cacheBytesMax', 'allowRewriting'], 'sqlite()')
  if (path === '' || path === ':memory:')
    throw new Error(`Expected the path of a file, received "${path}". For a store in memory use memory().`)
  const { durability = 'full', bytesMax, cacheBytesMax = cacheBytesDefault, allowRewriting = false } = options
  if (durability !== 'full' && durability !== 'normal')
    throw new Error(`Expected durability "full" or "normal", received "${String(durability)}".`)
  if (bytesMax !== undefined) checkBytes(bytesMax, 'bytesMax')
  checkBytes(cacheBytesMax, 'cacheBytesMax')
  const crash = crashPointOf(options, crashSteps, 'sqlite()')
  const settings = { writing: { durability, bytesMax, crash }, cacheBytesMax, allowRewriting }
  return { backend: 'sqlite', open: (runtime) => openSqlite(resolve(path), settings, runtime) }
}

function checkBytes(bytes: number, option: string): void {
  if (!(Number.isSafeInteger(bytes) && bytes >= 65_536))
    throw new Error(`Expected ${option} to be a whole number of at least 65,536, received ${bytes}.`)
}

interface Settings {
  readonly writing: WritingOptions
  readonly cacheBytesMax: number
  readonly allowRewriting: boolean
}

async function openSqlite(
  given: string,
  { writing, cacheBytesMax, allowRewriting }: Settings,
  runtime: BackendRuntime,
): Promise<OpenBackend> {
  makeFolder(given)
  const path = realPath(given)
  const lock = lockOwner(path, runtime.clock)
  try {
    const identity = await migrate(path, writing, runtime)
    const reader = createReadingThreads()
    const newIdentity = () => newLogIdentity(runtime.ids)
    const events = createSqliteEventStore({ path, identity, newIdentity, writing, allowRewriting, reader })
    const readModels = createSqliteReadModelStore({ path, reader, crash: writing.crash })
    const side = createSideThread(path)
    // Objects pass whole through a thread of their own, and caches and logs never wait for the disk: neither holds a lease up.
    const bulk = createSideThread(path)
    const light = createSideThread(path)
    const beside = {
      commandLog: createSqliteCommandLog({ path, events, reader }),
      audit: createSqliteAuditLog({ path, events, reader }),
      outbox: createSqliteOutboxStore({ path, reader, writer: events.writer }),
      jobs: createSqliteJobStore({ path, reader, writer: events.writer, clock: runtime.clock }),
      snapshots: createSqliteSnapshotStore(side.store('snapshots')),
      leases: createSqliteLeaseStore(side.store('leases')),
      keys: createSqliteKeyStore(side.store('keys')),
      credentials: createSqliteCredentialStore(side.store('credentials')),
      data: createSqliteDataStore(bulk.store('data'), runtime.clock),
      cache: createSqliteCacheStore(light.store('cache'), runtime.clock, cacheBytesMax),
      log: createSqliteLogStore(light.store('log'), runtime.clock),
      seen: createSqliteSeenStore(light.store('seen')),
    }
    const close = async (): Promise<void> => {
      const parts = [...Object.values(beside), readModels, events].map((part) => part[Symbol.asyncDispose]())
      const closed = await Promise.allSettled([...parts, side.close(), bulk.close(), light.close()])
      // Last, when nothing here writes any more, and also when something could not be closed.
      lock[Symbol.dispose]()
      for (const part of closed) if (part.status === 'rejected') throw part.reason
    }
    let closing: Promise<void> | undefined
    return {
      events,
      readModels,
      ...beside,
      durability: writing.durability,
      domainTables: createDomainTables(path, { durability: writing.durability }),
      [Symbol.asyncDispose]: () => (closing ??= close()),
    }
  } catch (error) {
    lock[Symbol.dispose]()
    throw storeError(error, path)
  }
}
