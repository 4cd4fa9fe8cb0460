import assert from 'node:assert/strict'
import test from 'node:test'
import { createCheckpoints } from '../src/checkpoints.ts'
import { openForWriting } from '../src/database.ts'
import type { Database } from '../src/database.ts'
import { newStore, oneTo } from './commits.ts'

test('checkpoints that fail, the look at the length too, throw nothing at the writer thread', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  let db: Database | undefined
  const checkpoints = createCheckpoints(() => (db = openForWriting(store.path, { durability: 'full' })))
  // Every statement of a closed connection throws.
  db?.close()
  for (const _ of oneTo(64)) assert.ok(checkpoints.wrote() > 0)
  checkpoints.quiet()
})
