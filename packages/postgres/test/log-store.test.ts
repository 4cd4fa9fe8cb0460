import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Client } from 'pg'
import { placesOf, runLogStoreSuite } from '@gesta/core/conformance/log-store'
import { postgres } from '../src/index.ts'
import { newPlace, newSchema, runtime, skip } from './place.ts'

describe('on PostgreSQL', { skip }, () => {
  runLogStoreSuite(
    test,
    placesOf(newPlace, ({ log }) => log),
    { durable: true, shared: true },
  )
})

test('lines are appended while the table of lines is vacuumed', { skip }, async () => {
  const options = await newSchema()
  await using backend = await postgres(options).open(runtime)
  const client = new Client({ connectionString: options.url })
  await client.connect()
  try {
    // The lock that VACUUM takes.
    await client.query(`BEGIN; LOCK TABLE ${options.schema}.lines IN SHARE UPDATE EXCLUSIVE MODE`)
    await backend.log.append([{ level: 'info', at: runtime.clock.nowUs(), tenant: 't', text: 'meanwhile' }])
    assert.equal(await backend.log.total(), 1)
  } finally {
    await client.end()
  }
})
