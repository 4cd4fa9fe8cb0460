// Views alone in a schema: for read models that keep theirs apart from the app's store, in another database for example.
import { checkOptions, crashPointOf } from '@gesta/core/ports'
import type { BackendRuntime, CrashPoint, ReadModelBackend, ReadModelStore } from '@gesta/core/ports'
import { crashingFlushes, flushSteps } from './crash-steps.ts'
import { viewModules } from './migrations/index.ts'
import { openSchema, schemaOptionNames } from './open-schema.ts'
import type { SchemaOptions } from './open-schema.ts'
import { checkPostgresOptions, quoted } from './options.ts'
import type { CheckedOptions } from './options.ts'
import { createPostgresReadModelStore } from './read-model-store.ts'

/** As for `postgres()`, but `schema` is one that holds views only; default `gesta_views`. */
export type PostgresViewsOptions = SchemaOptions

/**
 * Views of read models in a schema of their own, for any number of processes: the option `backend` of `readModel`. The schema is made
 * when it is missing. Errors when the app starts: those of `postgres()`; a schema that is an app's store is `store_newer`.
 * Reference: docs/reference/postgres.md.
 */
export function postgresViews(options: PostgresViewsOptions): ReadModelBackend {
  checkOptions(options, schemaOptionNames, 'postgresViews()')
  const { schema = 'gesta_views', ...rest } = options
  const checked = checkPostgresOptions({ schema, ...rest }, 'postgresViews()')
  const crash = crashPointOf(options, flushSteps, 'postgresViews()')
  return { backend: 'postgres', open: (runtime) => openViews(checked, crash, runtime) }
}

async function openViews(
  options: CheckedOptions,
  crash: CrashPoint | undefined,
  runtime: BackendRuntime,
): Promise<ReadModelStore> {
  const schema = quoted(options.schema)
  const pool = await openSchema(options, viewModules(schema), runtime, crashingFlushes(crash))
  const store = createPostgresReadModelStore(pool, schema)
  const close = async (): Promise<void> => {
    await store[Symbol.asyncDispose]()
    await pool.close()
  }
  let closing: Promise<void> | undefined
  return { ...store, [Symbol.asyncDispose]: () => (closing ??= close()) }
}
