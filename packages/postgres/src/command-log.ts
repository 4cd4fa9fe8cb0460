// The command log on PostgreSQL: the headers that commits left in the log, each with its detail, read back.
import {
  checkCommandFilter,
  checkCommandKey,
  decodeDetail,
  encodeDetail,
  purgeOf,
  redactedDetail,
} from '@gesta/core/ports'
import type { CommandLog, EventStore } from '@gesta/core/ports'
import { textArray } from './binary-arrays.ts'
import { purgeScope } from './list-conditions.ts'
import { createLogLists } from './log-lists.ts'
import { detailOf, toRecord } from './log-rows.ts'
import type { LogSql } from './log-rows.ts'
import type { Pool } from './pool.ts'

/** `events` is that of the same log. `schema` is quoted. */
export function createPostgresCommandLog(
  events: Pick<EventStore, 'identity'>,
  pool: Pool,
  schema: string,
  sql: LogSql,
): CommandLog {
  const lists = createLogLists(pool, schema)
  const rowOf = async (tenant: string, commandId: string) => {
    checkCommandKey(tenant, commandId)
    return (await pool.read(sql.record, [tenant, commandId]))[0]
  }
  return {
    info: async () => {
      const items = await lists.totalCommands({})
      return { store: 'command-log', backend: 'postgres', readOnly: false, items, details: {} }
    },
    get: async (tenant, commandId) => {
      const row = await rowOf(tenant, commandId)
      return row && toRecord(row, events.identity)
    },
    list: async (filter, page) => {
      checkCommandFilter(filter)
      return lists.commands(filter, page, events.identity)
    },
    total: async (filter = {}) => {
      checkCommandFilter(filter)
      return lists.totalCommands(filter)
    },
    redact: async (tenant, commandId) => {
      const row = await rowOf(tenant, commandId)
      const detail = row && decodeDetail(...detailOf(row))
      // Nothing else changes a detail but what forgets it.
      if (detail !== undefined) await pool.write(sql.redact, [tenant, commandId, encodeDetail(redactedDetail(detail))])
      return row !== undefined
    },
    purge: async (request) => {
      const purge = purgeOf(request)
      const { before, tenant, statuses, limit } = purge
      const scope = purgeScope(purge)
      let purged = 0
      let from: number | null = 0
      while (from !== null) {
        const values = [scope, tenant ?? null, textArray(statuses), before, limit - purged, from]
        const [[step] = []] = await pool.write(sql.purge, values)
        const [forgotten, next] = step as readonly [number, number | null]
        purged += forgotten
        from = next
      }
      return purged
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}
