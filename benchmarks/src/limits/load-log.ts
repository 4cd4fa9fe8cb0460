// Fills logs with millions of events: rows as the adapters write them, in their own schemas, past the store's code.
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'

/** Accounts that the events are spread over. */
export const loadedAccounts = 100
export const eventsPerCommit = 10
const transactionCommits = 5_000

/** What the events are: each commit goes to the next aggregate, in turns. */
export interface LoadedEvents {
  readonly aggregateType: string
  readonly type: string
  /** Aggregates that the events are spread over. */
  readonly aggregates: number
  /** The data of an event, as JSON text, by its commit and its place there, both from 0. */
  data(commit: number, index: number): string
  /** The same in SQL, where these are called `n` and `i`. */
  readonly dataSql: string
}
const deposits: LoadedEvents = {
  aggregateType: 'Account',
  type: 'Account.Deposited',
  aggregates: loadedAccounts,
  data: (commit) => `{"pence":${1 + (commit % 97)},"note":"deposit"}`,
  dataSql: `'{"pence":' || 1 + n % 97 || ',"note":"deposit"}'`,
}

/** The id of an aggregate of a loaded log, by its number. */
export const loadedId = (number: number): string => `account-${number}`

/** Appends `events` events to a file that gesta made and nobody has open. */
export function loadFile(path: string, events: number, loaded: LoadedEvents = deposits): void {
  const { aggregateType, type, aggregates, data } = loaded
  const db = new DatabaseSync(path)
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -262144')
  const addCommit = db.prepare(
    `INSERT INTO commits (commit_no, tenant, command_id, command_type, outcome, context, recorded_at, position, event_count)
     VALUES (?, '', ?, 'Account.Deposit', 'accepted', '{}', ?, ?, ${eventsPerCommit})`,
  )
  const addEvent = db.prepare(
    `INSERT INTO events (position, commit_no, idx, tenant, aggregate_type, aggregate_id, version, type, schema_version, data)
     VALUES (?, ?, ?, '', '${aggregateType}', ?, ?, '${type}', 1, ?)`,
  )
  const commits = events / eventsPerCommit
  for (let from = 0; from < commits; from += transactionCommits) {
    db.exec('BEGIN')
    for (let commit = from; commit < Math.min(commits, from + transactionCommits); commit++) {
      addCommit.run(commit + 1, `loaded-${commit}`, 1_700_000_000_000_000 + commit, (commit + 1) * eventsPerCommit)
      const version = Math.floor(commit / aggregates) * eventsPerCommit
      for (let idx = 0; idx < eventsPerCommit; idx++)
        addEvent.run(
          commit * eventsPerCommit + idx + 1,
          commit + 1,
          idx,
          loadedId(commit % aggregates),
          version + idx + 1,
          data(commit, idx),
        )
    }
    db.exec('COMMIT')
  }
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

/** The same on PostgreSQL, by two statements of the server. */
export async function loadServer(
  url: string,
  schema: string,
  events: number,
  { aggregateType, type, aggregates, dataSql }: LoadedEvents = deposits,
): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(
      `INSERT INTO "${schema}".commits (commit_no, tenant, command_id, command_type, outcome, context, recorded_at, position, event_count)
       SELECT n + 1, '', 'loaded-' || n, 'Account.Deposit', 'accepted', '{}', 1700000000000000 + n, (n + 1) * ${eventsPerCommit}, ${eventsPerCommit}
       FROM generate_series(0, $1::bigint - 1) n`,
      [events / eventsPerCommit],
    )
    await client.query(
      `INSERT INTO "${schema}".events (position, commit_no, idx, tenant, aggregate_type, aggregate_id, version, type, schema_version, data)
       SELECT n * ${eventsPerCommit} + i + 1, n + 1, i, '', '${aggregateType}', 'account-' || n % ${aggregates},
         (n / ${aggregates}) * ${eventsPerCommit} + i + 1, '${type}', 1, ${dataSql}
       FROM generate_series(0, $1::bigint - 1) n, generate_series(0, ${eventsPerCommit} - 1) i ORDER BY n, i`,
      [events / eventsPerCommit],
    )
    await client.query(`VACUUM ANALYZE "${schema}".commits, "${schema}".events`)
  } finally {
    await client.end()
  }
}
