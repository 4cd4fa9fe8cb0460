// Nobody changes what is in the audit log: neither the owner of the schema nor a role that an app runs under.
import assert from 'node:assert/strict'
import test from 'node:test'
import { aggregate, command, createApp, domain, event } from '@gesta/core'
import { isGestaError } from '@gesta/core/ports'
import { Client } from 'pg'
import { z } from 'zod'
import { postgres } from '../src/index.ts'
import { audited, soundChain } from './chains.ts'
import { commitOf, isStored } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

const changes = (schema: string): readonly string[] => [
  `UPDATE ${schema}.audit_log SET actor = 'mallory'`,
  `UPDATE ${schema}.audit_log SET actor = 'mallory' WHERE false`,
  `DELETE FROM ${schema}.audit_log WHERE sequence = 1`,
  `TRUNCATE ${schema}.audit_log`,
  `INSERT INTO ${schema}.audit_log SELECT * FROM ${schema}.audit_log ON CONFLICT (tenant, sequence) DO UPDATE SET data = '{}'`,
]
const stateOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code

async function clientOf(url: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: url })
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}

test('not even a superuser updates, deletes or truncates before the trigger is switched off', { skip }, async () => {
  const { url, schema } = await newSchema()
  await using backend = await postgres({ url, schema }).open(runtime)
  await backend.events.commit(audited('c1', 3))
  await using client = await clientOf(url)
  for (const change of changes(schema))
    await assert.rejects(client.query(change), (error) => {
      assert.equal(stateOf(error), '23001', String(error))
      assert.match(String(error), /the audit log is only added to: no (update|delete|truncate)/)
      return true
    })
  // As the sessions of replication and of restores do, in which other triggers rest.
  await client.query('SET session_replication_role = replica')
  for (const change of changes(schema))
    await assert.rejects(client.query(change), (error) => stateOf(error) === '23001')
  assert.equal((await soundChain(backend.audit, 't')).length, 3)
})

/** What docs/reference/postgres.md says. */
const grants = (schema: string, role: string): string => `
  GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${role};
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role};
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role};
  REVOKE UPDATE, DELETE, TRUNCATE ON ${schema}.audit_log FROM ${role};`

/** A role with these rights on a new schema, and a client of the owner; both are gone in the end. */
async function newRole(name: string) {
  const { url, schema } = await newSchema()
  await (await postgres({ url, schema }).open(runtime))[Symbol.asyncDispose]()
  const owner = await clientOf(url)
  await owner.query(`CREATE ROLE ${name} LOGIN; ${grants(schema, name)}`)
  const own = new URL(url)
  own.username = name
  const remove = async (): Promise<void> => {
    await owner.query(`DROP OWNED BY ${name} CASCADE; DROP ROLE ${name}`)
    await owner.end()
  }
  return { url: own.href, schema, owner, [Symbol.asyncDispose]: remove }
}

const add = command('Counter.Add', { input: z.object({ id: z.string() }) })
const Added = event('Counter.Added', z.object({ id: z.string() }))
const Counter = aggregate('Counter', () => 0).on(Added, (count) => count + 1)
const counting = domain('Counter', {
  permissions: 'anonymous',
  handlers: [Counter.decide(add, 'id', (_, { id }) => add.accept([Added({ id })]))],
})

test('a role that owns nothing runs an app, adds entries, and can do nothing to them', { skip }, async () => {
  await using role = await newRole(`app_${process.pid}`)
  const { url, schema } = role
  const options = { url, schema, allowRewriting: true }
  {
    await using running = await createApp('counter', { domains: [counting] }).start({ store: postgres(options) })
    assert.ok((await running.dispatch(add({ id: 'a' }))).ok)
  }
  await using backend = await postgres(options).open(runtime)
  const { events, audit, data, readModels } = backend
  assert.ok(isStored(await events.commit(audited('c1', 2))))
  const messages = [{ key: 'k', type: 'T', schemaVersion: 1, data: '1' }]
  assert.ok(isStored(await events.commit(commitOf('c2', 'a', { messages }))))
  await data.set({ tenant: 't', bucket: 'b', object: 'o', contentType: 'text/plain', content: new Uint8Array(3) })
  const view = await readModels.open({ name: 'orders', modelVersion: 1, generation: 0 })
  assert.equal(await view.checkpoint(), undefined)
  const record = audited('mend', 1, { streams: [] })
  const mended = await events.rewrite({ tenant: 't', commandId: 'c1', index: 0, data: '{"mended":1}', record })
  assert.equal(mended?.verdict, 'stored')
  await using client = await clientOf(url)
  const detours = [
    `ALTER TABLE ${schema}.audit_log DISABLE TRIGGER refuse_change`,
    `DROP TRIGGER refuse_change ON ${schema}.audit_log`,
    `DROP TABLE ${schema}.audit_log`,
    `CREATE OR REPLACE FUNCTION ${schema}.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    `SET session_replication_role = replica`,
  ]
  for (const change of [...changes(schema), ...detours])
    await assert.rejects(client.query(change), (error) => {
      assert.equal(stateOf(error), '42501', `${change}: ${String(error)}`)
      return true
    })
  await events.reset()
  assert.equal((await soundChain(audit, 't')).length, 3)
})

test('a role that may not add to the audit log stores no commit with entries, and others still', { skip }, async () => {
  await using role = await newRole(`mute_${process.pid}`)
  const { url, schema, owner } = role
  await owner.query(`REVOKE INSERT ON ${schema}.audit_log FROM mute_${process.pid}`)
  await using backend = await postgres({ url, schema }).open(runtime)
  await assert.rejects(backend.events.commit(audited('c1')), (error) => isGestaError(error, 'store_read_only'))
  assert.ok(isStored(await backend.events.commit(commitOf('c2', 'a'))))
  assert.equal(await backend.events.head(), 1)
})
