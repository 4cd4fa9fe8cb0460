import { describe, test } from 'node:test'
import fc from 'fast-check'
import { keySteps, playKeySteps, runKeyStoreSuite } from '../../../src/conformance/key-store/index.ts'
import { createMemoryKeyStore } from '../../../src/stores/key/memory-key-store.ts'

runKeyStoreSuite(test, async () => ({ open: async () => createMemoryKeyStore(), remove: async () => undefined }), {
  durable: 'memory ends with its process',
  shared: 'memory belongs to one process',
})

describe('a key store in memory', () => {
  test('shows no tenant a byte of another, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), (numbers) =>
        playKeySteps(createMemoryKeyStore(), keySteps(numbers)),
      ),
      { numRuns: 50 },
    )
  })
})
