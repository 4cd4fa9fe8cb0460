// A schema that is no store of an app: its pool, once the schema has the tables of its modules.
import { runMigrations } from '@gesta/core/ports'
import type { BackendRuntime, MigrationModule } from '@gesta/core/ports'
import { checkServer } from './migrate.ts'
import { createTarget } from './migration-target.ts'
import { placeOf } from './options.ts'
import type { CheckedOptions, PostgresOptions } from './options.ts'
import { createPool } from './pool.ts'
import type { Pool, Sending } from './pool.ts'

/** What such a schema is opened with. */
export type SchemaOptions = Pick<
  PostgresOptions,
  'url' | 'schema' | 'directUrl' | 'connectionsMax' | 'connectTimeoutMs' | 'answerTimeoutMs' | 'retryForMs'
>
export const schemaOptionNames = [
  'url',
  'schema',
  'directUrl',
  'connectionsMax',
  'connectTimeoutMs',
  'answerTimeoutMs',
  'retryForMs',
] as const

/** Errors: those of migrations and of the server. */
export async function openSchema(
  options: CheckedOptions,
  modules: readonly MigrationModule[],
  runtime: BackendRuntime,
  sending?: Sending,
): Promise<Pool> {
  const { url, schema, connectionsMax, connectTimeoutMs, answerTimeoutMs, retryForMs } = options
  const server = { url, applicationName: `gesta ${schema}`, connectTimeoutMs, answerTimeoutMs }
  const pool = createPool({ server, place: placeOf(options), connectionsMax, ...runtime, retryForMs, sending })
  try {
    await checkServer(pool, options)
    await runMigrations(createTarget(options), modules, runtime)
  } catch (error) {
    await pool.close()
    throw error
  }
  return pool
}
