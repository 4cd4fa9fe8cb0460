// Parked events of a view: written by the view thread, in flushes and for operators, and read by whoever asks.
import { discardedMax, pageLimit } from '@gesta/core/ports'
import type { ParkedEvent, ParkedFilter, ParkedRequest } from '@gesta/core/ports'
import { allRows, firstRow, prepareRows } from './database.ts'
import type { Cell, Database, Row } from './database.ts'

export interface ParkedReader {
  parked(filter: ParkedFilter): readonly ParkedEvent[]
  totalParked(): number
}
/** To be called in a transaction. */
export interface ParkedWriter {
  settle(park: readonly ParkedEvent[], unpark: readonly number[]): void
  /** How many events that wait it concerns. */
  ask(request: ParkedRequest): number
}

const columns = 'position, tenant, key, event_id, type, rows, attempts, error, parked_at, asked, reason, discarded'
const countWaiting = 'SELECT count(*) FROM parked WHERE discarded = 0'
const writeParked = `INSERT OR REPLACE INTO parked (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const removeParked = 'DELETE FROM parked WHERE position = ?'
const removeOldest = `DELETE FROM parked WHERE discarded = 1 AND position <=
  (SELECT position FROM parked WHERE discarded = 1 ORDER BY position DESC LIMIT 1 OFFSET ${discardedMax})`
const askRetry = `UPDATE parked SET asked = 'retry', reason = NULL WHERE tenant = ? AND key = ? AND discarded = 0`
const askDiscard = `UPDATE parked SET asked = 'discard', reason = ? WHERE position = ? AND discarded = 0`

export function createParkedReader(db: Database): ParkedReader {
  const waiting = prepareRows(db, countWaiting)
  return {
    parked: ({ tenant, key, discarded = false, asked, after = 0, limit }) => {
      const where = ['discarded = ?', 'position > ?']
      const values: Cell[] = [discarded ? 1 : 0, after]
      if (tenant !== undefined) {
        where.push('tenant = ?')
        values.push(tenant)
      }
      if (key !== undefined) {
        where.push('key = ?')
        values.push(key)
      }
      if (asked !== undefined) where.push(asked ? 'asked IS NOT NULL' : 'asked IS NULL')
      const sql = `SELECT ${columns} FROM parked WHERE ${where.join(' AND ')} ORDER BY position LIMIT ?`
      return allRows(prepareRows(db, sql), ...values, pageLimit(limit, 100)).map(toParked)
    },
    totalParked: () => Number(firstRow(waiting)?.[0]),
  }
}

export function createParkedWriter(db: Database): ParkedWriter {
  const write = db.prepare(writeParked)
  const remove = db.prepare(removeParked)
  const trim = db.prepare(removeOldest)
  const retry = db.prepare(askRetry)
  const discard = db.prepare(askDiscard)
  return {
    settle: (park, unpark) => {
      for (const position of unpark) remove.run(position)
      for (const event of park) write.run(...toCells(event))
      if (park.some(({ discarded }) => discarded)) trim.run()
    },
    ask: (request) =>
      Number(
        request.ask === 'retry'
          ? retry.run(request.tenant, request.key).changes
          : discard.run(request.reason, request.position).changes,
      ),
  }
}

function toCells(event: ParkedEvent): readonly Cell[] {
  const { position, tenant, key, eventId, type, rows, attempts, error, parkedAt, asked, reason, discarded } = event
  return [
    position,
    tenant,
    key,
    eventId,
    type,
    JSON.stringify(rows),
    attempts,
    error ?? null,
    parkedAt,
    asked ?? null,
    reason ?? null,
    discarded ? 1 : 0,
  ]
}

function toParked(row: Row): ParkedEvent {
  const [position, tenant, key, eventId, type, rows, attempts, error, parkedAt, asked, reason, discarded] = row
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
    asked: asked === null ? undefined : (asked as ParkedEvent['asked']),
    reason: reason === null ? undefined : String(reason),
    discarded: discarded === 1,
  }
}
