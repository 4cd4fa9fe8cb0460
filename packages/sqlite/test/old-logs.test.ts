// A log that was written before commands had details is opened as it is.
import assert from 'node:assert/strict'
import test from 'node:test'
import { openForWriting } from '../src/database.ts'
import { storeModules } from '../src/migrations/index.ts'
import { sqliteMigrations } from '../src/index.ts'
import { runMigrations } from '@gesta/core/ports'
import { commitOf, isStored, newStore, tenant } from './commits.ts'
import { runtime } from './place.ts'
import { detailOf } from './records.ts'

const firstVersion = storeModules.map(({ migrations, ...module }) => ({
  ...module,
  migrations: migrations.slice(0, 1),
}))
const oldCommand = `INSERT INTO commits (commit_no, tenant, command_id, command_type, outcome, correlation_id, context, recorded_at, position, event_count)
  VALUES (1, '${tenant}', 'old', 'Order.Change', 'accepted', 'origin', '{"correlationId":"origin"}', 5, 1, 1)`
const oldEvent = `INSERT INTO events (position, commit_no, idx, tenant, aggregate_type, aggregate_id, version, type, schema_version, data)
  VALUES (1, 1, 0, '${tenant}', 'Order', 'a', 1, 'Order.Changed', 1, '{}')`
const oldKey = `INSERT INTO idempotency (tenant, sender, command_type, key, commit_no, fingerprint) VALUES ('${tenant}', 's', 'Order.Change', 'k', 1, 'f')`
const identity = `INSERT INTO log (id, incarnation, secret, created_at) VALUES (1, 'first', 'aa', 1)`

test('a log of the version before shows its commands as records without detail, and takes new ones with it', async () => {
  await using store = await newStore()
  await runMigrations(sqliteMigrations(store.path).target, firstVersion, runtime)
  const db = openForWriting(store.path, { durability: 'full' })
  for (const sql of [identity, oldCommand, oldEvent, oldKey]) db.exec(sql)
  db.close()

  await using backend = await store.open()
  const { events, commandLog } = backend
  assert.equal(events.identity.incarnation, 'first')
  const old = await commandLog.get(tenant, 'old')
  assert.deepEqual(
    [old?.status, old?.durationUs, old?.payload, old?.metadata, old?.events],
    ['accepted', undefined, undefined, {}, [{ id: 'old.0', position: 1 }]],
  )
  const detail = detailOf({ payload: '{"a":1}', metadata: { address: '::1' } })
  assert.ok(isStored(await events.commit(commitOf('new', 'a', { detail, context: '{"correlationId":"origin"}' }))))
  const { items, total } = await commandLog.list({ correlationId: 'origin' }, { withTotal: true })
  assert.deepEqual(
    items.map(({ commandId, payload, durationUs }) => [commandId, payload, durationUs]),
    [
      ['new', '{"a":1}', 5],
      ['old', undefined, undefined],
    ],
  )
  assert.equal(total, 2)

  assert.equal(await commandLog.redact(tenant, 'old'), true)
  assert.deepEqual(await commandLog.get(tenant, 'old'), old)
  assert.equal(await commandLog.purge({ before: 6 }), 1)
  assert.deepEqual([await commandLog.get(tenant, 'old'), await commandLog.total()], [undefined, 1])
  assert.equal((await events.header(tenant, 'old'))?.commitNo, 1)
  assert.equal(await events.pruneKeys({ before: 6 }), 1)
  const scope = { tenant, sender: 's', commandType: 'Order.Change', key: 'k' }
  assert.equal(await events.headerByKey(scope), undefined)
})
