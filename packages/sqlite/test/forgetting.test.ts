// What is taken out of the command log stays out, also of an opened copy, and what guards repetitions stays.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import type { CommandLog, OpenBackend } from '@gesta/core/ports'
import type { SqliteEventStore } from '../src/event-store.ts'
import { commitOf, isStored, newStore, oneTo, tenant } from './commits.ts'
import { detailOf } from './records.ts'

const atUs = (number: number): number => 1_000_000 + number
const idempotency = (number: number) => ({ sender: 's', key: `k${number}`, fingerprint: 'f' })
async function storeCommands({ events }: OpenBackend, count: number): Promise<void> {
  const verdicts = await Promise.all(
    oneTo(count).map((number) =>
      events.commit(
        commitOf(`c${number}`, `order-${number % 20}`, {
          recordedAt: atUs(number),
          detail: detailOf({ payload: `{"secret":${number}}`, metadata: { address: `secret-${number}` } }),
          idempotency: idempotency(number),
          ...(number % 2 === 0 && { header: { ...commitOf('', '').header, outcome: 'rejected' } }),
        }),
      ),
    ),
  )
  assert.ok(verdicts.every(isStored))
}
const idsOf = async (log: CommandLog, limit = 100): Promise<readonly string[]> =>
  (await log.list({ order: 'oldest' }, { limit })).items.map(({ commandId }) => commandId)

test('records that were redacted or purged are so after the store was opened again; headers and keys are kept', async () => {
  await using store = await newStore()
  {
    await using backend = await store.open()
    await storeCommands(backend, 10)
    const { commandLog } = backend
    assert.deepEqual([await commandLog.redact(tenant, 'c9'), await commandLog.redact(tenant, 'none')], [true, false])
    assert.equal(await commandLog.purge({ before: atUs(7), limit: 2 }), 2)
    assert.deepEqual((await idsOf(commandLog))[0], 'c3')
    assert.equal(await commandLog.purge({ before: atUs(7), statuses: ['rejected'] }), 2)
    assert.equal(await commandLog.purge({ before: atUs(7), statuses: ['rejected'] }), 0)
    assert.equal(await commandLog.purge({ before: atUs(7), tenant: 'other' }), 0)
  }
  await using backend = await store.open()
  const { commandLog, events } = backend
  assert.deepEqual(await idsOf(commandLog), ['c3', 'c5', 'c7', 'c8', 'c9', 'c10'])
  assert.deepEqual(
    [await commandLog.total(), await commandLog.total({ tenant }), (await commandLog.info()).items],
    [6, 6, 6],
  )
  assert.equal(await commandLog.total({ statuses: ['rejected'] }), 2)
  assert.deepEqual([await commandLog.get(tenant, 'c1'), await commandLog.redact(tenant, 'c1')], [undefined, false])
  const redacted = await commandLog.get(tenant, 'c9')
  assert.deepEqual([redacted?.payload, redacted?.metadata, redacted?.redacted], [undefined, {}, ['*']])
  assert.equal((await events.header(tenant, 'c1'))?.commitNo, 1)
  assert.equal((await events.commit(commitOf('c1', 'order-1'))).verdict, 'duplicate')
  const scope = { tenant, sender: 's', commandType: 'Order.Change', key: 'k1' }
  assert.equal((await events.headerByKey(scope))?.header.commandId, 'c1')
  assert.equal(await commandLog.purge({ before: atUs(11) }), 6)
  assert.deepEqual([await idsOf(commandLog), (await commandLog.info()).items], [[], 0])
})

test('old records and keys are forgotten in steps, however many there are, and none that is young', async () => {
  await using store = await newStore()
  await using backend = await store.open({ durability: 'normal' })
  await storeCommands(backend, 2600)
  const { commandLog, events } = backend
  const counts = { purged: [] as number[], pruned: [] as number[] }
  for (let more = true; more;) {
    counts.purged.push(await commandLog.purge({ before: atUs(2501) }))
    counts.pruned.push(await events.pruneKeys({ before: atUs(2501) }))
    more = counts.purged.at(-1) === 1000
  }
  assert.deepEqual(counts, { purged: [1000, 1000, 500], pruned: [1000, 1000, 500] })
  assert.deepEqual(
    [await commandLog.purge({ before: atUs(2501) }), await events.pruneKeys({ before: atUs(2501) })],
    [0, 0],
  )
  assert.deepEqual([await commandLog.total(), (await idsOf(commandLog))[0]], [100, 'c2501'])
  const byKey = (key: string) => events.headerByKey({ tenant, sender: 's', commandType: 'Order.Change', key })
  assert.equal(await byKey('k2500'), undefined)
  assert.equal((await byKey('k2501'))?.header.commandId, 'c2501')
  assert.equal(await commandLog.purge({ before: atUs(2502) }), 1)
})

