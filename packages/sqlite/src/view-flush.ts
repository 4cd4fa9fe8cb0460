// The flush of a view, one closed transaction: the checkpoint moves first, and where it does not move nothing is written.
import type { Cell, Database } from './database.ts'
import { firstRow, prepareRows } from './database.ts'
import { createOwnSql } from './own-sql.ts'
import type { SentFlush } from './view-messages.ts'
import type { ParkedWriter } from './view-parked.ts'

/**
 * Moves the checkpoint from where it is expected, and only if nobody claimed the view with a higher token than this one (none passes
 * always). A view that was never flushed has no checkpoint, and is at position 0 of any log.
 */
const moveCheckpoint = `INSERT INTO checkpoint (id, incarnation, position, event_id, flush)
  SELECT 1, ?, ?, ?, ? FROM view WHERE fence <= coalesce(?, fence) AND (? = 0 OR EXISTS (SELECT 1 FROM checkpoint))
  ON CONFLICT (id) DO UPDATE SET
    incarnation = excluded.incarnation, position = excluded.position, event_id = excluded.event_id, flush = excluded.flush
  WHERE checkpoint.incarnation = ? AND checkpoint.position = ? AND checkpoint.event_id = ?`
const raiseFence = 'UPDATE view SET fence = ? WHERE fence < ?'
const readFlush = 'SELECT flush FROM checkpoint WHERE id = 1'
const deleteRow = 'DELETE FROM rows WHERE tenant = ? AND key = ?'
/** Rows of one statement: each one is a third cheaper than it would be alone, and more rows save little more. */
const rowsAtOnce = 50

export interface FlushWriter {
  /** To be called in a transaction; `false` takes it back. */
  flush(flush: SentFlush): boolean
  /** Whether the last flush of the view is this one. */
  isDone(id: string): boolean
}

export function createFlushWriter(db: Database, parked: ParkedWriter): FlushWriter {
  const move = db.prepare(moveCheckpoint)
  const fence = db.prepare(raiseFence)
  const last = prepareRows(db, readFlush)
  const writeRows = createRowWriter(db)
  const own = createOwnSql(db, 'write')
  return {
    flush: ({ id, expected, next, cells, statements = [], park = [], unpark = [], fencingToken }) => {
      const from = [expected.incarnation, expected.position, expected.eventId]
      const to = [next.incarnation, next.position, next.eventId, id]
      if (move.run(...to, fencingToken ?? null, expected.position, ...from).changes !== 1) return false
      if (fencingToken !== undefined) fence.run(fencingToken, fencingToken)
      writeRows(cells)
      for (const statement of statements) own.run(statement)
      parked.settle(park, unpark)
      return true
    },
    isDone: (id) => firstRow(last)?.[0] === id,
  }
}

/** Writes and deletes rows in their order, those that follow each other without a deletion many at a time. */
function createRowWriter(db: Database): (cells: readonly Cell[]) => void {
  const [one, many] = [db.prepare(writeRowsOf(1)), db.prepare(writeRowsOf(rowsAtOnce))]
  const remove = db.prepare(deleteRow)
  const width = rowsAtOnce * 3
  const write = (cells: readonly Cell[], from: number, to: number): void => {
    let at = from
    for (; at + width <= to; at += width) many.run(...cells.slice(at, at + width))
    for (; at < to; at += 3) one.run(...cells.slice(at, at + 3))
  }
  return (cells) => {
    let from = 0
    for (let at = 0; at < cells.length; at += 3) {
      if (cells[at + 2] !== null) continue
      write(cells, from, at)
      remove.run(...cells.slice(at, at + 2))
      from = at + 3
    }
    write(cells, from, cells.length)
  }
}

function writeRowsOf(count: number): string {
  const values = Array.from({ length: count }, () => '(?, ?, ?)').join(', ')
  return `INSERT INTO rows (tenant, key, value) VALUES ${values} ON CONFLICT (tenant, key) DO UPDATE SET value = excluded.value`
}
