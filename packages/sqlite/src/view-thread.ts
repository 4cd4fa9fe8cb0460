// The view thread: the only place that writes views. One closed transaction per flush, whose first statement moves the checkpoint.
import type { Checkpoint, ViewName } from '@gesta/core/ports'
import type { Cell, Database, Statement } from './database.ts'
import { serveThread } from './serve-thread.ts'
import { storeError } from './sqlite-errors.ts'
import { openView } from './view-file.ts'

export type ViewMessage = { readonly path: string; readonly view: ViewName } & (
  | { readonly do: 'open' }
  | { readonly do: 'reset' }
  /** `cells`: tenant, key and value (null deletes) of each row in turn. */
  | { readonly do: 'flush'; readonly expected: Checkpoint; readonly next: Checkpoint; readonly cells: readonly Cell[] }
)

const moveCheckpoint =
  'UPDATE checkpoint SET incarnation = ?, position = ?, event_id = ? WHERE id = 1 AND incarnation = ? AND position = ? AND event_id = ?'
const startCheckpoint =
  'INSERT INTO checkpoint (id, incarnation, position, event_id) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING'
const writeRow =
  'INSERT INTO rows (tenant, key, value) VALUES (?, ?, ?) ON CONFLICT (tenant, key) DO UPDATE SET value = excluded.value'
const deleteRow = 'DELETE FROM rows WHERE tenant = ? AND key = ?'
const deleteAll = 'DELETE FROM rows; DELETE FROM checkpoint'

interface ViewWriter {
  readonly db: Database
  readonly move: Statement
  readonly start: Statement
  readonly write: Statement
  readonly remove: Statement
}
const writers = new Map<string, ViewWriter>()

function writerOf({ path, view }: ViewMessage): ViewWriter {
  let writer = writers.get(path)
  if (writer === undefined) {
    const db = openView(path, view)
    writer = {
      db,
      move: db.prepare(moveCheckpoint),
      start: db.prepare(startCheckpoint),
      write: db.prepare(writeRow),
      remove: db.prepare(deleteRow),
    }
    writers.set(path, writer)
  }
  return writer
}

/** Runs one transaction; `false` takes it back. */
function transaction(db: Database, run: () => boolean): boolean {
  db.exec('BEGIN IMMEDIATE')
  try {
    const done = run()
    db.exec(done ? 'COMMIT' : 'ROLLBACK')
    return done
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

function flush(
  { move, start, write, remove }: ViewWriter,
  expected: Checkpoint,
  next: Checkpoint,
  cells: readonly Cell[],
): boolean {
  const to = [next.incarnation, next.position, next.eventId]
  const moved = move.run(...to, expected.incarnation, expected.position, expected.eventId).changes === 1
  // A view that was never flushed has no checkpoint, and is at position 0 of any log.
  const started = !moved && expected.position === 0 && start.run(...to).changes === 1
  if (!moved && !started) return false
  for (let at = 0; at < cells.length; at += 3) {
    const [tenant, key, value] = [cells[at] as string, cells[at + 1] as string, cells[at + 2] as string | null]
    if (value === null) remove.run(tenant, key)
    else write.run(tenant, key, value)
  }
  return true
}

serveThread({
  handle: (given) => {
    const message = given as ViewMessage
    try {
      const writer = writerOf(message)
      if (message.do === 'open') return true
      return transaction(writer.db, () => {
        if (message.do === 'flush') return flush(writer, message.expected, message.next, message.cells)
        writer.db.exec(deleteAll)
        return true
      })
    } catch (error) {
      throw storeError(error, message.path)
    }
  },
  close: () => {
    for (const { db } of writers.values()) db.close()
  },
})
