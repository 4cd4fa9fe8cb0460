// What a role has by default does not weaken what stores promise.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import { Client } from 'pg'
import { postgres } from '../src/index.ts'
import { newSchema, runtime, skip } from './place.ts'

const key = { tenant: 't', subject: 's', keyId: 'k', wrappedBy: 'w', wrapped: 'AAAA', createdAt: 1 }

async function schemaWith(settings: string): Promise<{ readonly url: string; readonly schema: string }> {
  const { url, schema } = await newSchema()
  const withSettings = new URL(url)
  withSettings.searchParams.set('options', settings)
  return { url: withSettings.href, schema }
}

test('a change that must be on disk waits for it, also where the role does not', { skip }, async () => {
  const options = await schemaWith('-c synchronous_commit=off')
  await using backend = await postgres(options).open(runtime)
  await backend.keys.putIfAbsent(key)
  const client = new Client({ connectionString: options.url })
  await client.connect()
  try {
    const waits = `SELECT current_setting('synchronous_commit') FROM ${options.schema}.begin_change`
    const setting = async (sql: string): Promise<unknown> => Object.values((await client.query(sql)).rows[0] ?? {})[0]
    assert.equal(await setting('SHOW synchronous_commit'), 'off')
    assert.equal(await setting(`${waits}(true)`), 'on')
    assert.equal(await setting(`${waits}(false)`), 'off')
    await client.query('SET synchronous_commit = remote_apply')
    assert.equal(await setting(`${waits}(true)`), 'remote_apply')
  } finally {
    await client.end()
  }
})

test(
  'changes that lock and then look are refused where transactions would not see what the lock waited for',
  { skip },
  async () => {
    const options = await schemaWith('-c default_transaction_isolation=serializable')
    await using backend = await postgres(options).open(runtime)
    const refused = (error: unknown): boolean => {
      assert.ok(isGestaError(error, 'store_unavailable'), String(error))
      assert.match(error.message, /READ COMMITTED/)
      return true
    }
    await assert.rejects(backend.keys.putIfAbsent(key), refused)
    await assert.rejects(backend.keys.shred(key, 'reason', 1), refused)
    await assert.rejects(backend.leases.acquire('a', 'alice', 1000), refused)
    await assert.rejects(backend.snapshots.deletePersonal('t'), refused)
  },
)