test('commands whose clocks were behind are found too', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  const { events, commandLog } = backend
  for (const [at, recordedAt] of [50, 10, 40, 20].entries())
    await events.commit(commitOf(`c${at}`, 'a', { recordedAt, detail: detailOf(), idempotency: idempotency(at) }))
  assert.equal(await commandLog.purge({ before: 15 }), 1)
  assert.equal(await events.pruneKeys({ before: 15 }), 1)
  assert.deepEqual(await idsOf(commandLog), ['c0', 'c2', 'c3'])
  assert.equal(await commandLog.purge({ before: 45 }), 2)
  assert.equal(await events.pruneKeys({ before: 45 }), 2)
  assert.deepEqual(await idsOf(commandLog), ['c0'])
})

test('an emptied log purges from its start again', async () => {
  await using store = await newStore()
  await using backend = await store.open({ allowRewriting: true })
  await storeCommands(backend, 5)
  assert.equal(await backend.commandLog.purge({ before: atUs(9) }), 5)
  await backend.events.reset()
  await storeCommands(backend, 3)
  assert.equal(await backend.commandLog.purge({ before: atUs(9) }), 3)
})

test('a change is made once more when its thread dies, and a purge that was made counts nothing then', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  await storeCommands(backend, 4)
  const { writer } = backend.events as SqliteEventStore
  const dying = backend.commandLog.redact(tenant, 'c1')
  await writer.thread.worker()?.terminate()
  assert.equal(await dying, true)
  assert.equal((await backend.commandLog.get(tenant, 'c1'))?.payload, undefined)
  assert.equal(await writer.forget('forgetRecords', [1, 2]), 2)
  assert.equal(await writer.forget('forgetRecords', [1, 2]), 0)
  assert.deepEqual(await idsOf(backend.commandLog), ['c3', 'c4'])
})

test('headers and events are read without payload and detail, and a page of large payloads is short', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  const { events, commandLog } = backend
  const payload = JSON.stringify('x'.repeat(1_000_000))
  for (const number of oneTo(6))
    await events.commit(commitOf(`c${number}`, 'a', { detail: detailOf({ payload, metadata: { a: 'hidden' } }) }))
  const header = await events.header(tenant, 'c1')
  assert.ok(!JSON.stringify([header, await events.readAll({ after: 0 })]).includes('hidden'))
  const page = await commandLog.list({}, { limit: 100 })
  assert.ok(page.items.length < 6 && page.cursor !== undefined)
  const rest = await commandLog.list({}, { limit: 100, cursor: page.cursor })
  assert.equal(page.items.length + rest.items.length, 6)
  assert.ok([...page.items, ...rest.items].every((record) => record.payload === payload))
})

test('a purge of what is rare ends where 10,000 commits of any kind are too young', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const file = new DatabaseSync(store.path)
  file.exec(`WITH RECURSIVE numbers (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers WHERE value < 20002)
    INSERT INTO commits (commit_no, tenant, command_id, command_type, outcome, context, recorded_at, position, event_count)
    SELECT value, '', 'c' || value, 'Order.Change', iif(value = 20002, 'failed', 'accepted'), '{}', iif(value = 20002, 1, 100), 0, 0
    FROM numbers`)
  file.close()
  const failed = { before: 50, statuses: ['failed'] } as const
  await using backend = await store.open()
  assert.equal(await backend.commandLog.purge(failed), 0)
  // What was passed over had nothing of the kind: the next one begins behind it.
  assert.equal(await backend.commandLog.purge(failed), 0)
  assert.equal(await backend.commandLog.purge(failed), 1)
})
