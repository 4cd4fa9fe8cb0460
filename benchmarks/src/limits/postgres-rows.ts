// The limit on PostgreSQL: the pg driver, and nothing but the rows of a group of commits, in one statement of several rows per table.
// The schema is the adapter's by construction, because gesta made it; so is the durability. A group is as large as there are callers, who
// all wait for its answer: no more is on its way at a time than theirs. Two halves in turns, as gesta sends them, are slower here.
import { postgres } from '@gesta/postgres'
import pg from 'pg'
import { depositOf } from '../account.ts'
import { durationUs, permission, storeRuntime } from '../deposit-commit.ts'
import type { Subject } from '../measure.ts'
import { uuidV7 } from './uuid-v7.ts'

const insertGroup = (schema: string, hasRecord: boolean): string => `WITH added AS (
  INSERT INTO "${schema}".commits (commit_no, position, recorded_at, version, event_count, tenant, command_id, command_type, outcome, context${hasRecord ? ', payload, detail' : ''})
  SELECT n, n, recorded_at, version, 1, '', command_id, 'Account.Deposit', 'accepted', '{}'${hasRecord ? ', payload, detail' : ''}
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]${hasRecord ? ', $7::text[], $8::text[]' : ''})
    g(n, recorded_at, version, command_id${hasRecord ? ', payload, detail' : ''})
)
INSERT INTO "${schema}".events (position, commit_no, version, idx, schema_version, tenant, aggregate_type, aggregate_id, type, data)
SELECT n, n, version, 0, 1, '', 'Account', account_id, 'Account.Deposited', data
FROM unnest($1::bigint[], $3::bigint[], $5::text[], $6::text[]) g(n, version, account_id, data)`

/** A schema as gesta leaves it when it was opened once. */
export async function emptySchema(url: string, schema: string): Promise<void> {
  await (await postgres({ url, schema }).open(storeRuntime))[Symbol.asyncDispose]()
}

/** Commits of one event each, `batch` to a statement, with or without their record; the schema is dropped at the end. */
export async function postgresRows(url: string, schema: string, batch: number, hasRecord = false): Promise<Subject> {
  await emptySchema(url, schema)
  const client = new pg.Client({ connectionString: url, pipeline: true })
  await client.connect()
  const text = insertGroup(schema, hasRecord)
  const versions = new Map<string, number>()
  let last = 0

  const insert = async (first: number, count: number): Promise<void> => {
    const rows = Array.from({ length: count }, (_, at) => {
      const { accountId, pence, note } = depositOf(first + at)
      const version = (versions.get(accountId) ?? 0) + 1
      versions.set(accountId, version)
      const record = hasRecord
        ? [JSON.stringify({ accountId, pence, note }), JSON.stringify({ durationUs, permission })]
        : []
      return [++last, Date.now() * 1000, version, uuidV7(), accountId, JSON.stringify({ pence, note }), ...record]
    })
    const columns = Array.from({ length: hasRecord ? 8 : 6 }, (_, column) => column).map((column) =>
      rows.map((row) => row[column]),
    )
    // Without a name: a statement that is on its way twice would be prepared twice.
    await client.query({ text, values: columns })
  }
  return {
    run: async (first, count) => {
      for (let done = 0; done < count; done += batch) await insert(first + done, Math.min(batch, count - done))
    },
    [Symbol.asyncDispose]: async () => {
      await client.query(`DROP SCHEMA "${schema}" CASCADE`)
      await client.end()
    },
  }
}
