// One view on PostgreSQL: a table of rows, a place and a fence in checkpoints, parked events, and tables of its own.
import {
  checkClaim,
  checkFilter,
  checkParkedFilter,
  checkParkedRequest,
  checkRange,
  checkScan,
  viewRemoved,
} from '@gesta/core/ports'
import type { OwnTables, RowKey, View, ViewName } from '@gesta/core/ports'
import { checkOwnStatement, ownError, tableNames } from './own-sql.ts'
import type { Pool } from './pool.ts'
import { noSuchView, stateOf, undefinedTable } from './postgres-errors.ts'
import { createFlusher, keysOf, tenantsOf } from './view-flush.ts'
import { createViewLists } from './view-lists.ts'
import { askValues, listParked } from './view-parked.ts'
import { viewSql } from './view-sql.ts'

export interface ViewPlace {
  readonly pool: Pool
  /** Quoted. */
  readonly schema: string
  readonly id: number
  /** Throws when the store was closed. */
  checkOpen(): void
  /** Views that this process knows to be removed. */
  readonly removed: Set<number>
}

export function createPostgresView(place: ViewPlace, view: ViewName, tables: OwnTables | undefined): View {
  const { pool, schema, id, checkOpen, removed } = place
  const sql = viewSql(schema, id)
  const lists = createViewLists(pool, schema, id)
  const flusher = createFlusher(pool, sql)
  const table = tableNames(schema, id, view, tables)
  const checkThere = (): void => {
    checkOpen()
    if (removed.has(id)) throw viewRemoved(view)
  }
  const gone = (): Error => {
    removed.add(id)
    return viewRemoved(view)
  }
  /** Another process may have removed the view: then its table is gone, and its row in views. */
  const asked = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
    checkThere()
    try {
      return await ask()
    } catch (error) {
      const state = stateOf(error)
      if (state === noSuchView) throw gone()
      if (state === undefinedTable && (await pool.read(sql.isThere)).length === 0) throw gone()
      throw error
    }
  }
  const load = (keys: readonly RowKey[]): Promise<readonly (string | undefined)[]> =>
    asked(async () => {
      const found: (string | undefined)[] = keys.map(() => undefined)
      if (keys.length === 0) return found
      for (const [number, value] of await pool.read(sql.load, [tenantsOf(keys), keysOf(keys)]))
        found[Number(number) - 1] = String(value)
      for (const [at, row] of keys.entries()) if (found[at] === undefined) flusher.missing(row)
      return found
    })
  const flag = async (statement: string, values: readonly number[]): Promise<boolean> =>
    (await pool.write(statement, values))[0]?.[0] === true

  return {
    view,
    table,
    checkpoint: () =>
      asked(async () => {
        const [found] = await pool.read(sql.checkpoint)
        if (found === undefined) throw gone()
        const [incarnation, position, eventId] = found
        if (position === null) return undefined
        return { incarnation: String(incarnation), position: Number(position), eventId: String(eventId) }
      }),
    load,
    get: async (key) => (await load([key]))[0],
    list: (tenant, range) =>
      asked(async () => {
        checkRange(range)
        return lists.list(tenant, range)
      }),
    find: (tenant, filter) =>
      asked(async () => {
        checkFilter(filter)
        return lists.find(tenant, filter)
      }),
    scan: ({ after, limit } = {}) =>
      asked(async () => {
        checkScan(after)
        return lists.scan(after, limit)
      }),
    flush: (flush) => asked(() => flusher.flush(flush)),
    claim: (fencingToken) =>
      asked(async () => {
        checkClaim(fencingToken)
        return flag(sql.claim, [fencingToken])
      }),
    parked: (filter = {}) =>
      asked(async () => {
        checkParkedFilter(filter)
        const events = await listParked(pool, schema, id, filter)
        if (events === undefined) throw gone()
        return events
      }),
    totalParked: () =>
      asked(async () => {
        const [row] = await pool.read(sql.totalParked)
        if (row === undefined) throw gone()
        return Number(row[0])
      }),
    askParked: (request) =>
      asked(async () => {
        checkParkedRequest(request)
        return Number((await pool.write(sql.askParked, askValues(request)))[0]?.[0])
      }),
    select: ({ text, values }) =>
      asked(async () => {
        checkOwnStatement(text, 'select')
        return pool.select(text, values)
      }).catch((error: unknown) => {
        throw ownError(error, text)
      }),
    reset: () =>
      asked(async () => {
        await pool.write(sql.empty)
      }),
  }
}
