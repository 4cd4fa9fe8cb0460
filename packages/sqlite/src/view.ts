// One view, opened: flushes and what operators ask go to the view thread, rows by key are read here, everything else by a reader thread.
import {
  checkClaim,
  checkFilter,
  checkFlush,
  checkParkedFilter,
  checkParkedRequest,
  checkRange,
  checkScan,
  pageLimit,
  pageOffset,
} from '@gesta/core/ports'
import type { Flush, OwnTables, View, ViewName } from '@gesta/core/ports'
import type { Cell } from './database.ts'
import { ownTable } from './own-sql.ts'
import type { ReadingThreads } from './reader.ts'
import { storeError } from './sqlite-errors.ts'
import type { Thread } from './thread.ts'
import { answerOf, callView } from './view-calls.ts'
import type { SentFlush, SentTables, ViewMessage } from './view-messages.ts'
import type { ViewQuestion, ViewReader } from './view-reader.ts'
import { quoted } from './view-tables.ts'

/** Rows by key that the main thread reads itself. */
const shortLoadMax = 200

/** What all that have a view open share. */
export interface OpenFile {
  readonly path: string
  readonly view: ViewName
  readonly rows: ViewReader
  /** Throws when the store was closed or the view removed. */
  check(): void
}
export interface ViewThreads {
  readonly thread: Thread
  readonly reader: ReadingThreads
  /** The id of a flush, which no other one ever had. */
  newFlush(): string
}

export async function createView(
  { path, view, rows, check }: OpenFile,
  { thread, reader, newFlush }: ViewThreads,
  tables: OwnTables | undefined,
): Promise<View> {
  const write = (message: ViewMessage): Promise<unknown> => callView(thread, message, check)
  const table = tableNames(view, tables?.names ?? [])
  if (tables !== undefined) await write({ do: 'open', path, view, tables: sent(tables, table) })
  const short = async <T>(read: () => T): Promise<T> => {
    check()
    try {
      return read()
    } catch (error) {
      throw storeError(error, path)
    }
  }
  /** Answers with what the reader's method of that name returns. */
  const long = async <Name extends ViewQuestion['ask']>(
    ask: Name,
    given: Parameters<ViewReader[Name]>,
    how: 'view' | 'viewScan',
  ): Promise<ReturnType<ViewReader[Name]>> => {
    const answer = await reader.call({ do: how, path, ofView: { ask, given } as ViewQuestion })
    return answerOf(answer) as ReturnType<ViewReader[Name]>
  }
  return {
    view,
    table,
    checkpoint: () => short(rows.checkpoint),
    load: async (keys) => {
      check()
      return keys.length <= shortLoadMax ? short(() => rows.load(keys)) : long('load', [keys], 'view')
    },
    get: (row) => short(() => rows.load([row])[0]),
    list: async (tenant, range) => {
      check()
      pageLimit(range.limit, 100)
      pageOffset(range.offset)
      checkRange(range)
      return long('list', [tenant, range], 'viewScan')
    },
    find: async (tenant, filter) => {
      check()
      pageLimit(filter.limit, 100)
      pageOffset(filter.offset)
      checkFilter(filter)
      return long('find', [tenant, filter], 'viewScan')
    },
    scan: async (page = {}) => {
      check()
      pageLimit(page.limit, 1_000)
      checkScan(page.after)
      return long('scan', [page], 'view')
    },
    parked: async (filter = {}) => {
      check()
      checkParkedFilter(filter)
      return long('parked', [filter], 'view')
    },
    totalParked: () => short(rows.totalParked),
    select: async (statement) => {
      check()
      if (tables === undefined) throw withoutTables(view)
      return long('select', [statement], 'viewScan')
    },
    flush: async (flush) => {
      check()
      checkFlush(flush)
      return (await write({ do: 'flush', path, view, flush: sentFlush(flush, newFlush()), again: false })) as boolean
    },
    claim: async (fencingToken) => {
      check()
      checkClaim(fencingToken)
      return (await write({ do: 'claim', path, view, fencingToken })) as boolean
    },
    askParked: async (request) => {
      check()
      checkParkedRequest(request)
      return (await write({ do: 'ask', path, view, request })) as number
    },
    reset: async () => {
      await write({ do: 'reset', path, view })
    },
  }
}

function sentFlush({ writes, ...flush }: Flush, id: string): SentFlush {
  const cells: Cell[] = []
  for (const { tenant, key, value } of writes) cells.push(tenant, key, value ?? null)
  return { ...flush, id, cells }
}

function sent({ names, create }: OwnTables, table: (name: string) => string): SentTables {
  return { names, create: create(table) }
}

function tableNames(view: ViewName, names: readonly string[]): (name: string) => string {
  return (name) => {
    if (names.includes(name)) return quoted(ownTable(name))
    throw new Error(
      `Expected a table of the read model ${view.name}, received "${name}". It has ${names.length === 0 ? 'none' : names.join(', ')}: name it in its tables.`,
    )
  }
}

function withoutTables({ name }: ViewName): Error {
  return new Error(`Expected the read model ${name} to have tables of its own, but it has none. Define them with it.`)
}
