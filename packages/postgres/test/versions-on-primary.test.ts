// Versions decide what is allowed, so they are never read from a server that lags behind.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import { ownPostgresForTests } from '@gesta/services'
import { Client } from 'pg'
import { postgres } from '../src/index.ts'
import { commitOf } from './commits.ts'
import { runtime } from './runtime.ts'

const { skip, start } = await ownPostgresForTests()

test('a replica tells neither versions nor tails, whatever else it can be asked', { skip }, async () => {
  await using own = await start({ settings: {} })
  await using backend = await postgres({ url: own.url, retryForMs: 20_000 }).open(runtime)
  const { events } = backend
  await events.commit(commitOf('c1', 'a'))
  const streams = [{ tenant: 't', aggregateType: 'Order', aggregateId: 'a' }]
  assert.deepEqual(await events.versions(streams), [1])
  const client = new Client({ connectionString: own.url })
  await client.connect()
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
  await client.end()
  await own.stop('fast')
  // What makes a server a replica when it starts.
  await writeFile(join(rows[0]?.data_directory ?? '', 'standby.signal'), '')
  await own.start()
  const isRefused = (error: unknown): boolean => isGestaError(error, 'store_read_only')
  for (const asked of [streams, [{ tenant: 't', aggregateType: 'Order', aggregateId: 'none' }]]) {
    await assert.rejects(events.versions(asked), isRefused)
    await assert.rejects(events.readTails({ streams: asked, limit: 10 }), isRefused)
  }
  assert.equal(await events.head(), 1)
})
