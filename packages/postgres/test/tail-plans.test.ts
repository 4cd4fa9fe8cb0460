// How tails of streams are found: each by its index from the newest event on, with and without statistics of the tables.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Client } from 'pg'
import { clientConfig, queryRows } from '../src/driver.ts'
import type { Value } from '../src/driver.ts'
import { postgres } from '../src/index.ts'
import { createLogReader } from '../src/log-reader.ts'
import { logSql } from '../src/log-rows.ts'
import { quoted } from '../src/options.ts'
import { newSchema, runtime, skip } from './place.ts'

test(
  'tails are read by the index of their streams and nothing of a stream is sorted, however long it is',
  { skip },
  async () => {
    const options = await newSchema()
    const s = quoted(options.schema)
    await (await postgres(options).open(runtime))[Symbol.asyncDispose]()
    const timeouts = { connectTimeoutMs: 10_000, answerTimeoutMs: 30_000 }
    const client = new Client(clientConfig({ ...timeouts, url: options.url, applicationName: 'gesta test' }))
    await client.connect()
    try {
      const rows = 'FROM generate_series(1, 20000) n'
      await client.query(`INSERT INTO ${s}.commits (commit_no, position, recorded_at, event_count, tenant, command_id, command_type, outcome, context)
        SELECT n, n, n, 1, 't', 'c' || n, 'Order.Change', 'accepted', '{}' ${rows};
      INSERT INTO ${s}.events (position, commit_no, version, idx, schema_version, tenant, aggregate_type, aggregate_id, type, data)
        SELECT n, n, (n - 1) / 10 + 1, 0, 1, 't', 'Order', 'o' || n % 10, 'Order.Changed', '{}' ${rows}`)
      let plan = ''
      const read = async (sql: string, values: readonly Value[] = []) => {
        const lines = await queryRows(client, `EXPLAIN ${sql}`, values)
        plan = lines.map(([line]) => String(line)).join('\n')
        return queryRows(client, sql, values)
      }
      const log = createLogReader({ read } as unknown as Parameters<typeof createLogReader>[0], logSql(s))
      const streams = ['o3', 'missing', 'o7'].map((aggregateId) => ({
        tenant: 't',
        aggregateType: 'Order',
        aggregateId,
      }))
      for (const before of [undefined, 500]) {
        const tails = await log.readTails({ streams, limit: 20, before })
        const newest = before === undefined ? 2_000 : before - 1
        assert.deepEqual(
          tails.map((tail) => [tail.length, tail[0]?.version, tail[0]?.aggregateId]),
          [
            [20, newest, 'o3'],
            [0, undefined, undefined],
            [20, newest, 'o7'],
          ],
        )
        assert.match(plan, /Limit .*\n\s*->\s+Index Scan (Backward )?using \w+ on events/, plan)
        assert.doesNotMatch(plan, /Seq Scan on (events|commits)/, plan)
        await client.query(`ANALYZE ${s}.commits, ${s}.events`)
      }
    } finally {
      await client.end()
    }
  },
)
