// A command log of its own in a schema of PostgreSQL, for any number of processes.
import { checkOptions, jsonRecords } from '@gesta/core/ports'
import type { BackendRuntime, CommandLogBackend, CommandLogStore, RecordCodec } from '@gesta/core/ports'
import { createPostgresCommandLogStore } from './command-log-store.ts'
import { commandLogModules } from './migrations/index.ts'
import { openSchema, schemaOptionNames } from './open-schema.ts'
import type { SchemaOptions } from './open-schema.ts'
import { checkPostgresOptions, placeOf, quoted } from './options.ts'
import type { CheckedOptions } from './options.ts'
import { createRecordRows } from './record-rows.ts'
import type { RecordRows } from './record-rows.ts'
import { createStoreAccess } from './store-access.ts'

/** As for `postgres()`, but `schema` is one that holds this log only; default `gesta_commands`. */
export interface PostgresCommandLogOptions extends SchemaOptions {
  /** What records are written with; those that another one wrote before stay as they are. Default: `jsonRecords`. */
  readonly codec?: RecordCodec | undefined
  /**
   * Keeps payload and metadata besides as JSONB, for questions of one's own in SQL. Where JSONB cannot hold a payload (NUL, lone
   * surrogates, a piece of one) there is none. The exact text is in the record. Default: no.
   */
  readonly jsonb?: boolean | undefined
}

/**
 * A command log in a schema of its own, made when it is missing. Errors when it is opened: those of `postgres()`; a schema that is an
 * app's store is `store_newer`. Reference: docs/reference/postgres.md.
 */
export function postgresCommandLog(options: PostgresCommandLogOptions): CommandLogBackend {
  checkOptions(options, [...schemaOptionNames, 'codec', 'jsonb'], 'postgresCommandLog()')
  const { codec = jsonRecords, jsonb = false, schema = 'gesta_commands', ...rest } = options
  const checked = checkPostgresOptions({ schema, ...rest }, 'postgresCommandLog()')
  const rows = createRecordRows(codec, jsonb, placeOf(checked))
  return { backend: 'postgres', open: (runtime) => openLog(checked, rows, runtime) }
}

async function openLog(options: CheckedOptions, rows: RecordRows, runtime: BackendRuntime): Promise<CommandLogStore> {
  const schema = quoted(options.schema)
  const pool = await openSchema(options, commandLogModules(schema), runtime)
  let closing: Promise<void> | undefined
  try {
    const [row] = await pool.read(`SELECT incarnation, secret FROM ${schema}.identity`)
    const identity = { incarnation: String(row?.[0]), secret: String(row?.[1]) }
    return {
      ...createPostgresCommandLogStore(createStoreAccess(pool, schema), rows, identity),
      [Symbol.asyncDispose]: () => (closing ??= pool.close()),
    }
  } catch (error) {
    await pool.close()
    throw error
  }
}
