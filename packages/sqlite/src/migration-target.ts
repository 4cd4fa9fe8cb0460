// The port of migrations on a store's file. The lock is the one that the store's writing process holds, so nobody migrates under it.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { findGestaError } from '@gesta/core/ports'
import type {
  AppliedMigration,
  LockAttempt,
  MigrationModule,
  MigrationSession,
  MigrationTarget,
} from '@gesta/core/ports'
import { addAuditChain } from './audit-chain-function.ts'
import { openForWriting, openPlain } from './database.ts'
import type { WritingOptions } from './database.ts'
import { domainsKind, storeKind } from './file-origin.ts'
import type { FileKind, MigratedFile } from './file-origin.ts'
import { applyMigration, readLedger } from './ledger.ts'
import { storeModules } from './migrations/index.ts'
import { lockOwner } from './owner-lock.ts'
import { realPath } from './real-path.ts'
import { storeError } from './sqlite-errors.ts'

export interface StoreTargetOptions {
  readonly path: string
  readonly kind: FileKind
  readonly writing: WritingOptions
  /** Takes the lock of the store, at once, or throws `store_locked`. */
  lock(): Disposable
}

/**
 * The file of a store for `runMigrations`, `dryRunMigrations` and `migrationStatus`, and the modules that the store itself has. Migrating
 * waits until the app that uses the store has stopped; looking does not. Reference: docs/reference/migrations.md.
 */
export function sqliteMigrations(path: string): {
  readonly target: MigrationTarget
  readonly modules: readonly MigrationModule[]
} {
  const file = realPath(resolve(path))
  const wallClock = { nowUs: () => Date.now() * 1000 }
  // The runner asks again, so a try does not wait.
  const lock = (): Disposable => lockOwner(file, wallClock, 0)
  const writing = { durability: 'full' } as const
  return { target: createStoreTarget({ path: file, kind: storeKind, writing, lock }), modules: storeModules }
}

/**
 * The tables that the domains of an app have of their own, in a file beside the store's, for a process that has the store's lock: nobody else
 * migrates them.
 */
export function createDomainTables(storePath: string, writing: WritingOptions): MigrationTarget {
  const lock = (): Disposable => ({ [Symbol.dispose]: () => undefined })
  return createStoreTarget({ path: `${storePath}.domains`, kind: domainsKind, writing, lock })
}

export function createStoreTarget({ path, kind, writing, lock }: StoreTargetOptions): MigrationTarget {
  const file = { path, kind }
  return {
    database: path,
    ledger: async () => explained(path, () => look(file)),
    tryLock: async () => {
      const held = tryToHold(lock)
      if ('heldBy' in held) return held
      try {
        return { session: explained(path, () => openSession(file, writing, held)) }
      } catch (error) {
        held[Symbol.dispose]()
        throw error
      }
    },
  }
}

/** Makes no file, and uses no setting, because those would change a file that is not ours. */
function look(file: MigratedFile): readonly AppliedMigration[] {
  const { path } = file
  if (!existsSync(path)) return []
  const db = openPlain(path)
  try {
    return readLedger(db, file)
  } finally {
    db.close()
  }
}

function openSession(file: MigratedFile, writing: WritingOptions, held: Disposable): MigrationSession {
  look(file)
  const { path } = file
  const db = openForWriting(path, writing)
  addAuditChain(db)
  return {
    ledger: async () => explained(path, () => readLedger(db, file)),
    apply: async (step, appliedAt) => explained(path, () => applyMigration(db, file, step, appliedAt)),
    [Symbol.asyncDispose]: async () => {
      db.close()
      held[Symbol.dispose]()
    },
  }
}

function tryToHold(lock: () => Disposable): Disposable | (LockAttempt & { readonly session: undefined }) {
  try {
    return lock()
  } catch (error) {
    const locked = findGestaError(error, 'store_locked')
    if (locked === undefined) throw error
    const { pid, host } = locked.facts
    return { session: undefined, heldBy: typeof pid === 'number' ? `process ${pid} on ${String(host)}` : undefined }
  }
}

function explained<T>(path: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw storeError(error, path)
  }
}
