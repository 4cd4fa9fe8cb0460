// What a command log of its own adds to the suite: JSONB besides, codecs side by side, and numbers in the order in which they are seen.
import assert from 'node:assert/strict'
import test from 'node:test'
import { cborRecords } from '@gesta/core/cbor'
import { isGestaError, jsonRecords } from '@gesta/core/ports'
import type { CommandLogStore, CommandRecord } from '@gesta/core/ports'
import { Client } from 'pg'
import { postgres, postgresCommandLog } from '../src/index.ts'
import { oneTo } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

const tenant = 't'
function recordOf(commandId: string, fields: Partial<CommandRecord> = {}): CommandRecord {
  const record = { tenant, commandId, commandType: 'Order.Place', status: 'accepted', recordedAt: 1, context: '{}' }
  const lists = { metadata: {}, retries: 0, events: [], messages: [], jobs: [], redacted: [], truncated: [] }
  return jsonRecords.decode(jsonRecords.encode({ ...record, ...lists, ...fields } as unknown as CommandRecord))
}
const idsOf = async (log: CommandLogStore): Promise<readonly string[]> =>
  (await log.list({ order: 'oldest' }, { limit: 10_000 })).items.map(({ commandId }) => commandId)

test(
  'payload and metadata stand besides as JSONB where it can hold them, and their exact texts in the record',
  { skip },
  async () => {
    const options = await newSchema()
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const payloads = ['{"b":1.50,"a":2}', '{"nul":"\\u0000"}', '{"lone":"\\ud800"}', '{"piece":', deep, undefined]
    const records = payloads.map((payload, at) => recordOf(`c${at}`, { payload, metadata: { at: `${at}` } }))
    await using log = await postgresCommandLog({ ...options, jsonb: true }).open(runtime)
    await log.record(records)
    const client = new Client({ connectionString: options.url })
    await client.connect()
    const kept = async (): Promise<readonly unknown[]> => {
      const select = `SELECT payload::text, metadata::text FROM ${options.schema}.command_log ORDER BY seq`
      return (await client.query<unknown[]>({ text: select, rowMode: 'array' })).rows
    }
    try {
      assert.deepEqual(await kept(), [
        ['{"a": 2, "b": 1.50}', '{"at": "0"}'],
        ...oneTo(5).map((at) => [null, `{"at": "${at}"}`]),
      ])
      for (const record of records) assert.deepEqual(await log.get(tenant, record.commandId), record)
      for (const { commandId } of records) assert.ok(await log.redact(tenant, commandId))
      assert.deepEqual(
        await kept(),
        records.map(() => [null, null]),
      )
    } finally {
      await client.end()
    }
  },
)

test('records of several codecs lie in one log; one that is not known is refused by name', { skip }, async () => {
  const options = await newSchema()
  {
    await using log = await postgresCommandLog(options).open(runtime)
    await log.record([recordOf('json')])
  }
  {
    await using log = await postgresCommandLog({ ...options, codec: cborRecords }).open(runtime)
    await log.record([recordOf('cbor')])
    assert.deepEqual(await idsOf(log), ['json', 'cbor'])
  }
  await using log = await postgresCommandLog(options).open(runtime)
  assert.equal((await log.get(tenant, 'json'))?.commandId, 'json')
  await assert.rejects(log.get(tenant, 'cbor'), (error) => {
    assert.ok(isGestaError(error, 'store_foreign'), String(error))
    assert.match(error.message, /the record 2 .*"json".*received "cbor"/)
    return true
  })
})

test('of one call each command is kept once, as if it were told one after the other', { skip }, async () => {
  await using log = await postgresCommandLog(await newSchema()).open(runtime)
  const started = { status: 'started' } as const
  await log.record([
    recordOf('a', started),
    recordOf('b'),
    recordOf('a', { status: 'failed' }),
    recordOf('a'),
    recordOf('b', started),
    recordOf('c', started),
    recordOf('c', { ...started, recordedAt: 2 }),
  ])
  const { items } = await log.list({ order: 'oldest' })
  assert.deepEqual(
    items.map(({ commandId, status, recordedAt }) => [commandId, status, recordedAt]),
    [
      ['a', 'failed', 1],
      ['b', 'accepted', 1],
      ['c', 'started', 1],
    ],
  )
})

test('records that are larger than a call come in several, in order', { skip }, async () => {
  await using log = await postgresCommandLog(await newSchema()).open(runtime)
  const payload = JSON.stringify('x'.repeat(1_000_000))
  const ids = oneTo(20).map((number) => `c${number}`)
  await log.record(ids.map((commandId) => recordOf(commandId, { payload })))
  let cursor: string | undefined
  const seen: string[] = []
  do {
    const page = await log.list({ order: 'oldest' }, { cursor })
    seen.push(...page.items.map(({ commandId }) => commandId))
    cursor = page.cursor
  } while (cursor !== undefined)
  assert.deepEqual(seen, ids)
})

test('what is not stored yet has no number that others could pass over', { skip }, async () => {
  const options = await newSchema()
  await using log = await postgresCommandLog(options).open(runtime)
  const client = new Client({ connectionString: options.url })
  await client.connect()
  try {
    await client.query('BEGIN')
    const row = [tenant, 'slow', 'Order.Place', 'accepted', null, null, null, null]
    const bytes = [Buffer.from(jsonRecords.encode(recordOf('slow')))]
    await client.query(`SELECT ${options.schema}.record_commands($1, $2, $3, 'json')`, [row, [1], bytes])
    let isStored = false
    const quick = log.record([recordOf('quick')]).then(() => (isStored = true))
    const waiting = `SELECT FROM pg_locks WHERE relation = '${options.schema}.command_log_gate'::regclass AND NOT granted`
    while (!isStored && (await client.query(waiting)).rowCount === 0);
    assert.deepEqual(await idsOf(log), [])
    await client.query('COMMIT')
    await quick
    assert.deepEqual(await idsOf(log), ['slow', 'quick'])
  } finally {
    await client.end()
  }
})

test('the schema of an app is refused, and an option that there is not', { skip }, async () => {
  const options = await newSchema()
  await (await postgres(options).open(runtime))[Symbol.asyncDispose]()
  await assert.rejects(postgresCommandLog(options).open(runtime), (error) => isGestaError(error, 'store_newer'))
  assert.throws(() => postgresCommandLog({ ...options, jsonB: true } as never), /jsonb/)
})
