// A place for migrations: a schema that is not there yet, and processes that migrate it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { MigrationPlace } from '@gesta/core/conformance/migrations'
import { Client } from 'pg'
import type { QueryArrayConfig } from 'pg'
import { postgresMigrations } from '../../src/index.ts'
import { newSchema, runtime } from '../place.ts'

const child = new URL('../children/migrate.ts', import.meta.url).pathname
/** Of the sessions that migrations run in. */
const applicationOf = (schema: string): string => `gesta ${schema} migrations`

export async function newMigrationPlace(): Promise<MigrationPlace> {
  const { url, schema } = await newSchema()
  const client = new Client({ connectionString: url })
  await client.connect()
  const texts = async (sql: string, values: readonly string[] = []): Promise<readonly string[]> => {
    const asked: QueryArrayConfig<string[]> = { text: sql, values: [...values], rowMode: 'array' }
    return (await client.query<string[], string[]>(asked)).rows.map(([first]) => String(first))
  }
  const tables = (): Promise<readonly string[]> =>
    texts(`SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY tablename COLLATE "C"`, [schema])
  /** A server notices a killed client when it next writes to it, or is told to look. */
  const untilGone = async (): Promise<void> => {
    // Schemas of other files' databases are called alike.
    const end = `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
      WHERE application_name = $1 AND datname = current_database()`
    await texts(end, [applicationOf(schema)])
  }
  return {
    runtime,
    newTarget: () => postgresMigrations({ url, schema }).target,
    tables,
    texts: async (select) => {
      await client.query(`SET search_path = ${schema}`)
      return texts(select)
    },
    migrateElsewhere: (modules) => {
      const options = JSON.stringify({ url, schema })
      const process_ = spawn(process.execPath, ['--conditions=gesta-source', child, options, JSON.stringify(modules)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      return {
        ended: text(process_.stdout),
        kill: async () => {
          const exited = process_.exitCode === null && process_.signalCode === null ? once(process_, 'exit') : undefined
          process_.kill('SIGKILL')
          await exited
          await untilGone()
        },
      }
    },
    remove: () => client.end(),
  }
}
