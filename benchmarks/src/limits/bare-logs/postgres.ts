// On PostgreSQL: the pg driver, one table, one statement of several rows for what is recorded together.
import pg from 'pg'
import { bareRow, parsed } from './bare-log.ts'
import type { BareLog } from './bare-log.ts'

export async function barePostgresLog(url: string, schema: string): Promise<BareLog> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`CREATE SCHEMA "${schema}";
    CREATE TABLE "${schema}".records (number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, command_id TEXT NOT NULL UNIQUE, correlation_id TEXT NOT NULL,
      command_type TEXT NOT NULL, recorded_at BIGINT NOT NULL, record TEXT NOT NULL);
    CREATE INDEX ON "${schema}".records (correlation_id); CREATE INDEX ON "${schema}".records (command_type); CREATE INDEX ON "${schema}".records (recorded_at)`)
  const add = {
    name: 'add',
    text: `INSERT INTO "${schema}".records (command_id, correlation_id, command_type, recorded_at, record)
      SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])`,
  }
  const find = {
    name: 'find',
    text: `SELECT record FROM "${schema}".records WHERE correlation_id = $1 ORDER BY number DESC`,
  }
  return {
    record: async (records) => {
      const rows = records.map(bareRow)
      const columns = columnsOf.map((column) => rows.map((row) => row[column]))
      await client.query({ ...add, values: columns })
    },
    find: async (correlationId) => {
      const { rows } = await client.query<{ readonly record: string }>({ ...find, values: [correlationId] })
      return parsed(rows.map(({ record }) => record))
    },
    [Symbol.asyncDispose]: async () => {
      await client.query(`DROP SCHEMA "${schema}" CASCADE`)
      await client.end()
    },
  }
}

const columnsOf = ['commandId', 'correlationId', 'commandType', 'recordedAt', 'text'] as const
