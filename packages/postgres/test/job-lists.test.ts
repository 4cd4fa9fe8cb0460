// One job is found by its place: what waits before it and behind it is not read.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Client } from 'pg'
import { clientConfig, queryRows } from '../src/driver.ts'
import type { Row, Value } from '../src/driver.ts'
import { postgres } from '../src/index.ts'
import { createJobLists } from '../src/job-lists.ts'
import { quoted } from '../src/options.ts'
import { commitOf, isStored, oneTo, tenant } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

interface Plan {
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Plan[]
}

/** Rows of tables that a statement has looked at. */
function rowsRead(plan: Plan): number {
  const { 'Relation Name': table, 'Actual Rows': kept, 'Rows Removed by Filter': removed = 0, Plans: plans = [] } = plan
  const own = table === undefined ? 0 : (kept + removed) * plan['Actual Loops']
  return plans.reduce((total, one) => total + rowsRead(one), own)
}

test('one job is found by its place, however many wait to be taken in', { skip }, async () => {
  const options = await newSchema()
  await using backend = await postgres(options).open(runtime)
  const jobs = oneTo(1_000).map((each) => ({ type: 'Order.Send', data: String(each), terms: undefined }))
  for (const id of ['a', 'b', 'c']) {
    const { streams: _, ...rest } = commitOf(id, 'a')
    assert.ok(isStored(await backend.events.commit({ ...rest, streams: [], jobs })))
  }
  const timeouts = { connectTimeoutMs: 10_000, answerTimeoutMs: 30_000 }
  const client = new Client(clientConfig({ ...timeouts, url: options.url, applicationName: 'gesta test' }))
  await client.connect()
  const s = quoted(options.schema)
  await client.query(`ANALYZE ${s}.commits, ${s}.jobs, ${s}.job_rows, ${s}.job_ends`)
  let looked = 0
  const read = async (sql: string, values: readonly Value[] = []): Promise<readonly Row[]> => {
    const [row] = await queryRows(client, `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, values)
    const [{ Plan: plan }] = JSON.parse(String(row?.[0])) as [{ readonly Plan: Plan }]
    looked = rowsRead(plan)
    return queryRows(client, sql, values)
  }
  const lists = createJobLists({ schema: s, read, write: read, close: () => undefined })
  const found = await lists.get(tenant, 'b', 500)
  await client.end()
  assert.equal(found?.data, '501')
  assert.ok(looked < 10, `${looked} rows were looked at`)
})
