// One store's way to the server: statements over the pool that all stores share, until this store is closed.
import { storeClosed } from '@gesta/core/ports'
import type { Row, Value } from './driver.ts'
import type { Pool } from './pool.ts'
import type { OpenTransaction } from './transactions.ts'

export interface StoreAccess {
  /** Quoted. */
  readonly schema: string
  /** A statement that only reads. Errors: `store_*`. */
  read(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
  /** A statement that writes; when its answer is lost it may be done or not. Errors: `store_*`. */
  write(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
  /** Refuses what comes from now on. The pool stays open. */
  close(): void
}

/** The way of a store whose changes depend on what they have read. */
export interface DecidingAccess extends StoreAccess {
  /** A transaction of several steps; when its last answer is lost it may be done or not. Errors: `store_*`. */
  transaction<Result>(work: (transaction: OpenTransaction) => Promise<Result>): Promise<Result>
}

export function createStoreAccess(pool: Pool, schema: string): DecidingAccess {
  let closed = false
  const open = (): void => {
    if (closed) throw storeClosed()
  }
  return {
    schema,
    read: async (sql, values) => {
      open()
      return pool.read(sql, values)
    },
    write: async (sql, values) => {
      open()
      return pool.write(sql, values)
    },
    transaction: async (work) => {
      open()
      return pool.open(work)
    },
    close: () => {
      closed = true
    },
  }
}
