// The limit on SQLite: node:sqlite on the main thread, and nothing but the rows of a commit. The schema is the adapter's by
// construction, because the file is a copy of one that gesta made; so are durability, page cache and checkpoints.
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqlite } from '@gesta/sqlite'
import { depositOf, startAccounts } from '../account.ts'
import { durationUs, permission } from '../deposit-commit.ts'
import { newFolder } from '../scratch.ts'
import type { Subject } from '../measure.ts'
import { uuidV7 } from './uuid-v7.ts'

export interface RowsShape {
  /** Commits in a transaction. */
  readonly batch: number
  readonly eventsPerCommit: number
  /** With what the command log keeps beside the header. */
  readonly hasRecord?: boolean
}

const insertCommit = `INSERT INTO commits (commit_no, tenant, command_id, command_type, outcome, answer, version, fingerprint, context, recorded_at, position, event_count, detail, payload)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const insertEvent = `INSERT INTO events (position, commit_no, idx, tenant, aggregate_type, aggregate_id, version, type, schema_version, data)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
/** Pages of the write-ahead log between two checkpoints, as the adapter has it while commits keep coming. */
const checkpointPages = 4_096

/** A file as gesta leaves it when it was opened once: the schema and no rows. */
export async function emptyStore(scratch: string): Promise<string> {
  const path = join(newFolder(scratch), 'empty.db')
  const app = await startAccounts(sqlite(path), false)
  await app[Symbol.asyncDispose]()
  return path
}

export async function sqliteRows(
  empty: string,
  scratch: string,
  { batch, eventsPerCommit, hasRecord = false }: RowsShape,
): Promise<Subject> {
  const folder = newFolder(scratch)
  const path = join(folder, 'rows.db')
  copyFileSync(empty, path)
  const db = new DatabaseSync(path)
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY`,
  )
  const begin = db.prepare('BEGIN IMMEDIATE')
  const end = db.prepare('COMMIT')
  const addCommit = db.prepare(insertCommit)
  const addEvent = db.prepare(insertEvent)
  const versions = new Map<string, number>()
  let commitNo = 0
  let position = 0

  const insert = (index: number): void => {
    const { accountId, pence, note } = depositOf(index)
    const data = JSON.stringify({ pence, note })
    const version = versions.get(accountId) ?? 0
    commitNo++
    addCommit.run(
      commitNo,
      '',
      uuidV7(),
      'Account.Deposit',
      'accepted',
      null,
      version + eventsPerCommit,
      null,
      '{}',
      Date.now() * 1000,
      position + eventsPerCommit,
      eventsPerCommit,
      hasRecord ? JSON.stringify({ durationUs, permission }) : null,
      hasRecord ? JSON.stringify(depositOf(index)) : null,
    )
    for (let event = 0; event < eventsPerCommit; event++) {
      position++
      addEvent.run(
        position,
        commitNo,
        event,
        '',
        'Account',
        accountId,
        version + event + 1,
        'Account.Deposited',
        1,
        data,
      )
    }
    versions.set(accountId, version + eventsPerCommit)
  }

  return {
    run: async (first, count) => {
      for (let from = first; from < first + count; from += batch) {
        begin.run()
        for (let index = from; index < Math.min(from + batch, first + count); index++) insert(index)
        end.run()
      }
    },
    [Symbol.asyncDispose]: async () => {
      db.close()
      rmSync(folder, { recursive: true })
    },
  }
}
