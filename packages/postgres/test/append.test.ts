// What an append insists on, whatever the role has by default, and what keys it takes.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import test from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { Commit } from '@gesta/core/ports'
import { Client } from 'pg'
import { encodeGroup } from '../src/group-cells.ts'
import { postgres } from '../src/index.ts'
import { logSql } from '../src/log-rows.ts'
import { quoted } from '../src/options.ts'
import { commitOf, isStored, oneTo } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

async function schemaWith(settings: string): Promise<{ readonly url: string; readonly schema: string }> {
  const { url, schema } = await newSchema()
  const withSettings = new URL(url)
  withSettings.searchParams.set('options', settings)
  return { url: withSettings.href, schema }
}

for (const level of ['repeatable\\ read', 'serializable']) {
  test(`refuses transactions that would not see what the head lock waited for (${level})`, { skip }, async () => {
    const options = await schemaWith(`-c default_transaction_isolation=${level}`)
    await using backend = await postgres(options).open(runtime)
    await assert.rejects(backend.events.commit(commitOf('c1', 'a')), (error) => {
      assert.ok(isGestaError(error, 'store_unavailable'), String(error))
      assert.match(error.message, /READ COMMITTED.*default_transaction_isolation/)
      return true
    })
  })
}

test(
  'waits for the disk also where the role does not, for replicas where the role does, and for neither if told so',
  { skip },
  async () => {
    const options = await schemaWith('-c synchronous_commit=off')
    await (await postgres(options).open(runtime))[Symbol.asyncDispose]()
    const client = new Client({ connectionString: options.url })
    await client.connect()
    let number = 0
    const settingAfter = async (waits: string): Promise<unknown> => {
      await client.query('BEGIN')
      const group = [commitOf(`c${(number += 1)}`, 'a')]
      await client.query(logSql(quoted(options.schema)).append, [...encodeGroup(group), false, waits, 1000])
      const { rows } = await client.query<{ synchronous_commit: string }>('SHOW synchronous_commit')
      await client.query('COMMIT')
      return rows[0]?.synchronous_commit
    }
    try {
      assert.equal(await settingAfter('on'), 'on')
      assert.equal(await settingAfter('off'), 'off')
      await client.query('SET synchronous_commit = remote_apply')
      assert.equal(await settingAfter('on'), 'remote_apply')
    } finally {
      await client.end()
    }
  },
)

test(
  'keys of the greatest length, in any script and of any content, are told apart wherever they stand',
  { skip },
  async () => {
    await using backend = await postgres(await newSchema()).open(runtime)
    const { events } = backend
    /** Beyond what an index can hold, and too random to be packed. */
    const long = (): string => String.fromCharCode(...oneTo(512).map(() => randomInt(0x4e00, 0x9fa0)))
    const keyed = (key: string, last: string): Commit => ({
      ...commitOf(`${key.slice(0, 511)}${last}`, `${key.slice(0, 511)}${last}`),
      tenant: key,
      streams: [
        {
          aggregateType: key,
          aggregateId: `${key.slice(0, 511)}${last}`,
          expectation: 'noStream',
          events: [{ type: key, schemaVersion: 1, data: `"${last}"` }],
        },
      ],
      header: { ...commitOf('', '').header, commandType: key },
      idempotency: { sender: key, key: `${key.slice(0, 511)}${last}`, fingerprint: 'f' },
    })
    const commits = oneTo(5).flatMap(() => {
      const key = long()
      return ['a', 'b'].map((last) => keyed(key, last))
    })
    assert.ok((await Promise.all(commits.map((commit) => events.commit(commit)))).every(isStored))
    for (const commit of commits) {
      const { tenant, commandId, idempotency } = commit
      const [{ aggregateType, aggregateId } = { aggregateType: '', aggregateId: '' }] = commit.streams
      const [event, ...more] = await events.readStream({ tenant, aggregateType, aggregateId })
      assert.deepEqual([event?.commandId, event?.data, more.length], [commandId, `"${commandId.slice(-1)}"`, 0])
      assert.equal((await events.header(tenant, commandId))?.commandId, commandId)
      const scope = { tenant, sender: tenant, commandType: tenant, key: idempotency?.key ?? '' }
      assert.equal((await events.headerByKey(scope))?.header.commandId, commandId)
      assert.equal((await events.commit(commit)).verdict, 'duplicate')
      assert.equal((await events.commit({ ...commit, commandId: `new-${commandId.slice(5)}` })).verdict, 'duplicate')
      assert.equal(
        (await events.commit({ ...commit, commandId: `new-${commandId.slice(5)}`, idempotency: undefined })).verdict,
        'conflict',
      )
      assert.deepEqual(await events.versions([{ tenant, aggregateType, aggregateId }]), [1])
    }
    // The digest that stands for a long key in an index is itself a key like any other.
    assert.ok(isStored(await events.commit({ ...commitOf('stars', '*'.repeat(241)), tenant: '*'.repeat(305) })))
  },
)

test('numbers that no version can be are never met', { skip }, async () => {
  await using backend = await postgres(await newSchema()).open(runtime)
  const { events } = backend
  await events.commit(commitOf('c1', 'a'))
  const [stream] = commitOf('', 'a').streams
  assert.ok(stream)
  for (const [index, expectation] of [-1, -2, -3, 0.5, 1.5, Number.NaN].entries()) {
    const verdict = await events.commit({ ...commitOf(`n${index}`, ''), streams: [{ ...stream, expectation }] })
    assert.equal(verdict.verdict, 'conflict', String(expectation))
    const reads = [{ aggregateType: 'Order', aggregateId: 'a', version: expectation }]
    assert.equal(
      (await events.commit({ ...commitOf(`r${index}`, 'b'), reads })).verdict,
      'conflict',
      String(expectation),
    )
  }
})
