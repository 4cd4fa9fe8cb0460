// A line to the server: one connection, opened when it is needed and again after it was lost. Statements are sent as they come.
import { storeClosed } from '@gesta/core/ports'
import type { Clock } from '@gesta/core/ports'
import { connect } from './driver.ts'
import type { Connection, Server } from './driver.ts'

/** Milliseconds from a failure to connect to the next attempt, which all wait for who ask meanwhile: a crowd does not storm a server that is down. */
const betweenAttemptsMs = 100

export interface Line {
  /** The connection, opened if there is none. Rejects with the driver's error, or `store_closed`. */
  connection(): Promise<Connection>
  /** Waits for the answers to what was sent. */
  close(): Promise<void>
}

/** `dial` opens a connection. */
export function createLine(server: Server, clock: Clock, dial: typeof connect = connect): Line {
  let opening: Promise<Connection> | undefined
  let closing: Promise<void> | undefined
  let mayDialUs = 0

  const dialInTurn = async (): Promise<Connection> => {
    const waitMs = (mayDialUs - clock.monotonicUs()) / 1000
    if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve))
    return dial(server)
  }
  const open = (): Promise<Connection> => {
    const opened = dialInTurn()
    opened.then(
      (connection) => connection.onLost(() => forget(opened)),
      () => {
        mayDialUs = clock.monotonicUs() + betweenAttemptsMs * 1000
        forget(opened)
      },
    )
    return opened
  }
  const forget = (one: Promise<Connection>): void => {
    if (opening === one) opening = undefined
  }
  const close = async (): Promise<void> => {
    const connection = await opening?.catch(() => undefined)
    await connection?.close()
  }
  return {
    connection: async () => {
      if (closing !== undefined) throw storeClosed()
      const connection = await (opening ??= open())
      return connection
    },
    close: () => (closing ??= close()),
  }
}
