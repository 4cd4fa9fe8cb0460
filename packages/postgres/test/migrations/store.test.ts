import assert from 'node:assert/strict'
import test from 'node:test'
import { dryRunMigrations, isGestaError, migrationStatus, runMigrations } from '@gesta/core/ports'
import type { MigrationModule } from '@gesta/core/ports'
import { Client } from 'pg'
import { postgres, postgresMigrations } from '../../src/index.ts'
import { commitOf, isStored } from '../commits.ts'
import { newSchema, runtime, skip } from '../place.ts'

const namesOf = (list: readonly { readonly module: string; readonly name: string }[]): readonly string[] =>
  list.map(({ module, name }) => `${module} ${name}`)
/** What a domain would bring: tables of its own beside those of the store, whose names need no schema. */
const loyalty: MigrationModule = {
  name: 'loyalty',
  dependsOn: ['log'],
  migrations: [
    { number: 1, name: 'cards', statements: ['CREATE TABLE cards (id text PRIMARY KEY, since bigint)'] },
    {
      number: 2,
      name: 'first-cards',
      statements: ['INSERT INTO cards SELECT aggregate_id, min(position) FROM events GROUP BY aggregate_id'],
    },
  ],
}
async function texts(url: string, text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows.flatMap((row) => Object.values(row))
  } finally {
    await client.end()
  }
}

test(
  'a module of a domain runs after those of the store, and the store knows then that it is newer',
  { skip },
  async () => {
    const options = await newSchema()
    {
      await using backend = await postgres(options).open(runtime)
      assert.ok(isStored(await backend.events.commit(commitOf('c', 'order-1'))))
      const { target, modules } = postgresMigrations(options)
      // The app may go on meanwhile.
      assert.deepEqual(namesOf(await runMigrations(target, [loyalty, ...modules], runtime)), [
        'loyalty cards',
        'loyalty first-cards',
      ])
      assert.deepEqual(await texts(options.url, `SELECT id, since FROM ${options.schema}.cards`), ['order-1', '1'])
      const status = await migrationStatus(target, [loyalty, ...modules])
      assert.deepEqual([status.pending, status.unknown, status.drifted], [[], [], []])
    }
    await assert.rejects(postgres(options).open(runtime), (error) => isGestaError(error, 'store_newer'))
  },
)

test('looking makes no schema', { skip }, async () => {
  const options = await newSchema()
  const { target, modules } = postgresMigrations(options)
  const pending = await dryRunMigrations(target, modules)
  assert.ok(pending.length > 3)
  assert.deepEqual(namesOf((await migrationStatus(target, modules)).pending), namesOf(pending))
  const schemas = `SELECT nspname FROM pg_namespace WHERE nspname = '${options.schema}'`
  assert.deepEqual(await texts(options.url, schemas), [])
})

test('a schema of another program is refused, and left alone', { skip }, async () => {
  const { url, schema } = await newSchema()
  await texts(url, `CREATE SCHEMA ${schema}`)
  await texts(url, `CREATE TABLE ${schema}.migrations (id integer, run_on timestamp)`)
  const { target, modules } = postgresMigrations({ url, schema })
  const isForeign = (error: unknown): boolean => isGestaError(error, 'store_foreign')
  await assert.rejects(migrationStatus(target, modules), isForeign)
  await assert.rejects(postgres({ url, schema }).open(runtime), isForeign)
  const tables = `SELECT tablename FROM pg_tables WHERE schemaname = '${schema}'`
  assert.deepEqual(await texts(url, tables), ['migrations'])
})

test('processes that start together on a new schema become one store', { skip }, async () => {
  const options = await newSchema()
  const backends = await Promise.all([1, 2, 3, 4].map(() => postgres(options).open(runtime)))
  const identities = new Set(backends.map(({ events }) => JSON.stringify(events.identity)))
  for (const backend of backends) await backend[Symbol.asyncDispose]()
  assert.equal(identities.size, 1)
})

test('a statement that ends its transaction is noticed, and nothing after it runs', { skip }, async () => {
  const { target } = postgresMigrations(await newSchema())
  const sneaky = 'CREATE TABLE a (b integer); COMMIT'
  const migrations = [{ number: 1, name: 'sneaky', statements: [sneaky, 'CREATE TABLE later (b integer)'] }]
  await assert.rejects(runMigrations(target, [{ name: 'log', migrations }], runtime), (error) => {
    assert.ok(isGestaError(error, 'migration_failed'))
    assert.match(error.message, /log 1 "sneaky".*statement 1 of 2.*ended the transaction/)
    return true
  })
  assert.deepEqual(await target.ledger(), [])
})

test('a role that owns its schema needs no right to make one', { skip }, async () => {
  const { url, schema } = await newSchema()
  const role = `owner_${process.pid}`
  await texts(url, `CREATE ROLE ${role} LOGIN`)
  try {
    await texts(url, `CREATE SCHEMA ${schema} AUTHORIZATION ${role}`)
    const own = new URL(url)
    own.username = role
    {
      await using backend = await postgres({ url: own.href, schema }).open(runtime)
      assert.ok(isStored(await backend.events.commit(commitOf('c', 'a'))))
    }
  } finally {
    await texts(url, `DROP OWNED BY ${role} CASCADE`)
    await texts(url, `DROP ROLE ${role}`)
  }
})
