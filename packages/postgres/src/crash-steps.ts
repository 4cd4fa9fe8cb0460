// The steps at which a process can be made to end, for proofs of what is left then: a connection that watches the appends that go over
// it. Without a crash point the store's connections are the driver's own.
import { createCrash, endProcess } from '@gesta/core/ports'
import type { CrashPoint, CrashStep } from '@gesta/core/ports'
import type { Connection, Server } from './driver.ts'

export const crashSteps: readonly CrashStep[] = ['sending', 'sent', 'answered']

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
