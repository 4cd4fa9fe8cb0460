// The command log on SQLite: the headers that commits left in the log's file, read back.
import { askCommandPage, checkCommandFilter, pageOf } from '@gesta/core/ports'
import type { CommandLogStore, EventStore } from '@gesta/core/ports'
import { headerAt, headerCells } from './log-rows.ts'
import type { ListedCells, ReadingThreads } from './reader.ts'
import { unflattenRows } from './row-cells.ts'

export interface SqliteCommandLogStoreOptions {
  readonly path: string
  /** Of the same file; single headers are read through it. */
  readonly events: EventStore
  /** The event store's, which ends with that one. */
  readonly reader: ReadingThreads
}

export function createSqliteCommandLogStore({ path, events, reader }: SqliteCommandLogStoreOptions): CommandLogStore {
  const total: CommandLogStore['total'] = async (filter = {}) => {
    checkCommandFilter(filter)
    return (await reader.call({ do: 'totalCommands', path, filter })) as number
  }
  return {
    info: async () => {
      const { readOnly, details } = await events.info()
      return { store: 'command-log', backend: 'sqlite', readOnly, items: Number(details['commits']), details: {} }
    },
    get: events.header,
    list: async (filter, page) => {
      checkCommandFilter(filter)
      const asked = askCommandPage(filter, page, events.identity)
      const listed = (await reader.call({ do: 'commands', path, filter, asked })) as ListedCells
      const headers = unflattenRows(listed.cells, headerCells, headerAt)
      return pageOf({ ...asked, limit: listed.limit }, headers, ({ commitNo }) => [commitNo], listed.total)
    },
    total,
    [Symbol.asyncDispose]: async () => undefined,
  }
}
