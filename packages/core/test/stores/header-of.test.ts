import assert from 'node:assert/strict'
import test from 'node:test'
import { isHeaderOf } from '../../src/stores/commit.ts'
import type { StoredHeader } from '../../src/stores/commit.ts'
import { commitOf } from './event/commits.ts'

const commit = commitOf({ commandId: 'c', writes: ['a', 'b'] })
const header: StoredHeader = {
  ...commit.header,
  tenant: 't',
  commandId: 'c',
  commitNo: 7,
  position: 9,
  eventCount: 2,
  recordedAt: commit.recordedAt,
  context: commit.context,
}

test('a header is that of the commit which left it, and of no other one under the same id', () => {
  assert.ok(isHeaderOf(header, commit))
  const others: readonly Partial<StoredHeader>[] = [
    { recordedAt: 2 },
    { outcome: 'abandoned' },
    { context: '{ }' },
    { eventCount: 3 },
  ]
  for (const other of others) assert.ok(!isHeaderOf({ ...header, ...other }, commit), JSON.stringify(other))
})
