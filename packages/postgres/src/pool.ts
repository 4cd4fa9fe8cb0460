// Connections for everything but appends: short statements that each may run on another one. What only reads is tried again when its
// connection broke, because reading twice is harmless.
import { backoffMs, storeClosed } from '@gesta/core/ports'
import type { Clock, Ids } from '@gesta/core/ports'
import { Pool as Clients } from 'pg'
import type { PoolClient } from 'pg'
import { clientConfig, prepareSession, queryRows } from './driver.ts'
import type { Row, Server, Value } from './driver.ts'
import { isPassing, refusalState, storeError } from './postgres-errors.ts'

export interface PoolOptions {
  readonly server: Server
  /** For errors. */
  readonly place: string
  readonly connectionsMax: number
  readonly clock: Clock
  readonly ids: Ids
  /** Milliseconds in which a read is tried again while the server cannot be reached. */
  readonly retryForMs: number
}
export interface Pool {
  /** A statement that only reads. Errors: `store_*`. */
  read(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
  /** A statement that writes: tried again only while it certainly was not done. Errors: `store_*`. */
  write(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
  close(): Promise<void>
}

const ignore = (): void => undefined
const retryDelay = { firstMs: 20, maxMs: 500 }

export function createPool({ server, place, connectionsMax, clock, ids, retryForMs }: PoolOptions): Pool {
  const clients = new Clients({
    ...clientConfig(server),
    max: connectionsMax,
    idleTimeoutMillis: 30_000,
    verify: (client, done) => void prepareSession(client, server).then(() => done(), done),
  })
  let closing: Promise<void> | undefined
  // A connection that breaks while nobody uses it is replaced by the next statement. One that breaks while it is prepared or used fails
  // the statement, and tells it besides; the pool does not listen then, and what nobody listens to ends the process.
  clients.on('error', ignore)
  clients.on('connect', (client) => void client.on('error', ignore))

  const run = async (sql: string, values: readonly Value[] | undefined, isRead: boolean): Promise<readonly Row[]> => {
    const endUs = clock.monotonicUs() + retryForMs * 1000
    for (let attempt = 1; ; attempt += 1) {
      if (closing !== undefined) throw storeClosed()
      let isSent = false
      try {
        const client = await clients.connect()
        isSent = true
        return await runOn(client, sql, values)
      } catch (error) {
        const mayTry = isPassing(error) && (isRead || !isSent || refusalState(error) !== undefined)
        if (!mayTry || clock.monotonicUs() >= endUs) throw storeError(error, place)
        await new Promise<void>((resolve) => clock.after(backoffMs(retryDelay, attempt, ids.random), resolve))
      }
    }
  }
  const runOn = async (
    client: PoolClient,
    sql: string,
    values: readonly Value[] | undefined,
  ): Promise<readonly Row[]> => {
    try {
      const rows = await queryRows(client, sql, values)
      client.release()
      return rows
    } catch (error) {
      client.release(refusalState(error) === undefined)
      throw error
    }
  }
  return {
    read: (sql, values) => run(sql, values, true),
    write: (sql, values) => run(sql, values, false),
    close: () => (closing ??= clients.end()),
  }
}
