// Rows of the outbox as what the port calls them, and the statements that read them.
import type { HeldMessage, MessagePlace, OutboxMessage } from '@gesta/core/ports'
import type { Cell, Row } from './database.ts'

const messageColumns =
  'o.commit_no, o.idx, c.tenant, c.command_id, o.key, o.type, o.schema_version, o.data, c.context, c.recorded_at'
/** Cells that a message takes. */
export const messageCells = 10
const heldColumns = `${messageColumns}, h.is_dead, h.attempts, h.due_at, h.last_error, h.last_attempt_at`
/** Cells that a held message takes. */
export const heldCells = 15
/** Columns of long texts. */
export const dataColumn = 7
export const contextColumn = 8

/** Messages after the cursor that are counted; a relay that is further behind is told to be at least so far. */
export const pendingMax = 10_000
/** Of the oldest messages that were sent so many are looked at: times follow the order but for the clocks of several machines. */
const pruneLook = 20_000

// CROSS JOIN keeps the order of the tables, here and below.
const isHeld = 'EXISTS (SELECT 1 FROM held_messages h WHERE h.commit_no = o.commit_no AND h.idx = o.idx)'
/** Behind the relay, and not held. */
export const isSent: string = `o.commit_no <= (SELECT commit_no FROM outbox_cursor) AND NOT ${isHeld}`

/** Cursor, token. */
export const readCursor = 'SELECT commit_no, fencing_token FROM outbox_cursor'
/** Exclusive commit number. */
export const readAfter: string = `SELECT ${messageColumns} FROM outbox o CROSS JOIN commits c ON c.commit_no = o.commit_no
  WHERE o.commit_no > ? ORDER BY o.commit_no, o.idx`
const ofHeld = (from: string): string => `SELECT ${heldColumns} FROM ${from} h
  CROSS JOIN outbox o ON o.commit_no = h.commit_no AND o.idx = h.idx CROSS JOIN commits c ON c.commit_no = h.commit_no`
/** Time, limit. */
export const readDue: string = `${ofHeld(`(
    SELECT commit_no, idx FROM held_messages INDEXED BY held_messages_due
    WHERE is_first = 1 AND due_at <= ? ORDER BY commit_no, idx LIMIT ?
  ) f CROSS JOIN held_messages`)} WHERE h.commit_no = f.commit_no AND h.idx = f.idx ORDER BY f.commit_no, f.idx`
export const readNextDue = 'SELECT min(due_at) FROM held_messages WHERE is_first = 1'
/** Tenant, key. */
export const readFirst =
  'SELECT commit_no, idx FROM held_messages WHERE tenant = ? AND key = ? AND is_dead = 0 ORDER BY commit_no, idx LIMIT 1'
/** With conditions and what follows them. */
export const readHeld = (where: string): string => `${ofHeld('held_messages')} WHERE ${where}`
/** A position, or 0: the number of its commit. Commits without events have the position of what is before them, 0 at first. */
export const readCommitOfPosition = 'SELECT commit_no FROM events WHERE position = ?'
/** Exclusive place, exclusive commit number, limit. */
export const readPlaces: string = `SELECT o.commit_no, o.idx FROM outbox o
  WHERE (o.commit_no, o.idx) > (?, ?) AND o.commit_no < ? ORDER BY o.commit_no, o.idx LIMIT ?`
/** Time, limit. */
export const readOldPlaces: string = `SELECT commit_no, idx FROM (
    SELECT o.commit_no, o.idx, c.recorded_at FROM outbox o CROSS JOIN commits c ON c.commit_no = o.commit_no
    WHERE ${isSent} ORDER BY o.commit_no, o.idx LIMIT ${pruneLook}
  ) WHERE recorded_at < ? LIMIT ?`
/** Cursor, waiting, dead, messages after the cursor (at most `pendingMax`), and when the oldest one that is to be sent was recorded. */
export const readExtent: string = `SELECT k.commit_no, (SELECT count(*) FROM held_messages WHERE is_dead = 0),
    (SELECT count(*) FROM held_messages WHERE is_dead <> 0),
    (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE commit_no > k.commit_no LIMIT ${pendingMax})),
    (SELECT recorded_at FROM commits WHERE commit_no = coalesce(
      (SELECT min(commit_no) FROM held_messages WHERE is_dead = 0), (SELECT min(commit_no) FROM outbox WHERE commit_no > k.commit_no)))
  FROM outbox_cursor k`

/** A message from its cells, which begin at `at`. */
export function toMessage(cells: readonly Cell[], at: number = 0): OutboxMessage {
  return {
    commitNo: cells[at],
    index: cells[at + 1],
    tenant: cells[at + 2],
    commandId: cells[at + 3],
    key: cells[at + 4],
    type: cells[at + 5],
    schemaVersion: cells[at + 6],
    data: cells[at + 7],
    context: cells[at + 8],
    recordedAt: cells[at + 9],
  } as OutboxMessage
}

/** A held message from its cells, which begin at `at`. */
export function toHeld(cells: readonly Cell[], at: number = 0): HeldMessage {
  const [isDead, attempts, dueAt, lastError, lastAttemptAt] = cells.slice(at + messageCells, at + heldCells)
  return {
    ...toMessage(cells, at),
    state: isDead === 0 ? 'waiting' : 'dead',
    attempts: Number(attempts),
    dueAt: Number(dueAt),
    ...(typeof lastError === 'string' && { lastError }),
    ...(typeof lastAttemptAt === 'number' && { lastAttemptAt }),
  }
}

export function toPlace([commitNo, index]: Row): MessagePlace {
  return { commitNo: Number(commitNo), index: Number(index) }
}
