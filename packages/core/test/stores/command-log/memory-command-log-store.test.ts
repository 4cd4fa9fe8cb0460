import assert from 'node:assert/strict'
import test from 'node:test'
import { runSuite } from '../../../src/conformance/command-log/index.ts'
import { command } from '../../../src/conformance/command-log/given.ts'
import { memoryCommandLog } from '../../../src/stores/command-log/memory-command-log-store.ts'
import { runtime } from '../runtime.ts'

runSuite(test, async () => ({ open: () => memoryCommandLog().open(runtime), remove: async () => undefined }), {
  durable: 'memory ends with its process',
  shared: 'memory is of one process',
})

test('beyond its bound the oldest records are forgotten, and counted', async () => {
  await using log = await memoryCommandLog({ recordsMax: 3 }).open(runtime)
  const records = ['a', 'b', 'c', 'd', 'e'].map((commandId) => command({ commandId }))
  await log.record(records.slice(0, 4))
  await log.record(records.slice(4))
  assert.deepEqual((await log.list({ order: 'oldest' })).items, records.slice(2))
  assert.equal(await log.get('tenant-1', 'a'), undefined)
  assert.deepEqual((await log.info()).details, { recordsMax: 3, forgotten: 2 })
})

test('an option that makes no sense is refused when the log is described', () => {
  assert.throws(() => memoryCommandLog({ recordsMax: 0 }), RangeError)
  assert.throws(() => memoryCommandLog({ recordMax: 1 } as never), /recordsMax/)
})
