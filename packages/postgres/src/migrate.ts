// Makes a schema a store of this version: creates it, brings it up to date, or says why it cannot be used.
import { GestaError, newLogIdentity, runMigrations } from '@gesta/core/ports'
import type { BackendRuntime, LogIdentity } from '@gesta/core/ports'
import { createTarget } from './migration-target.ts'
import { storeModules } from './migrations/index.ts'
import { placeOf, quoted } from './options.ts'
import type { CheckedOptions } from './options.ts'
import type { Pool } from './pool.ts'

const readFacts = `SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'),
  current_setting('fsync') = 'on', version()`
const versionMin = 140_000

/** Says whether the server flushes its disk at all. Errors: `store_unavailable` for one that cannot keep the promises. */
export async function checkServer(pool: Pool, options: CheckedOptions): Promise<{ readonly hasFsync: boolean }> {
  const [row] = await pool.read(readFacts)
  const [version, encoding, hasFsync, name] = row ?? []
  if (Number(version) < versionMin) throw unfit(options, 'PostgreSQL 14 or newer', String(name))
  if (encoding !== 'UTF8') throw unfit(options, 'a database in UTF8', `one in ${String(encoding)}`)
  return { hasFsync: hasFsync === true }
}

/**
 * The identity of the log in a schema, which is then up to date. Errors: `store_newer`, `schema_drift`, `migration_failed`,
 * `migration_lock_timeout`, `store_foreign`, `store_read_only`, `store_full`, `store_unavailable`.
 */
export async function migrate(pool: Pool, options: CheckedOptions, runtime: BackendRuntime): Promise<LogIdentity> {
  const s = quoted(options.schema)
  if (options.mustExist) await refuseMissing(pool, options)
  await runMigrations(createTarget(options), storeModules(s), runtime)
  const readIdentity = `SELECT incarnation, secret FROM ${s}.log WHERE id = 1`
  let [row] = await pool.read(readIdentity)
  if (row === undefined) {
    const { incarnation, secret } = newLogIdentity(runtime.ids)
    // A log that has commits had an identity: it is not given another one. Of several processes the first one's stays.
    await pool.write(
      `INSERT INTO ${s}.log (id, incarnation, secret, created_at) SELECT 1, $1, $2, $3
       WHERE NOT EXISTS (SELECT FROM ${s}.commits) ON CONFLICT DO NOTHING`,
      [incarnation, secret, runtime.clock.nowUs()],
    )
    ;[row] = await pool.read(readIdentity)
  }
  if (row === undefined) {
    const message = `Expected ${placeOf(options)} to be a store of gesta, but its log has no identity. Restore it from a backup, or choose another schema.`
    throw new GestaError('store_foreign', message, { facts: { place: placeOf(options) } })
  }
  return { incarnation: String(row[0]), secret: String(row[1]) }
}

async function refuseMissing(pool: Pool, options: CheckedOptions): Promise<void> {
  const [row] = await pool.read('SELECT to_regclass($1) IS NOT NULL', [`${quoted(options.schema)}.migrations`])
  if (row?.[0] === true) return
  const place = placeOf(options)
  const message = `Expected a store of gesta in ${place}, but there is none. Look at the database and the schema; an app makes its store when it starts.`
  throw new GestaError('store_foreign', message, { facts: { place } })
}

function unfit(options: CheckedOptions, expected: string, received: string): GestaError {
  const place = placeOf(options)
  return new GestaError('store_unavailable', `Expected ${place} to be on ${expected}, but it is on ${received}.`, {
    facts: { place },
  })
}
