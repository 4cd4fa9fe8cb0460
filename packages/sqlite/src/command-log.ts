// The command log on SQLite: the headers that commits left in the log's file, each with its detail, read back.
import { askCommandPage, checkCommandFilter, checkCommandKey, pageOf, purgeOf, storeClosed } from '@gesta/core/ports'
import type { CommandLog } from '@gesta/core/ports'
import type { SqliteEventStore } from './event-store.ts'
import { recordAt, recordCells } from './log-rows.ts'
import type { ListedCells, ReadingThreads } from './reader.ts'
import { unflattenRows } from './row-cells.ts'

export interface SqliteCommandLogParts {
  readonly path: string
  /** Of the same file: what writes it, and reads single records. */
  readonly events: SqliteEventStore
  /** The event store's, which ends with that one. */
  readonly reader: ReadingThreads
}

export function createSqliteCommandLog({ path, events, reader }: SqliteCommandLogParts): CommandLog {
  let closed = false
  const total: CommandLog['total'] = async (filter = {}) => {
    checkCommandFilter(filter)
    return (await reader.call({ do: 'totalCommands', path, filter })) as number
  }
  return {
    info: async () => {
      const { readOnly } = await events.info()
      return { store: 'command-log', backend: 'sqlite', readOnly, items: await total(), details: {} }
    },
    get: events.record,
    list: async (filter, page) => {
      checkCommandFilter(filter)
      const asked = askCommandPage(filter, page, events.identity)
      const listed = (await reader.call({ do: 'commands', path, filter, asked })) as ListedCells
      const records = unflattenRows(listed.cells, recordCells, (cells, at) => recordAt(cells, at, events.identity))
      return pageOf({ ...asked, limit: listed.limit }, records, ({ commitNo }) => [commitNo ?? 0], listed.total)
    },
    total,
    redact: async (tenant, commandId) => {
      checkCommandKey(tenant, commandId)
      if (closed) throw storeClosed()
      return events.writer.redact(tenant, commandId)
    },
    purge: async (request) => {
      const purge = purgeOf(request)
      const old = (await reader.call({ do: 'oldRecords', path, purge })) as readonly number[]
      if (closed) throw storeClosed()
      return events.writer.forget('forgetRecords', old)
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}
