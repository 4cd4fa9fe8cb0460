import { describe, test } from 'node:test'
import fc from 'fast-check'
import { dataSteps, playDataSteps, runDataStoreSuite } from '../../../src/conformance/data-store/index.ts'
import { createMemoryDataStore } from '../../../src/stores/data/memory-data-store.ts'
import { runtime } from '../runtime.ts'

runDataStoreSuite(
  test,
  async () => ({ open: async () => createMemoryDataStore(runtime.clock), remove: async () => undefined }),
  { durable: 'memory ends with its process', shared: 'memory belongs to one process' },
)

describe('a data store in memory', () => {
  test('holds what a map would hold, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), (numbers) =>
        playDataSteps(createMemoryDataStore(runtime.clock), dataSteps(numbers)),
      ),
      { numRuns: 50 },
    )
  })
})
