// How entries of the audit log are found: in the order of an index, whatever is asked for, and heads without looking at whole chains.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { AuditFilter } from '@gesta/core/ports'
import { Client } from 'pg'
import { createPostgresAuditLog } from '../src/audit-log.ts'
import { clientConfig, queryRows } from '../src/driver.ts'
import type { Row, Value } from '../src/driver.ts'
import { postgres } from '../src/index.ts'
import { quoted } from '../src/options.ts'
import { newSchema, runtime, skip } from './place.ts'

interface Plan {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Plan[]
}
interface Found {
  /** Nodes of the plan, with the indexes that they read. */
  readonly steps: readonly string[]
  /** Rows that were read from the table or its indexes, all together. */
  readonly rows: number
}
function found(plan: Plan): Found {
  const { 'Node Type': step, 'Index Name': index, Plans: plans = [] } = plan
  const below = plans.map(found)
  const read = (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops']
  return {
    steps: [index === undefined ? step : `${step} ${index}`, ...below.flatMap(({ steps }) => steps)],
    rows: (step.endsWith(' Scan') && index !== undefined ? read : 0) + below.reduce((sum, { rows }) => sum + rows, 0),
  }
}

test('a page and the heads cost what they have, however long the chains are', { skip }, async () => {
  const options = await newSchema()
  const s = quoted(options.schema)
  await (await postgres(options).open(runtime))[Symbol.asyncDispose]()
  const timeouts = { connectTimeoutMs: 10_000, answerTimeoutMs: 30_000 }
  const client = new Client(clientConfig({ ...timeouts, url: options.url, applicationName: 'gesta test' }))
  await client.connect()
  await client.query(`INSERT INTO ${s}.audit_log
      (sequence, recorded_at, idx, tenant, command_id, action, actor, resource, outcome, data, hash)
    SELECT n, n, 0, t, t || n, 'A' || n % 100, 'p' || n % 100, 'R' || n % 1000,
      CASE WHEN n % 100 = 0 THEN 'denied' ELSE 'succeeded' END, '{}', repeat('0', 64)
    FROM generate_series(1, 5000) n, unnest(ARRAY['t', 'u', 'v', 'w']) t;
    ANALYZE ${s}.audit_log`)
  let last: Found = { steps: [], rows: 0 }
  const read = async (sql: string, values: readonly Value[] = []): Promise<readonly Row[]> => {
    const [row] = await queryRows(client, `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, values)
    const [{ Plan: plan }] = JSON.parse(String(row?.[0])) as [{ readonly Plan: Plan }]
    last = found(plan)
    return queryRows(client, sql, values)
  }
  const log = createPostgresAuditLog({ schema: s, read, write: read, close: () => undefined }, () => ({
    incarnation: 'i',
    secret: 's',
  }))
  const filters: readonly (readonly [AuditFilter, string])[] = [
    [{}, 'audit_log_pkey'],
    [{ tenant: 'u' }, 'audit_log_pkey'],
    [{ actor: 'p7' }, 'audit_log_actor'],
    [{ actor: 'p7', tenant: 'u' }, 'audit_log_actor'],
    [{ action: 'A7', tenant: 'u' }, 'audit_log_action'],
    [{ resource: 'R7' }, 'audit_log_resource'],
    [{ resource: 'R7', outcome: 'succeeded' }, 'audit_log_resource'],
    [{ outcome: 'denied' }, 'audit_log_outcome'],
    [{ outcome: 'denied', tenant: 'u' }, 'audit_log_outcome'],
  ]
  try {
    for (const [filter, index] of filters)
      for (const order of ['newest', 'oldest'] as const) {
        const asked = { ...filter, order }
        const name = JSON.stringify(asked)
        const first = await log.list(asked, { limit: 4 })
        assert.equal(first.items.length, 4, name)
        const pages = [last]
        await log.list(asked, { limit: 4, cursor: first.cursor })
        pages.push(last)
        for (const { steps, rows } of pages) {
          assert.ok(
            steps.some((step) => step.endsWith(` ${index}`)),
            `${name}: ${steps.join(', ')}`,
          )
          assert.ok(rows <= 10, `${name} read ${rows} rows: ${steps.join(', ')}`)
        }
      }
    // A short time in a long chain.
    assert.equal((await log.list({ tenant: 'u', from: 2_000, to: 2_010 })).items.length, 10)
    assert.ok(last.rows <= 20 && last.steps.some((step) => step.endsWith('audit_log_time')), last.steps.join(', '))
    assert.equal((await log.heads()).length, 4)
    assert.ok(last.rows <= 12 && !last.steps.includes('Seq Scan'), `${last.rows} rows: ${last.steps.join(', ')}`)
    assert.equal(await log.total(), 20_000)
    assert.ok(last.rows <= 12, `${last.rows} rows: ${last.steps.join(', ')}`)
    assert.equal((await log.list({}, { limit: 1, withTotal: true })).total, 20_000)
    assert.equal((await log.list({ outcome: 'denied' }, { limit: 1, withTotal: true })).total, 200)
    assert.equal(await log.total({ outcome: 'denied' }), 200)
    assert.deepEqual(
      (await log.heads({ after: 't', limit: 2 })).map(({ tenant }) => tenant),
      ['u', 'v'],
    )
    assert.ok(last.rows <= 6, `${last.rows} rows: ${last.steps.join(', ')}`)
    assert.equal((await log.read({ tenant: 'u', after: 2_000, limit: 10 })).length, 10)
    // One more, to see that it is not another of the last one's number.
    assert.ok(last.rows <= 11, `${last.rows} rows: ${last.steps.join(', ')}`)
  } finally {
    await client.end()
  }
})
