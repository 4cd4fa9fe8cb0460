// Rows of the log as what the port calls them, and the statements that read them.
import { decodeDetail, recordOf } from '@gesta/core/ports'
import type { CommandRecord, LogIdentity, StoredEvent, StoredHeader } from '@gesta/core/ports'
import type { Cell, Row } from './database.ts'

export const eventColumns: string =
  'e.position, e.commit_no, c.command_id, e.idx, e.tenant, e.aggregate_type, e.aggregate_id, e.version, e.type, e.schema_version, e.data, c.context, c.recorded_at'
/** Cells that an event takes; what comes after them is for the reader alone. */
export const eventCells = 13
// CROSS JOIN keeps the order of the tables: events by their index, then each one's commit by its row number.
export const fromEvents = 'FROM events e CROSS JOIN commits c ON c.commit_no = e.commit_no'
const ofStream = 'e.tenant = ? AND e.aggregate_type = ? AND e.aggregate_id = ?'

export const readStreamForwards: string = `SELECT ${eventColumns} ${fromEvents} WHERE ${ofStream} AND e.version > ? ORDER BY e.version LIMIT ?`
export const readStreamBackwards: string = `SELECT ${eventColumns} ${fromEvents} WHERE ${ofStream} AND e.version < ? ORDER BY e.version DESC LIMIT ?`
/** The last column is the last position of the event's commit. */
export const readAllAfter: string = `SELECT ${eventColumns}, c.position ${fromEvents} WHERE e.position > ? ORDER BY e.position`
export const readVersion =
  'SELECT max(version) FROM events WHERE tenant = ? AND aggregate_type = ? AND aggregate_id = ?'
/** The events of a commit end at its position. */
export const readEvent: string = `SELECT ${eventColumns} FROM commits c CROSS JOIN events e ON e.position = c.position - c.event_count + 1 + ? WHERE c.tenant = ? AND c.command_id = ? AND ? < c.event_count`
export const readHead = 'SELECT max(position) FROM events'
export const readLastCommit = 'SELECT coalesce(max(commit_no), 0) FROM commits'
export const readIncarnation = 'SELECT incarnation FROM log WHERE id = 1'
export const readExtent: string = `SELECT (${readHead}), (${readLastCommit}), page_count * page_size FROM pragma_page_count(), pragma_page_size()`

/** The fields of a stored header and their columns, in the order in which they travel between threads. */
const headerColumn: { readonly [Field in keyof StoredHeader]-?: string } = {
  tenant: 'c.tenant',
  commandId: 'c.command_id',
  commandType: 'c.command_type',
  outcome: 'c.outcome',
  answer: 'c.answer',
  version: 'c.version',
  fingerprint: 'c.fingerprint',
  commitNo: 'c.commit_no',
  position: 'c.position',
  eventCount: 'c.event_count',
  recordedAt: 'c.recorded_at',
  context: 'c.context',
}
const headerFields = Object.keys(headerColumn) as readonly (keyof StoredHeader)[]
const headerColumns: string = Object.values(headerColumn).join(', ')
/** Cells that a header takes. */
export const headerCells: number = headerFields.length

/** A header, and what the command log keeps beside it. */
export const recordColumns: string = `${headerColumns}, c.detail, c.payload`
export const recordCells: number = headerCells + 2

export const readHeader: string = `SELECT ${headerColumns} FROM commits c WHERE c.tenant = ? AND c.command_id = ?`
/** None for one that was purged. */
export const readRecord: string = `SELECT ${recordColumns} FROM commits c WHERE c.tenant = ? AND c.command_id = ? AND c.detail IS NOT ''`
/** The last column is the fingerprint that was stored with the key. */
export const readHeaderByKey: string = `SELECT ${headerColumns}, i.fingerprint FROM idempotency i JOIN commits c ON c.commit_no = i.commit_no WHERE i.tenant = ? AND i.sender = ? AND i.command_type = ? AND i.key = ?`
export const readMessages = 'SELECT key, type, schema_version, data FROM outbox WHERE commit_no = ? ORDER BY idx'
export const readJobs = 'SELECT type, data, terms FROM jobs WHERE commit_no = ? ORDER BY idx'

export function toEvent(row: Row): StoredEvent {
  return eventAt(row, 0)
}

/** The event whose cells begin at `at`. */
export function eventAt(cells: readonly Cell[], at: number): StoredEvent {
  return {
    position: cells[at],
    commitNo: cells[at + 1],
    commandId: cells[at + 2],
    index: cells[at + 3],
    tenant: cells[at + 4],
    aggregateType: cells[at + 5],
    aggregateId: cells[at + 6],
    version: cells[at + 7],
    type: cells[at + 8],
    schemaVersion: cells[at + 9],
    data: cells[at + 10],
    context: cells[at + 11],
    recordedAt: cells[at + 12],
  } as StoredEvent
}

/** A header from its cells; what comes after them is left alone. */
export function toHeader(cells: readonly (Cell | undefined)[]): StoredHeader {
  return headerAt(cells, 0)
}

/** The header whose cells begin at `at`. */
function headerAt(cells: readonly (Cell | undefined)[], at: number): StoredHeader {
  const header: { -readonly [Field in keyof StoredHeader]?: unknown } = {}
  for (const [index, field] of headerFields.entries()) header[field] = cells[at + index] ?? undefined
  return header as StoredHeader
}

/** The record whose cells begin at `at`. */
export function recordAt(cells: readonly Cell[], at: number, log: LogIdentity): CommandRecord {
  const [detail, payload] = cells.slice(at + headerCells, at + recordCells)
  return recordOf(headerAt(cells, at), decodeDetail(textOf(detail), textOf(payload)), log)
}

function textOf(cell: Cell | undefined): string | undefined {
  return cell === null ? undefined : (cell as string | undefined)
}

export function cellsOf(header: StoredHeader): readonly (string | number | undefined)[] {
  return headerFields.map((field) => header[field])
}
