// Lists, counts and distinct values over the log, for people and tools.
import { askCommandPage, askEventPage, pageLimit } from '@gesta/core/ports'
import type {
  CommandFilter,
  CommandRecord,
  EventField,
  EventFilter,
  LogIdentity,
  Page,
  PageRequest,
  StoredEvent,
  ValuesPage,
} from '@gesta/core/ports'
import { createWhere } from './conditions.ts'
import type { Where } from './conditions.ts'
import type { Row } from './driver.ts'
import { askCommands, askEvents, eventValue } from './list-conditions.ts'
import { eventColumns, recordColumns, toEvent, toRecord } from './log-rows.ts'
import { readPage } from './pages.ts'
import type { Pool } from './pool.ts'

export interface LogLists {
  events(filter: EventFilter, page: PageRequest | undefined, identity: LogIdentity): Promise<Page<StoredEvent>>
  totalEvents(filter: EventFilter): Promise<number>
  values(field: EventField, filter: EventFilter, page: ValuesPage): Promise<readonly string[]>
  commands(filter: CommandFilter, page: PageRequest | undefined, identity: LogIdentity): Promise<Page<CommandRecord>>
  totalCommands(filter: CommandFilter): Promise<number>
}

/** `s`: the schema, quoted. */
export function createLogLists({ read }: Pick<Pool, 'read'>, s: string): LogLists {
  const fromEvents = `FROM ${s}.events e JOIN ${s}.commits c ON c.commit_no = e.commit_no`
  const fromCommits = `FROM ${s}.commits c`
  const eventsWhere = (filter: EventFilter): Where => {
    const where = createWhere()
    askEvents(s, where, filter)
    return where
  }
  const commandsWhere = (filter: CommandFilter): Where => {
    const where = createWhere()
    askCommands(s, where, filter)
    return where
  }
  const total = async ({ count, from }: { count: string; from: string }, { sql, values }: Where): Promise<number> =>
    Number((await read(values.length === 0 ? count : `SELECT count(*) ${from} WHERE ${sql}`, values))[0]?.[0])
  const events = {
    columns: eventColumns,
    from: fromEvents,
    order: ['e.position'],
    // Numbers have no gaps.
    count: `SELECT coalesce(max(position), 0) FROM ${s}.events`,
    bytes: 'octet_length(e.data) + octet_length(c.context)',
    toItem: toEvent,
    keyOf: ({ position }: StoredEvent) => [position] as const,
  }
  const commands = {
    columns: recordColumns,
    from: fromCommits,
    order: ['c.commit_no'],
    // Whoever forgets some counts them.
    count: `SELECT coalesce(max(commit_no), 0) - (SELECT coalesce(sum(purged), 0)::bigint FROM ${s}.purges) FROM ${s}.commits`,
    bytes: 'octet_length(c.context) + coalesce(octet_length(c.payload), 0) + coalesce(octet_length(c.detail), 0)',
    keyOf: ({ commitNo }: CommandRecord) => [commitNo ?? 0] as const,
  }

  return {
    events: async (filter, page, identity) => {
      const asked = askEventPage(filter, page, identity)
      return readPage(read, { ...events, isDescending: filter.order === 'newest' }, eventsWhere(filter), asked)
    },
    totalEvents: (filter) => total(events, eventsWhere(filter)),
    values: async (field, filter, { after, limit }) => {
      const where = eventsWhere(filter)
      const value = eventValue(s, field)
      where.and(value, (sql) => `${sql} IS NOT NULL`)
      where.and(after, (text) => `${value} > ${where.bind(text)}`)
      const sql = `SELECT DISTINCT ${value} ${fromEvents} WHERE ${where.sql} ORDER BY 1 LIMIT ${where.bind(pageLimit(limit, 100))}`
      return (await read(sql, where.values)).map(([found]) => String(found))
    },
    commands: async (filter, page, identity) => {
      const asked = askCommandPage(filter, page, identity)
      const toItem = (row: Row): CommandRecord => toRecord(row, identity)
      const list = { ...commands, toItem, isDescending: filter.order !== 'oldest' }
      return readPage(read, list, commandsWhere(filter), asked)
    },
    totalCommands: (filter) => total(commands, commandsWhere(filter)),
  }
}
