// Stores until there is no room, insists that nothing of the refused batch is there, makes room, and stores again.
import assert from 'node:assert/strict'
import { isGestaError } from '@gesta/core/ports'
import { openAt, placed } from '../outbox-states.ts'

const [folder = ''] = process.argv.slice(2)
const { signal } = new AbortController()
const run = { context: {}, signal }
const padding = 'x'.repeat(20_000)
const outbox = await openAt(folder, 2)
let stored = 0
for (;;) {
  const batch = [placed(stored + 1, padding), placed(stored + 2, padding), placed(stored + 3, padding)]
  try {
    await outbox.storeEvents(batch, run)
    stored += batch.length
  } catch (error) {
    assert.ok(isGestaError(error, 'store_full'), String(error))
    break
  }
}
assert.equal((await outbox.info()).items, stored)
const batch = await outbox.receiveEventBatch({ signal })
assert.equal(batch?.events.length, Math.min(stored, 100))
await batch?.ack?.({ signal })
await outbox.storeEvents([placed(1_000)], run)
console.log(JSON.stringify(stored))
await outbox[Symbol.asyncDispose]()
