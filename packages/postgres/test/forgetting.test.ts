// Forgetting: purges of the command log and of idempotency keys, over logs that are longer than one step of them.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Client } from 'pg'
import { createAppender } from '../src/append.ts'
import { clientConfig, connect, queryRows } from '../src/driver.ts'
import type { Connection, Row, Value } from '../src/driver.ts'
import { postgres } from '../src/index.ts'
import { createLine } from '../src/line.ts'
import { createLogLists } from '../src/log-lists.ts'
import { logSql } from '../src/log-rows.ts'
import { quoted } from '../src/options.ts'
import { commitOf, isStored, tenant } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

const statuses = ['accepted', 'denied'] as const
const commits = 25_000

/** A store whose commit n was recorded at n; every tenth was denied. */
async function longLog() {
  const options = await newSchema()
  await (await postgres(options).open(runtime))[Symbol.asyncDispose]()
  const client = new Client(
    clientConfig({
      url: options.url,
      applicationName: 'gesta test',
      connectTimeoutMs: 10_000,
      answerTimeoutMs: 30_000,
    }),
  )
  await client.connect()
  const s = quoted(options.schema)
  await client.query(`INSERT INTO ${s}.commits (commit_no, position, recorded_at, event_count, tenant, command_id, command_type, outcome,
      context, payload, detail)
    SELECT n, 0, n, 0, '${tenant}', 'c' || n, 'Order.Change', CASE WHEN n % 10 = 0 THEN 'denied' ELSE 'accepted' END,
      '{}', '{}', '{"durationUs":1}' FROM generate_series(1, ${commits}) n`)
  return { options, client, s }
}

test(
  'a purge takes the oldest of a long log, step by step, and what is left is known without counting',
  { skip },
  async () => {
    const { options, client, s } = await longLog()
    await using backend = await postgres({ ...options, allowRewriting: true }).open(runtime)
    const { commandLog, events } = backend
    const oldest = async () => (await commandLog.list({ order: 'oldest' }, { limit: 1 })).items[0]?.commitNo
    try {
      assert.equal(await commandLog.purge({ before: commits, statuses: ['denied'] }), 1_000)
      assert.equal(await oldest(), 1)
      assert.equal(await commandLog.purge({ before: 20_001, limit: 10_000 }), 10_000)
      assert.equal(await oldest(), 11_001)
      assert.equal(await commandLog.purge({ before: 20_001, limit: 10_000 }), 9_000)
      assert.equal(await commandLog.purge({ before: 20_001, limit: 10_000 }), 0)
      assert.equal(await oldest(), 20_001)
      assert.equal(await commandLog.total(), commits - 20_000)
      assert.equal(await commandLog.purge({ before: commits, statuses: [...statuses], tenant: 'other' }), 0)

      // Of purges at once each counts its own.
      const both = await Promise.all([
        commandLog.purge({ before: commits + 1, statuses: [...statuses], limit: 10_000 }),
        commandLog.purge({ before: commits + 1, tenant, limit: 10_000 }),
      ])
      assert.equal(both[0] + both[1], commits - 20_000)
      const counted = await client.query<{ count: string }>(
        `SELECT count(*) FROM ${s}.commits WHERE detail = '' AND payload IS NULL`,
      )
      assert.deepEqual(
        [Number(counted.rows[0]?.count), await commandLog.total(), await oldest()],
        [commits, 0, undefined],
      )

      // An emptied log begins at 1 again, and so do its purges.
      await events.reset()
      assert.ok(isStored(await events.commit(commitOf('c1', 'a'))))
      assert.deepEqual([await commandLog.total(), await commandLog.purge({ before: Number.MAX_SAFE_INTEGER })], [1, 1])
    } finally {
      await client.end()
    }
  },
)

