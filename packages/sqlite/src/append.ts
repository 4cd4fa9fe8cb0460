// Writing that survives its connection: after an I/O error it is opened again, and what was being written is written again under the
// same ids, because nothing else can tell whether it is stored. Runs in the writer thread.
import { GestaError } from '@gesta/core/ports'
import type { EventRewrite, LogIdentity, Verdict } from '@gesta/core/ports'
import type { WrittenCommit } from './commit-cells.ts'
import type { Database } from './database.ts'
import type { SentExchange, SentExchanged } from './job-cells.ts'
import { CommitFailed, createLogWriter } from './log-writer.ts'
import type { LogChange, LogWriter } from './log-writer.ts'
import { storeError } from './sqlite-errors.ts'

/** As in `LogWriter`; all throw when nothing was stored, or `outcome_unknown`. */
export interface Appender {
  append(group: readonly WrittenCommit[], again: boolean): readonly Verdict[]
  rewrite(rewrite: EventRewrite, again: boolean): Verdict | undefined
  change(change: LogChange, again: boolean): number
  exchange(exchange: SentExchange, again: boolean): SentExchanged
  reset(identity: LogIdentity): void
  fork(identity: LogIdentity): void
  close(): void
}

/** An appender on a connection that it opens for the first write, and again after an I/O error. `path` is for errors. */
export function createAppender(open: () => Database, path: string): Appender {
  // None before the first write, and none while it cannot be opened again: the next write tries.
  let connection: LogWriter | undefined
  const disconnect = (): void => {
    const left = connection
    connection = undefined
    left?.close()
  }
  const settled = <Result>(write: (log: LogWriter, again: boolean) => Result, again: boolean): Result => {
    try {
      connection ??= createLogWriter(open())
      return write(connection, again)
    } catch (error) {
      if (!(error instanceof CommitFailed)) throw storeError(error, path)
      // Whether it is on disk cannot be known from here: only writing it again under the same ids can tell.
      try {
        disconnect()
        connection = createLogWriter(open())
        return write(connection, true)
      } catch (cause) {
        const message = `Expected ${path} to say whether the commits were stored, but the disk failed while they were written. Look at the disk, then send the commands again under the same ids.`
        throw new GestaError('outcome_unknown', message, { cause, facts: { path } })
      }
    }
  }
  return {
    append: (group, again) => settled((log, anew) => log.append(group, anew), again),
    rewrite: (rewrite, again) => settled((log, anew) => log.rewrite(rewrite, anew), again),
    change: (change, again) => settled((log, anew) => log.change(change, anew), again),
    exchange: (exchange, again) => settled((log, anew) => log.exchange(exchange, anew), again),
    reset: (identity) => settled((log) => log.reset(identity), false),
    fork: (identity) => settled((log) => log.fork(identity), false),
    close: disconnect,
  }
}
