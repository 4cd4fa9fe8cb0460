// The backend: one schema for the log, its views and what lies beside them, and the connections to it.
import { crashPointOf, newLogIdentity } from '@gesta/core/ports'
import type { Backend, BackendRuntime, CrashPoint, OpenBackend } from '@gesta/core/ports'
import { createAppender } from './append.ts'
import { createPostgresAuditLog } from './audit-log.ts'
import { createPostgresCacheStore } from './cache-store.ts'
import { createPostgresCommandLog } from './command-log.ts'
import { crashing, crashingFlushes, crashSteps } from './crash-steps.ts'
import { createPostgresCredentialStore } from './credential-store.ts'
import { createPostgresDataStore } from './data-store.ts'
import { connect } from './driver.ts'
import { createPostgresEventStore } from './event-store.ts'
import { createPostgresJobStore } from './job-store.ts'
import { createPostgresKeyStore } from './key-store.ts'
import { createPostgresLeaseStore } from './lease-store.ts'
import { createLine } from './line.ts'
import { logSql } from './log-rows.ts'
import { createPostgresLogStore } from './log-store.ts'
import { checkServer, migrate } from './migrate.ts'
import { createDomainTables } from './migration-target.ts'
import { checkPostgresOptions, placeOf, quoted } from './options.ts'
import type { CheckedOptions, PostgresOptions } from './options.ts'
import { createPostgresOutboxStore } from './outbox-store.ts'
import { createPool } from './pool.ts'
import { createPostgresReadModelStore } from './read-model-store.ts'
import { createPostgresSeenStore } from './seen-store.ts'
import { createPostgresSnapshotStore } from './snapshot-store.ts'
import { createSignals } from './signals.ts'
import { createStoreAccess } from './store-access.ts'

/**
 * A store in one schema of a PostgreSQL database, for any number of processes. The schema is made when it is missing.
 * Errors when the app starts: `store_foreign`, `store_newer`, `schema_drift`, `migration_failed`, `migration_lock_timeout`,
 * `store_read_only`, `store_full`, `store_unavailable`. Reference: docs/reference/postgres.md.
 */
export function postgres(options: PostgresOptions): Backend {
  const checked = checkPostgresOptions(options, 'postgres()')
  const crash = crashPointOf(options, crashSteps, 'postgres()')
  return { backend: 'postgres', open: (runtime) => openPostgres(checked, crash, runtime) }
}

async function openPostgres(
  options: CheckedOptions,
  crash: CrashPoint | undefined,
  runtime: BackendRuntime,
): Promise<OpenBackend> {
  const {
    url,
    directUrl,
    schema,
    durability,
    connectionsMax,
    connectTimeoutMs,
    answerTimeoutMs,
    lockTimeoutMs,
    retryForMs,
    cacheBytesMax,
    allowRewriting,
  } = options
  const { clock, ids } = runtime
  const place = placeOf(options)
  const server = { url, applicationName: `gesta ${schema}`, connectTimeoutMs, answerTimeoutMs }
  const sending = crashingFlushes(crash)
  const pool = createPool({ server, place, connectionsMax, clock, ids, retryForMs, sending })
  try {
    const { hasFsync } = await checkServer(pool, options)
    const identity = await migrate(pool, options, runtime)
    const sql = logSql(quoted(schema))
    const line = createLine(server, clock, crashing(connect, crash))
    const waitsForDisk = durability === 'full'
    const appending = { schema: quoted(schema), sql, place, clock, ids, waitsForDisk, lockTimeoutMs, retryForMs }
    const events = createPostgresEventStore({
      identity,
      newIdentity: () => newLogIdentity(ids),
      pool,
      line,
      signals: createSignals({ line: createLine({ ...server, url: directUrl }, clock), schema, clock, ids }),
      appender: createAppender({ line, ...appending }),
      schema: quoted(schema),
      sql,
      durability: hasFsync ? durability : 'normal',
      allowRewriting,
    })
    const readModels = createPostgresReadModelStore(pool, quoted(schema))
    const access = () => createStoreAccess(pool, quoted(schema))
    const beside = {
      snapshots: createPostgresSnapshotStore(access()),
      leases: createPostgresLeaseStore(access()),
      keys: createPostgresKeyStore(access()),
      credentials: createPostgresCredentialStore(access()),
      data: createPostgresDataStore(access(), clock),
      cache: createPostgresCacheStore(access(), ids, cacheBytesMax),
      log: createPostgresLogStore(access(), clock),
      outbox: createPostgresOutboxStore(access()),
      jobs: createPostgresJobStore(access(), { lockTimeoutMs, place }),
      seen: createPostgresSeenStore(access()),
    }
    const close = async (): Promise<void> => {
      await readModels[Symbol.asyncDispose]()
      await events[Symbol.asyncDispose]()
      await pool.close()
    }
    let closing: Promise<void> | undefined
    return {
      events,
      commandLog: createPostgresCommandLog(events, pool, quoted(schema), sql),
      audit: createPostgresAuditLog(access(), () => events.identity),
      readModels,
      ...beside,
      // A server that never flushes its disk keeps no promise about it.
      durability: hasFsync ? durability : 'normal',
      shared: true,
      domainTables: createDomainTables(options),
      [Symbol.asyncDispose]: () => (closing ??= close()),
    }
  } catch (error) {
    await pool.close()
    throw error
  }
}
