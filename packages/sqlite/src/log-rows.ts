// Rows of the log as what the port calls them, and the statements that read them.
import type { OutcomeKind, StoredEvent, StoredHeader } from '@gesta/core/ports'
import type { Row } from './database.ts'

const eventColumns =
  'e.position, e.commit_no, c.command_id, e.idx, e.tenant, e.aggregate_type, e.aggregate_id, e.version, e.type, e.schema_version, e.data, c.context, c.recorded_at'
// CROSS JOIN keeps the order of the tables: events by their index, then each one's commit by its row number.
const fromEvents = 'FROM events e CROSS JOIN commits c ON c.commit_no = e.commit_no'
const ofStream = 'e.tenant = ? AND e.aggregate_type = ? AND e.aggregate_id = ?'

export const readStreamForwards: string = `SELECT ${eventColumns} ${fromEvents} WHERE ${ofStream} AND e.version > ? ORDER BY e.version LIMIT ?`
export const readStreamBackwards: string = `SELECT ${eventColumns} ${fromEvents} WHERE ${ofStream} AND e.version < ? ORDER BY e.version DESC LIMIT ?`
/** The last column is the last position of the event's commit. */
export const readAllAfter: string = `SELECT ${eventColumns}, c.position ${fromEvents} WHERE e.position > ? ORDER BY e.position`
export const readVersion =
  'SELECT max(version) FROM events WHERE tenant = ? AND aggregate_type = ? AND aggregate_id = ?'
export const readHead = 'SELECT max(position) FROM events'
export const readLastCommit = 'SELECT max(commit_no) FROM commits'

const headerColumns =
  'c.tenant, c.command_id, c.command_type, c.outcome, c.answer, c.version, c.fingerprint, c.commit_no, c.position, c.event_count, c.recorded_at, c.context'
export const readHeader: string = `SELECT ${headerColumns} FROM commits c WHERE c.tenant = ? AND c.command_id = ?`
/** The last column is the fingerprint that was stored with the key. */
export const readHeaderByKey: string = `SELECT ${headerColumns}, i.fingerprint FROM idempotency i JOIN commits c ON c.commit_no = i.commit_no WHERE i.tenant = ? AND i.sender = ? AND i.command_type = ? AND i.key = ?`
export const readMessages = 'SELECT type, schema_version, data FROM outbox WHERE commit_no = ? ORDER BY idx'
export const readJobs = 'SELECT type, data FROM jobs WHERE commit_no = ? ORDER BY idx'
export const readAudit = 'SELECT action, data FROM audit WHERE commit_no = ? ORDER BY idx'

export function toEvent(row: Row): StoredEvent {
  const [
    position,
    commitNo,
    commandId,
    index,
    tenant,
    aggregateType,
    aggregateId,
    version,
    type,
    schemaVersion,
    data,
    context,
    recordedAt,
  ] = row
  return {
    position,
    commitNo,
    commandId,
    index,
    tenant,
    aggregateType,
    aggregateId,
    version,
    type,
    schemaVersion,
    data,
    context,
    recordedAt,
  } as StoredEvent
}

export function toHeader(row: Row): StoredHeader {
  const [
    tenant,
    commandId,
    commandType,
    outcome,
    answer,
    version,
    fingerprint,
    commitNo,
    position,
    eventCount,
    recordedAt,
    context,
  ] = row
  return {
    tenant,
    commandId,
    commandType,
    outcome: outcome as OutcomeKind,
    answer: answer ?? undefined,
    version: version ?? undefined,
    fingerprint: fingerprint ?? undefined,
    commitNo,
    position,
    eventCount,
    recordedAt,
    context,
  } as StoredHeader
}
