// A schema is upgraded while it is in use: by appends of the version before, and by who reads it for long.
import assert from 'node:assert/strict'
import test from 'node:test'
import { migrationStatus, runMigrations } from '@gesta/core/ports'
import type { MigrationModule, MigrationTarget } from '@gesta/core/ports'
import { Client } from 'pg'
import { postgresMigrations } from '../../src/index.ts'
import { newSchema, runtime, skip } from '../place.ts'

const insertCommit = (schema: string, number: number): string =>
  `INSERT INTO ${schema}.commits (commit_no, position, recorded_at, event_count, tenant, command_id, command_type, outcome, context)
    VALUES (${number}, 0, 0, 0, '', 'c${number}', 'Order.Change', 'accepted', '{}')`

interface OldSchema extends AsyncDisposable {
  readonly schema: string
  readonly target: MigrationTarget
  readonly modules: readonly MigrationModule[]
  /** Two sessions of others. */
  readonly one: Client
  readonly other: Client
}

async function oldSchema(): Promise<OldSchema> {
  const { url, schema } = await newSchema()
  const { target, modules } = postgresMigrations({ url, schema })
  const before = modules.map((module) =>
    module.name === 'log' ? { ...module, migrations: module.migrations.slice(0, 3) } : module,
  )
  await runMigrations(target, before, runtime)
  const clients = [new Client({ connectionString: url }), new Client({ connectionString: url })] as const
  await Promise.all(clients.map((client) => client.connect()))
  const [one, other] = clients
  const end = (): Promise<unknown> => Promise.all(clients.map((client) => client.end()))
  return { schema, target, modules, one, other, [Symbol.asyncDispose]: async () => void (await end()) }
}

/** Until a migration of the schema waits for a lock that somebody has. */
async function untilOneWaits(client: Client, schema: string): Promise<void> {
  const waiting = `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE NOT granted AND application_name = $1 AND datname = current_database()`
  while ((await client.query(waiting, [`gesta ${schema} migrations`])).rowCount === 0);
}

test(
  'an append that has read before the upgrade and writes after it began is in no deadlock with it',
  { skip },
  async () => {
    await using old = await oldSchema()
    const { schema, target, modules, one, other } = old
    await runMigrations(
      target,
      modules.map((module) =>
        module.name === 'log' ? { ...module, migrations: module.migrations.slice(0, 4) } : module,
      ),
      runtime,
    )
    // As the function appends: the head lock, a look at the last commit, and then the row.
    await one.query(`BEGIN; LOCK TABLE ${schema}.head IN SHARE UPDATE EXCLUSIVE MODE; SELECT FROM ${schema}.commits`)
    const upgrading = runMigrations(target, modules, runtime)
    await untilOneWaits(other, schema)
    await one.query(`${insertCommit(schema, 1)}; COMMIT`)
    assert.ok((await upgrading).length > 0)
  },
)

test('an upgrade that waits for a long reader lets others read and append meanwhile', { skip }, async () => {
  await using old = await oldSchema()
  const { schema, target, modules, one, other } = old
  await one.query(`BEGIN; SELECT FROM ${schema}.commits`)
  const upgrading = runMigrations(target, modules, runtime)
  await untilOneWaits(other, schema)
  await other.query(insertCommit(schema, 1))
  assert.equal((await other.query(`SELECT FROM ${schema}.commits`)).rowCount, 1)
  assert.notDeepEqual((await migrationStatus(target, modules)).pending, [])
  await one.query('COMMIT')
  await upgrading
  assert.deepEqual((await migrationStatus(target, modules)).pending, [])
})
