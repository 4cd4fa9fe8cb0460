// One view, for writing: its connection with everything prepared, and each change of it as one transaction.
import type { CrashPoint, ParkedRequest, ViewName } from '@gesta/core/ports'
import { crashing, flushMeanings } from './crash-steps.ts'
import { transaction } from './side-file.ts'
import { openView } from './view-file.ts'
import { createFlushWriter } from './view-flush.ts'
import type { SentFlush, SentTables } from './view-messages.ts'
import { createParkedWriter } from './view-parked.ts'
import { emptyTables, makeTables } from './view-tables.ts'

export interface ViewWriter {
  makeTables(tables: SentTables): void
  /** `again`: an earlier attempt may have written it. */
  flush(flush: SentFlush, again: boolean): boolean
  claim(fencingToken: number): boolean
  ask(request: ParkedRequest): number
  reset(): void
  close(): void
}

/** A claim under the token that it has already is one, too. */
const claimView = 'UPDATE view SET fence = ? WHERE fence <= ?'
const deleteAll = 'DELETE FROM rows; DELETE FROM parked; DELETE FROM checkpoint'

export function openViewWriter(path: string, view: ViewName, crash: CrashPoint | undefined): ViewWriter {
  const db = crashing(() => openView(path, view), crash, flushMeanings)()
  const parked = createParkedWriter(db)
  const writer = createFlushWriter(db, parked)
  const commit = db.prepare('COMMIT')
  const claim = db.prepare(claimView)
  return {
    makeTables: (tables) => makeTables(db, tables),
    flush: (flush, again) => {
      if (again && writer.isDone(flush.id)) return true
      db.exec('BEGIN IMMEDIATE')
      try {
        const moved = writer.flush(flush)
        if (moved) commit.run()
        else db.exec('ROLLBACK')
        return moved
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
    },
    claim: (fencingToken) => claim.run(fencingToken, fencingToken).changes === 1,
    ask: (request) => transaction(db, () => parked.ask(request)),
    reset: () => {
      db.exec('PRAGMA foreign_keys = OFF')
      try {
        transaction(db, () => {
          db.exec(deleteAll)
          emptyTables(db)
        })
      } finally {
        db.exec('PRAGMA foreign_keys = ON')
      }
    },
    close: () => db.close(),
  }
}
