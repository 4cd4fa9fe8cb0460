// How commands of one correlation are found: a page looks at what it shows and little more, in a log of any length, for a correlation
// of any length, and whether the server plans for the very question or for any.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Client } from 'pg'
import { jsonRecords } from '@gesta/core/ports'
import type { CommandFilter, CommandRecord, Page } from '@gesta/core/ports'
import { createPostgresCommandLogStore } from '../src/command-log-store.ts'
import { clientConfig, queryRows } from '../src/driver.ts'
import type { Row, Value } from '../src/driver.ts'
import { postgres, postgresCommandLog } from '../src/index.ts'
import { createLogLists } from '../src/log-lists.ts'
import { quoted } from '../src/options.ts'
import { createRecordRows } from '../src/record-rows.ts'
import { newSchema, runtime, skip } from './place.ts'

interface Plan {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Plan[]
}
/** Rows that the scans of a plan have looked at. */
function lookedAt({ 'Node Type': step, 'Actual Rows': rows, Plans: below = [], ...rest }: Plan): number {
  const own = step.endsWith('Scan') && !step.startsWith('Subquery') ? rows + (rest['Rows Removed by Filter'] ?? 0) : 0
  return below.reduce((sum, plan) => sum + lookedAt(plan), own)
}

const commands = 20_000
const given = `FROM generate_series(1, ${commands}) n`
/** Every second command is of one correlation; the others are of short ones, and some of none. */
const correlation = `CASE WHEN n % 2 = 0 THEN 'long' WHEN n % 3 > 0 THEN 'short-' || n / 30 END`
const limit = 10
/** Filters of which each is to be found, and how many of the first page. */
const questions: readonly (readonly [CommandFilter, number])[] = [
  [{ correlationId: 'long' }, limit],
  [{ correlationId: 'long', order: 'oldest' }, limit],
  [{ correlationId: 'long', tenant: 't0' }, limit],
  [{ correlationId: 'short-300' }, limit],
  [{ correlationId: 'short-300', tenant: 't1' }, 4],
  [{ correlationId: 'c7000' }, 1],
  [{ correlationId: 'c7000', tenant: 't0' }, 1],
  [{ correlationId: 'c7000', tenant: 't1' }, 0],
  [{ correlationId: 'nothing' }, 0],
]

test('a page of a correlation looks at no more rows than a few pages have', { skip }, async () => {
  const store = await newSchema()
  const log = await newSchema()
  await (await postgres(store).open(runtime))[Symbol.asyncDispose]()
  await (await postgresCommandLog(log).open(runtime))[Symbol.asyncDispose]()
  const timeouts = { connectTimeoutMs: 10_000, answerTimeoutMs: 30_000 }
  const client = new Client(clientConfig({ ...timeouts, url: store.url, applicationName: 'gesta test' }))
  await client.connect()
  const record = `{"events":[],"messages":[],"jobs":[],"metadata":{},"redacted":[],"truncated":[]}`
  const tenant = `CASE WHEN n % 4 < 2 THEN 't0' ELSE 't1' END`
  await client.query(`INSERT INTO ${store.schema}.commits (commit_no, position, recorded_at, event_count, tenant, command_id, command_type,
        outcome, correlation_id, context) SELECT n, n, n, 0, ${tenant}, 'c' || n, 'Order.Change', 'accepted', ${correlation}, '{}' ${given};
    INSERT INTO ${log.schema}.command_log (recorded_at, tenant, command_id, command_type, status, correlation_id, codec, record)
      SELECT n, ${tenant}, 'c' || n, 'Order.Change', 'accepted', ${correlation}, 'json', convert_to('${record}', 'UTF8') ${given};
    ANALYZE ${store.schema}.commits, ${log.schema}.command_log`)

  let looked: readonly number[] = []
  const explain = async (sql: string, values: readonly Value[] = []): Promise<number> => {
    const [row] = await queryRows(client, `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, values)
    const [{ Plan: plan }] = JSON.parse(String(row?.[0])) as [{ readonly Plan: Plan }]
    return lookedAt(plan)
  }
  const read = async (sql: string, values: readonly Value[] = []): Promise<readonly Row[]> => {
    // Prepared statements are planned for any values when the server is told to.
    await client.query(`SET plan_cache_mode = force_generic_plan; PREPARE page AS ${sql}`)
    const texts = values.map((value) => (typeof value === 'string' ? client.escapeLiteral(value) : String(value)))
    const forAny = await explain(`EXECUTE page (${texts.join(', ')})`)
    await client.query('DEALLOCATE page; RESET plan_cache_mode')
    looked = [await explain(sql, values), forAny]
    return queryRows(client, sql, values)
  }
  const lists = createLogLists({ read }, quoted(store.schema))
  const access = { schema: quoted(log.schema), read, write: read, close: () => undefined }
  const identity = { incarnation: 'i', secret: 's' }
  const own = createPostgresCommandLogStore(access, createRecordRows(jsonRecords, false, 'the place'), identity)
  const page = { limit, offset: 0 }
  const logs: readonly ((filter: CommandFilter) => Promise<Page<CommandRecord>>)[] = [
    (filter) => lists.commands(filter, page, identity),
    (filter) => own.list(filter, page),
  ]
  try {
    for (const [filter, count] of questions)
      for (const [at, list] of logs.entries()) {
        const name = `${['headers', 'records'][at]} ${JSON.stringify(filter)}`
        assert.equal((await list(filter)).items.length, count, name)
        for (const rows of looked) assert.ok(rows <= 10 * limit, `${name} looked at ${rows} rows`)
      }
  } finally {
    await client.end()
  }
})