test('a list of the oldest begins behind what was forgotten', { skip }, async () => {
  const { options, client, s } = await longLog()
  await using backend = await postgres(options).open(runtime)
  try {
    for (const count of [10_000, 10_000, 0])
      assert.equal(await backend.commandLog.purge({ before: 20_001, limit: 10_000 }), count)
    let passedOver = 0
    const read = async (sql: string, values: readonly Value[] = []): Promise<readonly Row[]> => {
      const plan = JSON.stringify(await queryRows(client, `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, values))
      for (const [, rows] of plan.matchAll(/Rows Removed by Filter[^0-9]*(\d+)/g)) passedOver += Number(rows)
      return queryRows(client, sql, values)
    }
    const { commands } = createLogLists({ read }, s)
    const { items } = await commands({ order: 'oldest' }, { limit: 3 }, backend.events.identity)
    assert.deepEqual(
      items.map(({ commitNo }) => commitNo),
      [20_001, 20_002, 20_003],
    )
    assert.equal(passedOver, 0)
  } finally {
    await client.end()
  }
})

test('commands that were recorded late are forgotten too, as far as clocks disagree', { skip }, async () => {
  const { options, client, s } = await longLog()
  await using backend = await postgres(options).open(runtime)
  try {
    await client.query(`UPDATE ${s}.commits SET recorded_at = 1 WHERE commit_no = 9000`)
    assert.equal(await backend.commandLog.purge({ before: 100 }), 100)
    await client.query(`UPDATE ${s}.commits SET recorded_at = 20000 WHERE commit_no = 150`)
    assert.equal(await backend.commandLog.purge({ before: 200 }), 99)
    // What was passed over is met again when it is old.
    assert.equal(await backend.commandLog.purge({ before: 300 }), 100)
    assert.equal(await backend.commandLog.total({ to: 20_001 }), 20_000 - 299)
  } finally {
    await client.end()
  }
})

test('appends go on while a purge is not done', { skip }, async () => {
  const { options, client, s } = await longLog()
  await using backend = await postgres({ ...options, lockTimeoutMs: 1_000 }).open(runtime)
  try {
    await client.query('BEGIN')
    await client.query(`SELECT ${s}.purge_commands('scope', NULL, '{accepted}', 10000, 10000, 0)`)
    assert.ok(isStored(await backend.events.commit(commitOf('meanwhile', 'a'))))
    assert.equal((await backend.events.header(tenant, 'c1'))?.commitNo, 1)
  } finally {
    await client.end()
  }
})

test('the key of a commit that is far behind its time is met once its neighbours are old', { skip }, async () => {
  const { options, client, s } = await longLog()
  await using backend = await postgres(options).open(runtime)
  try {
    await client.query(`UPDATE ${s}.commits SET recorded_at = 1 WHERE commit_no = ${commits};
      INSERT INTO ${s}.idempotency (commit_no, tenant, sender, command_type, key, fingerprint)
        SELECT n, '${tenant}', 's', 'Order.Change', 'k' || n, 'f' FROM unnest(ARRAY[1, 2, ${commits - 1}, ${commits}]) n`)
    const pruned = async (before: number) => backend.events.pruneKeys({ before })
    assert.deepEqual([await pruned(10), await pruned(10)], [2, 0])
    assert.deepEqual([await pruned(20_000), await pruned(20_000), await pruned(commits)], [1, 0, 1])
  } finally {
    await client.end()
  }
})

test('old keys of any number are forgotten, and commands with the others are still repetitions', { skip }, async () => {
  const { options, client, s } = await longLog()
  await using backend = await postgres(options).open(runtime)
  const { events } = backend
  const keyed = (commandId: string, key: string) =>
    commitOf(commandId, 'a', { idempotency: { sender: 'ada', key, fingerprint: 'f' } })
  try {
    await client.query(`INSERT INTO ${s}.idempotency (commit_no, tenant, sender, command_type, key, fingerprint)
      SELECT n, '${tenant}', 'ada', 'Order.Change', 'k' || n, repeat('f', 1500) FROM generate_series(1, ${commits}) n`)
    assert.equal(await events.pruneKeys({ before: 24_001, limit: 10_000 }), 10_000)
    assert.equal(await events.pruneKeys({ before: 24_001, limit: 10_000 }), 10_000)
    assert.equal(await events.pruneKeys({ before: 24_001, limit: 10_000 }), 4_000)
    assert.equal(await events.pruneKeys({ before: 24_001 }), 0)
    assert.ok(isStored(await events.commit(keyed('again', 'k24000'))))
    assert.equal((await events.commit(keyed('new', 'k24001'))).verdict, 'duplicate')
    assert.equal((await events.header(tenant, 'c1'))?.commitNo, 1)
  } finally {
    await client.end()
  }
})

test(
  'a key that is forgotten while its repetition is answered leaves the repetition stored, with its group',
  { skip },
  async () => {
    const options = await newSchema()
    await using backend = await postgres(options).open(runtime)
    const { events } = backend
    const idempotency = { sender: 'ada', key: 'k', fingerprint: 'f' }
    assert.ok(isStored(await events.commit(commitOf('first', 'a', { idempotency }))))
    const server = { url: options.url, applicationName: 'gesta test', connectTimeoutMs: 5_000, answerTimeoutMs: 30_000 }
    let pruned = 0
    const line = createLine(server, runtime.clock, async (given) => {
      const connection = await connect(given)
      const query: Connection['query'] = async (sql, values) => {
        // Between the verdict and the look at the key.
        if (sql.includes('.idempotency')) pruned += await events.pruneKeys({ before: Number.MAX_SAFE_INTEGER })
        return connection.query(sql, values)
      }
      return Object.create(connection, { query: { value: query } }) as Connection
    })
    const { append } = createAppender({
      ...runtime,
      line,
      schema: quoted(options.schema),
      sql: logSql(quoted(options.schema)),
      place: 'the place',
      waitsForDisk: true,
      lockTimeoutMs: 5_000,
      retryForMs: 5_000,
    })
    try {
      const group = [commitOf('second', 'a', { idempotency }), commitOf('third', 'b')]
      const verdicts = await append(group)
      assert.deepEqual([pruned, verdicts.every(isStored), await events.head()], [1, true, 3])
      assert.deepEqual((await events.readAll({ after: 0 })).map(({ commandId }) => commandId).toSorted(), [
        'first',
        'second',
        'third',
      ])
      assert.equal(
        (await events.headerByKey({ tenant, commandType: 'Order.Change', ...idempotency }))?.header.commandId,
        'second',
      )
    } finally {
      await line.close()
    }
  },
)
