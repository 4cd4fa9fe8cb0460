// Parked events of one view: its rows in the table that all views share.
import { pageLimit } from '@gesta/core/ports'
import type { ParkedEvent, ParkedFilter, ParkedRequest } from '@gesta/core/ports'
import { createWhere } from './conditions.ts'
import type { Row, Value } from './driver.ts'
import type { Pool } from './pool.ts'

/** In the order of the log; `undefined` for a view that was removed. `s`: the schema, quoted. */
export async function listParked(
  pool: Pool,
  s: string,
  id: number,
  { tenant, key, discarded = false, asked, after = 0, limit }: ParkedFilter,
): Promise<readonly ParkedEvent[] | undefined> {
  const where = createWhere()
  where.and(id, (of) => `view_id = ${where.bind(of)}`)
  where.and(after, (position) => `position > ${where.bind(position)}`)
  where.and(discarded, (is) => `discarded = ${where.bind(is)}`)
  where.and(tenant, (text) => `tenant = ${where.bind(text)}`)
  where.and(key, (text) => `key = ${where.bind(text)}`)
  where.and(asked, (is) => `(asked IS NOT NULL) = ${where.bind(is)}`)
  const rows = await pool.read(
    `SELECT p.position, p.parked_at, p.attempts, p.discarded, p.tenant, p.key, p.event_id, p.type, p.rows, p.error, p.asked, p.reason
      FROM ${s}.views w LEFT JOIN (
        SELECT * FROM ${s}.parked WHERE ${where.sql} ORDER BY position LIMIT ${where.bind(pageLimit(limit, 100))}
      ) p ON true WHERE w.id = ${where.bind(id)} ORDER BY p.position`,
    where.values,
  )
  if (rows.length === 0) return undefined
  // A view without such events is one row of nulls.
  return rows.flatMap((row) => (row[0] === null ? [] : [toParked(row)]))
}

export function askValues(request: ParkedRequest): readonly Value[] {
  return request.ask === 'retry'
    ? ['retry', request.tenant, request.key, null, null]
    : ['discard', null, null, request.position, request.reason]
}

function toParked(row: Row): ParkedEvent {
  const [position, parkedAt, attempts, discarded, tenant, key, eventId, type, rows, error, asked, reason] = row
  return {
    position: Number(position),
    tenant: String(tenant),
    key: String(key),
    eventId: String(eventId),
    type: String(type),
    rows: JSON.parse(String(rows)) as readonly string[],
    attempts: Number(attempts),
    error: error === null ? undefined : String(error),
    parkedAt: Number(parkedAt),
    asked: asked === 'retry' || asked === 'discard' ? asked : undefined,
    reason: reason === null ? undefined : String(reason),
    discarded: discarded === true,
  }
}
