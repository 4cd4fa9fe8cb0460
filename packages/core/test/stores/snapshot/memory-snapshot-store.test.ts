import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  playSnapshotSteps,
  runSnapshotStoreSuite,
  snapshotSteps,
} from '../../../src/conformance/snapshot-store/index.ts'
import { createMemorySnapshotStore } from '../../../src/stores/snapshot/memory-snapshot-store.ts'

runSnapshotStoreSuite(
  test,
  async () => ({ open: async () => createMemorySnapshotStore(), remove: async () => undefined }),
  { durable: 'memory ends with its process' },
)

describe('a snapshot store in memory', () => {
  test('shows no tenant a byte of another, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 20 }), (numbers) =>
        playSnapshotSteps(createMemorySnapshotStore(), snapshotSteps(numbers)),
      ),
      { numRuns: 30 },
    )
  })
})
