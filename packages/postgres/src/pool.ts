// Connections for everything but appends: short statements that each may run on another one. What only reads is tried again when its
// connection broke, because reading twice is harmless.
import { backoffMs, storeClosed } from '@gesta/core/ports'
import type { Clock, Ids } from '@gesta/core/ports'
import { Pool as Clients } from 'pg'
import type { PoolClient } from 'pg'
import { createGate } from './gate.ts'
import { clientConfig, prepareSession, queryRows } from './driver.ts'
import type { Row, Server, Value } from './driver.ts'
import { isOfServer, isPassing, refusalState, storeError } from './postgres-errors.ts'
import { openTransaction, queryNamed, queryTransaction } from './transactions.ts'
import type { NamedRow, OpenTransaction, Statement, TransactionOutcome } from './transactions.ts'

/** How statements that write go over a client. */
export interface Sending {
  readonly rows: typeof queryRows
  readonly transaction: typeof queryTransaction
}

export interface PoolOptions {
  readonly server: Server
  /** For errors. */
  readonly place: string
  readonly connectionsMax: number
  readonly clock: Clock
  readonly ids: Ids
  /** Milliseconds in which a read is tried again while the server cannot be reached. */
  readonly retryForMs: number
  /** Default: as they are. */
  readonly sending?: Sending | undefined
}
export interface Pool {
  /** A statement that only reads. Errors: `store_*`. */
  read(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
  /** The same for one that may take long: some connections are left to all others, so that no owner loses its lease over it. */
  readLong(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
  /** A statement that writes: tried again only while it certainly was not done. Errors: `store_*`. */
  write(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
  /** Statements that write, in one transaction that is sent at once. Errors: `store_*`, when it was not done or may be done. */
  transaction(statements: readonly Statement[]): Promise<TransactionOutcome>
  /** A transaction of several steps. `work` may run again, while the one before certainly has changed nothing. Errors: `store_*`. */
  open<Result>(work: (transaction: OpenTransaction) => Promise<Result>): Promise<Result>
  /** A statement of a user's that cannot write, and may take long; its rows by the names of their columns. Errors: `store_*`. */
  select(sql: string, values: readonly Value[]): Promise<readonly NamedRow[]>
  close(): Promise<void>
}

const ignore = (): void => undefined
/** Connections that what may take long leaves to flushes, leases and short reads. */
const connectionsLeft = 2
const retryDelay = { firstMs: 20, maxMs: 500 }

export function createPool(options: PoolOptions): Pool {
  const { server, place, connectionsMax, clock, ids, retryForMs } = options
  const { sending = { rows: queryRows, transaction: queryTransaction } } = options
  const clients = new Clients({
    ...clientConfig(server),
    pipeline: true,
    max: connectionsMax,
    idleTimeoutMillis: 30_000,
    verify: (client, done) => void prepareSession(client, server).then(() => done(), done),
  })
  const long = createGate(Math.max(1, connectionsMax - connectionsLeft))
  let closing: Promise<void> | undefined
  // A connection that breaks while nobody uses it is replaced by the next statement. One that breaks while it is prepared or used fails
  // the statement, and tells it besides; the pool does not listen then, and what nobody listens to ends the process.
  clients.on('error', ignore)
  clients.on('connect', (client) => void client.on('error', ignore))

  const run = async <Result>(ask: (client: PoolClient) => Promise<Result>, isRead: boolean): Promise<Result> => {
    const endUs = clock.monotonicUs() + retryForMs * 1000
    for (let attempt = 1; ; attempt += 1) {
      if (closing !== undefined) throw storeClosed()
      let isSent = false
      try {
        const client = await clients.connect()
        isSent = true
        return await runOn(client, ask)
      } catch (error) {
        const mayTry = isPassing(error) && (isRead || !isSent || refusalState(error) !== undefined)
        if (!mayTry || clock.monotonicUs() >= endUs) throw storeError(error, place)
        await new Promise<void>((resolve) => clock.after(backoffMs(retryDelay, attempt, ids.random), resolve))
      }
    }
  }
  const runOn = async <Result>(client: PoolClient, ask: (client: PoolClient) => Promise<Result>): Promise<Result> => {
    try {
      const result = await ask(client)
      client.release()
      return result
    } catch (error) {
      client.release(refusalState(error) === undefined)
      throw error
    }
  }
  return {
    read: (sql, values) => run((client) => queryRows(client, sql, values), true),
    readLong: (sql, values) => long(() => run((client) => queryRows(client, sql, values), true)),
    write: (sql, values) => run((client) => sending.rows(client, sql, values), false),
    transaction: (statements) =>
      run(async (client) => {
        const outcome = await sending.transaction(client, statements)
        if (!('refusal' in outcome)) return outcome
        if (isOfServer(outcome.refusal)) throw outcome.refusal
        return { ...outcome, refusal: storeError(outcome.refusal, place) }
      }, false),
    open: (work) => run((client) => openTransaction(client, work), false),
    select: (sql, values) => long(() => run((client) => queryNamed(client, sql, values), true)),
    close: () => (closing ??= clients.end()),
  }
}
