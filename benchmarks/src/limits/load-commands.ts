// Fills command logs with millions of records: rows as the adapters write them, in their own schemas, past the store's code. The ten
// records of a correlation lie far apart, as those of a long process do.
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { correlationOf, recordsPerCorrelation } from '../command-records.ts'

const transactionCommands = 50_000
const firstRecordedAt = 1_700_000_000_000_000
const detail = '{"durationUs":120,"permission":{"asked":"anonymous","allowed":true}}'
const columns =
  'commit_no, tenant, command_id, command_type, outcome, correlation_id, context, recorded_at, position, event_count, detail, payload'

/** Appends `commands` records to a file that gesta made and nobody has open. They decided that nothing had to happen. */
export function loadCommandsFile(path: string, commands: number): void {
  const db = new DatabaseSync(path)
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -524288')
  const add = db.prepare(
    `INSERT INTO commits (${columns}) VALUES (?, '', ?, 'Account.Deposit', 'accepted', ?, ?, ?, 0, 0, '${detail}', ?)`,
  )
  for (let from = 0; from < commands; from += transactionCommands) {
    db.exec('BEGIN')
    for (let n = from; n < Math.min(commands, from + transactionCommands); n++) {
      const correlationId = correlationOf(n % (commands / recordsPerCorrelation))
      const context = `{"account":"bench","session":"session-1","correlationId":"${correlationId}"}`
      const payload = `{"accountId":"account-${n % 1_000}","note":"salary of the month","pence":${1 + (n % 97)}}`
      add.run(n + 1, `loaded-${n}`, correlationId, context, firstRecordedAt + n, payload)
    }
    db.exec('COMMIT')
  }
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

/** The same on PostgreSQL, by one statement of the server. */
export async function loadCommandsServer(url: string, schema: string, commands: number): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const correlation = `'correlation-' || n % ${commands / recordsPerCorrelation}`
    await client.query(
      `INSERT INTO "${schema}".commits (${columns})
       SELECT n + 1, '', 'loaded-' || n, 'Account.Deposit', 'accepted', ${correlation},
         '{"account":"bench","session":"session-1","correlationId":"' || ${correlation} || '"}', ${firstRecordedAt} + n, 0, 0, '${detail}',
         '{"accountId":"account-' || n % 1000 || '","note":"salary of the month","pence":' || 1 + n % 97 || '}'
       FROM generate_series(0, $1::bigint - 1) n`,
      [commands],
    )
    await client.query(`VACUUM ANALYZE "${schema}".commits`)
  } finally {
    await client.end()
  }
}
