// Empties the log, and the outbox with it but for the token: a relay of before must not begin again. Jobs go likewise, but for the number
// that their runs are known by. The audit log
// is not touched, and the header of each command that it names stays.
import type { LogIdentity } from '@gesta/core/ports'
import { allRows, prepareRows } from './database.ts'
import type { Database } from './database.ts'

const emptyTables = `DELETE FROM events; DELETE FROM idempotency; DELETE FROM outbox; DELETE FROM jobs;
  DELETE FROM held_messages; UPDATE outbox_cursor SET commit_no = 0;
  DELETE FROM open_jobs; DELETE FROM ended_jobs; DELETE FROM job_workers; DELETE FROM paused_queues; DELETE FROM job_starts;
  UPDATE job_cursor SET commit_no = 0, idx = 0;
  DELETE FROM commits WHERE NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.tenant = commits.tenant AND a.command_id = commits.command_id)`
const readKept = 'SELECT commit_no FROM commits ORDER BY commit_no'
const moveCommit = 'UPDATE commits SET commit_no = ?, position = 0, event_count = 0 WHERE commit_no = ?'
const writeIdentity = 'UPDATE log SET incarnation = ?, secret = ? WHERE id = 1'

/** Gives the log another identity. */
export function identify(db: Database, { incarnation, secret }: LogIdentity): void {
  db.prepare(writeIdentity).run(incarnation, secret)
}

/** To be run in a transaction. What stays is numbered from 1, in the order that it had. */
export function emptyLog(db: Database, identity: LogIdentity): void {
  db.exec(emptyTables)
  const commit = db.prepare(moveCommit)
  let commitNo = 0
  // In ascending order a commit only ever moves to a number that is free.
  for (const [kept] of allRows(prepareRows(db, readKept))) {
    commitNo += 1
    commit.run(commitNo, kept ?? null)
  }
  identify(db, identity)
}
