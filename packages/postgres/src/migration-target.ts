// The port of migrations on a schema. The lock is the session's own, so it ends with its process, and work is done on its connection;
// that takes a session of one's own, which a pooler in transaction mode does not give.
import { GestaError, migrationFailed } from '@gesta/core/ports'
import type { AppliedMigration, LockAttempt, MigrationModule, MigrationStep, MigrationTarget } from '@gesta/core/ports'
import { connect } from './driver.ts'
import type { Connection, Row, Server } from './driver.ts'
import { storeModules } from './migrations/index.ts'
import { checkPostgresOptions, placeOf, quoted } from './options.ts'
import type { CheckedOptions, PostgresOptions } from './options.ts'
import { lockNotAvailable, refusalState, stateOf, storeError } from './postgres-errors.ts'

/**
 * The schema of a store for `runMigrations`, `dryRunMigrations` and `migrationStatus`, and the modules that the store itself has.
 * Statements of other modules find the schema's tables without naming it. Reference: docs/reference/migrations.md.
 */
export function postgresMigrations(options: Pick<PostgresOptions, 'url' | 'schema' | 'directUrl'>): {
  readonly target: MigrationTarget
  readonly modules: readonly MigrationModule[]
} {
  const checked = checkPostgresOptions(options, 'postgresMigrations()')
  return { target: createTarget(checked), modules: storeModules(quoted(checked.schema)) }
}

/** The tables that the domains of an app have of their own: a schema beside the store's. Absent: its name would be too long. */
export function createDomainTables(options: CheckedOptions): MigrationTarget | undefined {
  const schema = `${options.schema}_domains`
  return schema.length > schemaLengthMax ? undefined : createTarget({ ...options, schema })
}

const schemaLengthMax = 63
const lockKey = `hashtextextended('gesta migrations ' || $1, 0)`
const tryLock = `SELECT pg_try_advisory_lock(${lockKey})`
/** A key of 64 bits stands in two halves. */
const findHolder = `SELECT 'process ' || a.pid || coalesce(' at ' || host(a.client_addr), '') || ', ' || a.application_name
  FROM pg_locks l JOIN pg_stat_activity a USING (pid)
  WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = current_database()
    AND (l.classid::bigint << 32) | l.objid::bigint = ${lockKey}`

export function createTarget(options: CheckedOptions): MigrationTarget {
  const { schema, directUrl, connectTimeoutMs } = options
  const place = placeOf(options)
  const server: Server = {
    url: directUrl,
    applicationName: `gesta ${schema} migrations`,
    connectTimeoutMs,
    // A migration takes as long as it takes.
    answerTimeoutMs: 0,
  }
  const explained = <T>(run: Promise<T>): Promise<T> =>
    run.catch((error: unknown) => {
      throw storeError(error, place)
    })
  const tryToHold = async (connection: Connection): Promise<LockAttempt> => {
    if (connection.session === undefined) throw pooled(place)
    const [row] = await connection.query(tryLock, [schema])
    if (row?.[0] !== true) {
      const [holder] = await connection.query(findHolder, [schema])
      await connection.close()
      return { session: undefined, heldBy: holder === undefined ? undefined : String(holder[0]) }
    }
    return {
      session: {
        ledger: () => explained(readLedger(connection, schema)),
        apply: (step, appliedAt) => explained(applyPatiently(connection, schema, step, appliedAt)),
        [Symbol.asyncDispose]: () => connection.close(),
      },
    }
  }
  const opened = async <T>(run: (connection: Connection) => Promise<T>): Promise<T> => {
    const connection = await connect(server)
    try {
      return await run(connection)
    } catch (error) {
      connection.drop()
      throw error
    }
  }
  return {
    database: place,
    ledger: () =>
      explained(
        opened(async (connection) => {
          const rows = await readLedger(connection, schema)
          await connection.close()
          return rows
        }),
      ),
    tryLock: () => explained(opened(tryToHold)),
  }
}

async function readLedger(connection: Connection, schema: string): Promise<readonly AppliedMigration[]> {
  const select = `SELECT module, number, name, checksum, applied_at FROM ${quoted(schema)}.migrations ORDER BY id`
  const rows = await connection.query(select).catch((error: unknown): readonly Row[] => {
    // No such schema or table: nothing was applied.
    if (['3F000', '42P01'].includes(refusalState(error) ?? '')) return []
    throw error
  })
  return rows.map(([module, number, name, checksum, appliedAt]) => ({
    module: String(module),
    number: Number(number),
    name: String(name),
    checksum: String(checksum),
    appliedAt: Number(appliedAt),
  }))
}

/** What makes the ledger when it is missing. */
const createLedger = (s: string): string =>
  `CREATE TABLE IF NOT EXISTS ${s}.migrations (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    module text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at bigint NOT NULL,
    UNIQUE (module, number)
  )`

/** Milliseconds that a migration waits for a lock: less than appends wait, and they wait behind it. */
const lockTimeoutMs = 2_000
const [lockAttemptsMax, attemptsApartSeconds] = [100, 1]

/** Whoever reads a table for long, as a dump does, keeps a migration waiting, and that keeps everybody else: it gives way and begins again. */
async function applyPatiently(
  connection: Connection,
  schema: string,
  step: MigrationStep,
  appliedAt: number,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await apply(connection, schema, step, appliedAt)
    } catch (error) {
      if (stateOf(error) !== lockNotAvailable || attempt === lockAttemptsMax) throw error
      await connection.query(`SELECT pg_sleep(${attemptsApartSeconds})`)
    }
  }
}

async function apply(connection: Connection, schema: string, step: MigrationStep, appliedAt: number): Promise<void> {
  const s = quoted(schema)
  let running: number | undefined
  await connection.query('BEGIN ISOLATION LEVEL READ COMMITTED')
  try {
    const [before] = await connection.query('SELECT pg_current_xact_id()::text')
    // Whatever the role has by default, neither time nor search path decides whether a migration works.
    await connection.query(
      `SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = ${lockTimeoutMs}; SET LOCAL search_path = ${s}, public`,
    )
    // Asked first: a role may own the schema without the right to create one, which IF NOT EXISTS insists on.
    const [found] = await connection.query('SELECT to_regnamespace($1) IS NOT NULL', [s])
    if (found?.[0] !== true) await connection.query(`CREATE SCHEMA IF NOT EXISTS ${s}`)
    await connection.query(createLedger(s))
    for (const [index, statement] of step.statements.entries()) {
      running = index
      await connection.query(statement)
      const [after] = await connection.query('SELECT pg_current_xact_id()::text')
      if (after?.[0] !== before?.[0]) throw new Error('it ended the transaction of its migration')
    }
    running = undefined
    const { module, number, name, checksum } = step
    await connection.query(
      `INSERT INTO ${s}.migrations (module, number, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)`,
      [module, number, name, checksum, appliedAt],
    )
    await connection.query('COMMIT')
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined)
    // A server that is full, or a role that may not, is no fault of the migration, and says better what to do.
    const known = storeError(error, schema)
    if (known instanceof GestaError && ['store_full', 'store_read_only'].includes(known.code)) throw known
    throw migrationFailed(step, running, error)
  }
}

function pooled(place: string): GestaError {
  const message = `Expected a session of one's own on ${place} for the lock of migrations, but the URL leads through a pooler. Give the server's own address as directUrl, here or to whoever migrates first.`
  return new GestaError('store_unavailable', message, { facts: { place } })
}
