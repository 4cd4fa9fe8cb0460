// The steps at which a process can be made to end, for proofs of what is left then: a connection that watches the appends that go over
// it, and a way for the pool to send the flushes of views. Without a crash point both are the driver's own.
import { createCrash, endProcess } from '@gesta/core/ports'
import type { CrashPoint, CrashStep } from '@gesta/core/ports'
import { queryRows } from './driver.ts'
import type { Connection, Server } from './driver.ts'
import type { Sending } from './pool.ts'
import { queryTransaction } from './transactions.ts'

export const flushSteps: readonly CrashStep[] = ['flush-sending', 'flush-sent', 'flush-answered']
export const crashSteps: readonly CrashStep[] = ['sending', 'sent', 'answered', ...flushSteps]

type Connect = (server: Server) => Promise<Connection>

/** The same way to connect; with a crash point an append ends the process when it comes to it. */
export function crashing(connect: Connect, point: CrashPoint | undefined): Connect {
  if (point === undefined) return connect
  const reached = createCrash(point, endProcess)
  return async (server) => {
    const connection = await connect(server)
    const query: Connection['query'] = async (sql, values) => {
      if (!sql.includes('.append(')) return connection.query(sql, values)
      reached('sending')
      // The driver hands a statement to the operating system before it returns.
      const answer = connection.query(sql, values)
      reached('sent')
      const rows = await answer
      reached('answered')
      return rows
    }
    return Object.create(connection, { query: { value: query } }) as Connection
  }
}

/** How the pool sends what writes; with a crash point a flush ends the process when it comes to it. */
export function crashingFlushes(point: CrashPoint | undefined): Sending | undefined {
  if (point === undefined) return undefined
  const reached = createCrash(point, endProcess)
  const watched = async <Result>(isFlush: boolean, send: () => Promise<Result>): Promise<Result> => {
    if (!isFlush) return send()
    reached('flush-sending')
    // All statements of a transaction are with the operating system before the driver returns.
    const answer = send()
    reached('flush-sent')
    const result = await answer
    reached('flush-answered')
    return result
  }
  const isFlush = (sql: string): boolean => sql.includes('.flush_view(')
  return {
    rows: (client, sql, values) => watched(isFlush(sql), () => queryRows(client, sql, values)),
    transaction: (client, statements) =>
      watched(
        statements.some(({ sql }) => isFlush(sql)),
        () => queryTransaction(client, statements),
      ),
  }
}
