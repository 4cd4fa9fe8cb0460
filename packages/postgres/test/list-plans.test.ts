// How pages are found: in the order of an index, so that a page costs what it has and not what the list has.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Client } from 'pg'
import type { CredentialFilter } from '@gesta/core/ports'
import { createPostgresCacheStore } from '../src/cache-store.ts'
import { createPostgresCredentialStore } from '../src/credential-store.ts'
import { createPostgresDataStore } from '../src/data-store.ts'
import { clientConfig, queryRows } from '../src/driver.ts'
import type { Row, Value } from '../src/driver.ts'
import { postgres } from '../src/index.ts'
import { createLogLists } from '../src/log-lists.ts'
import { createPostgresLogStore } from '../src/log-store.ts'
import { quoted } from '../src/options.ts'
import { createPostgresOutboxStore } from '../src/outbox-store.ts'
import { createViewLists } from '../src/view-lists.ts'
import { newSchema, runtime, skip } from './place.ts'

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Plans?: readonly Plan[]
}

/** The steps under the first limit: how the rows of a page are found. */
function stepsOfPage(plan: Plan, isUnder = false): readonly string[] {
  const { 'Node Type': step, 'Relation Name': table, Plans: plans = [] } = plan
  const isLimit = step === 'Limit'
  const below = plans.flatMap((one) => stepsOfPage(one, isUnder || isLimit))
  return isUnder ? [table === undefined ? step : `${step} ${table}`, ...below] : below
}

