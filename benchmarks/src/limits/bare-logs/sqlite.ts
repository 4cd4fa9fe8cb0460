// On SQLite: node:sqlite on the main thread, one table, one transaction for what is recorded together.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { newFolder } from '../../scratch.ts'
import { bareRow, parsed } from './bare-log.ts'
import type { BareLog } from './bare-log.ts'

export async function bareSqliteLog(scratch: string): Promise<BareLog> {
  const folder = newFolder(scratch)
  const db = new DatabaseSync(join(folder, 'bare.db'))
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -65536;
    CREATE TABLE records (number INTEGER PRIMARY KEY, command_id TEXT NOT NULL UNIQUE, correlation_id TEXT NOT NULL,
      command_type TEXT NOT NULL, recorded_at INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
    CREATE INDEX records_by_correlation ON records (correlation_id);
    CREATE INDEX records_by_type ON records (command_type); CREATE INDEX records_by_time ON records (recorded_at)`)
  const begin = db.prepare('BEGIN IMMEDIATE')
  const end = db.prepare('COMMIT')
  const add = db.prepare(
    'INSERT INTO records (command_id, correlation_id, command_type, recorded_at, record) VALUES (?, ?, ?, ?, ?)',
  )
  const find = db.prepare('SELECT record FROM records WHERE correlation_id = ? ORDER BY number DESC')
  return {
    record: async (records) => {
      begin.run()
      for (const { commandId, correlationId, commandType, recordedAt, text } of records.map(bareRow))
        add.run(commandId, correlationId, commandType, recordedAt, text)
      end.run()
    },
    find: async (correlationId) => parsed(find.all(correlationId).map(({ record }) => String(record))),
    [Symbol.asyncDispose]: async () => {
      db.close()
      rmSync(folder, { recursive: true })
    },
  }
}