test('a page is read in the order of an index and nothing is sorted, however long the list is', { skip }, async () => {
  const options = await newSchema()
  const s = quoted(options.schema)
  {
    await using backend = await postgres(options).open(runtime)
    await backend.readModels.open({ name: 'orders', modelVersion: 1, generation: 0 })
  }
  const timeouts = { connectTimeoutMs: 10_000, answerTimeoutMs: 30_000 }
  const client = new Client(clientConfig({ ...timeouts, url: options.url, applicationName: 'gesta test' }))
  await client.connect()
  const rows = 'FROM generate_series(1, 5000) n'
  await client.query(`INSERT INTO ${s}.commits (commit_no, position, recorded_at, event_count, tenant, command_id, command_type, outcome, context)
      SELECT n, n, n, 1, 't', 'c' || n, 'Order.Change', 'accepted', '{}' ${rows};
    INSERT INTO ${s}.events (position, commit_no, version, idx, schema_version, tenant, aggregate_type, aggregate_id, type, data)
      SELECT n, n, n, 0, 1, 't', 'Order', 'a', 'Order.Changed', '{}' ${rows};
    INSERT INTO ${s}.objects (tenant, bucket, object, content_type, is_public, bytes, hash, stored_at, content)
      SELECT 't', 'b', 'o' || n, 'text/plain', false, 0, '', n, '' ${rows};
    INSERT INTO ${s}.entries (tenant, key, bytes, value) SELECT 't', 'k' || n, 1, '1' ${rows};
    INSERT INTO ${s}.credentials (tenant, kind, id, subject, version, sealed_by, sealed, written_at)
      SELECT 't', 'password', 'i' || n, 's' || n % 1000, 1, 'k' || n % 2, 'AAAA', n ${rows};
    INSERT INTO ${s}.lines (at, level, tenant, text) SELECT n, 2, 't', 'line' ${rows};
    INSERT INTO ${s}.view_1 (tenant, key, value) SELECT 't', 'k' || n, '{}' ${rows};
    INSERT INTO ${s}.outbox (commit_no, idx, schema_version, key, type, data) SELECT n, 0, 1, 'k' || n % 100, 'Order.Sent', '1' ${rows};
    INSERT INTO ${s}.held_messages (commit_no, idx, tenant, key, type, is_first, is_dead, attempts, due_at)
      SELECT n, 0, 't', 'k' || n % 100, 'Order.Sent', n <= 100, false, 1, n ${rows};
    ANALYZE ${s}.commits, ${s}.events, ${s}.objects, ${s}.entries, ${s}.credentials, ${s}.lines, ${s}.view_1, ${s}.outbox, ${s}.held_messages`)

  let steps: readonly string[] = []
  const read = async (sql: string, values: readonly Value[] = []): Promise<readonly Row[]> => {
    const [row] = await queryRows(client, `EXPLAIN (FORMAT JSON) ${sql}`, values)
    const [{ Plan: plan }] = JSON.parse(String(row?.[0])) as [{ readonly Plan: Plan }]
    steps = stepsOfPage(plan)
    return queryRows(client, sql, values)
  }
  const unused = (): never => assert.fail('A list only reads.')
  const pool = { read, readLong: read, write: read, transaction: unused, select: unused, close: async () => undefined }
  const access = { schema: s, read, write: read, close: () => undefined }
  const lists = createLogLists(pool, s)
  const identity = { incarnation: 'i', secret: 's' }
  const page = { limit: 10 }
  const lines = createPostgresLogStore(access, runtime.clock)
  const objects = createPostgresDataStore(access, runtime.clock)
  const entries = createPostgresCacheStore(access, runtime.ids, 1_000_000)
  const credentials = createPostgresCredentialStore(access)
  const nextOf = async (filter: CredentialFilter) =>
    credentials.list(filter, { ...page, cursor: (await credentials.list(filter, page)).cursor })
  const outbox = createPostgresOutboxStore(access)
  const pages: readonly (readonly [string, () => Promise<{ readonly items: readonly unknown[] }>])[] = [
    ['newest events', () => lists.events({ order: 'newest' }, page, identity)],
    ['oldest events', () => lists.events({}, page, identity)],
    ['events of a tenant', () => lists.events({ order: 'newest', tenant: 't' }, page, identity)],
    ['newest commands', () => lists.commands({}, page, identity)],
    ['newest lines', () => lines.list({}, page)],
    ['lines of a tenant', () => lines.list({ tenant: 't' }, page)],
    ['objects of a bucket', () => objects.list({ tenant: 't', bucket: 'b' }, page)],
    ['entries', () => entries.list('t', page)],
    ['credentials', () => nextOf({})],
    ['credentials of a kind', () => nextOf({ tenant: 't', kind: 'password' })],
    ['credentials under a secret', () => nextOf({ sealedBy: 'k1' })],
    ['held messages', () => outbox.list({}, page)],
    ['messages of an outbox', async () => ({ items: await outbox.after(0, 10) })],
    ['rows of a view', async () => ({ items: (await createViewLists(pool, s, 1).list('t', { limit: 10 })).rows })],
  ]
  try {
    for (const [name, list] of pages) {
      assert.equal((await list()).items.length, 10, name)
      assert.ok(
        steps.some((step) => step.startsWith('Index')),
        `${name}: ${steps.join(', ')}`,
      )
      assert.ok(!steps.some((step) => /Sort|Seq Scan|Bitmap/.test(step)), `${name}: ${steps.join(', ')}`)
    }
    // Tenants with very long names lie elsewhere in the index than in a scan: they are sorted, by themselves.
    const view = createViewLists(pool, s, 1)
    for (const after of [undefined, { tenant: 't', key: 'k2500' }]) {
      assert.equal((await view.scan(after, 10)).length, 10)
      const found = steps.filter((step) => step.endsWith('Scan view_1'))
      assert.deepEqual(found, ['Index Scan view_1', 'Index Scan view_1'], steps.join(', '))
      assert.equal(steps[steps.indexOf('Index Scan view_1') - 1], 'Limit', steps.join(', '))
    }
    // Buckets lie in the index in another order than in the list: of each no more than a page is taken, and that is sorted.
    assert.equal((await objects.list({ tenant: 't' }, page)).items.length, 10)
    const scans = steps.flatMap((step, at) => (step.endsWith('Scan objects') ? [steps.slice(at - 1, at + 1)] : []))
    assert.equal(scans.length, 3)
    for (const scan of scans) assert.deepEqual(scan, ['Limit', 'Index Scan objects'])
    // Those of a subject are few, and found by an index of their own.
    assert.equal((await credentials.list({ tenant: 't', subject: 's7' }, page)).items.length, 5)
    assert.ok(!steps.some((step) => /Seq Scan/.test(step)), steps.join(', '))
    // Held messages are found by indexes that have the first ones of their keys alone.
    const questions: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['what is due', () => outbox.due(10, 10)],
      ['when something is due', () => outbox.nextDue()],
      ['which keys wait', () => outbox.waitingKeys([{ tenant: 't', key: 'k7' }])],
    ]
    for (const [name, ask] of questions) {
      await ask()
      assert.ok(steps.length > 0 && !steps.some((step) => /Seq Scan/.test(step)), `${name}: ${steps.join(', ')}`)
    }
    assert.equal((await lists.events({}, { limit: 1, withTotal: true }, identity)).total, 5000)
    assert.equal(await lists.totalEvents({}), 5000)
    assert.equal(await lists.totalEvents({ tenant: 't', before: 11 }), 10)
    assert.equal(await lists.totalCommands({}), 5000)
  } finally {
    await client.end()
  }
})
