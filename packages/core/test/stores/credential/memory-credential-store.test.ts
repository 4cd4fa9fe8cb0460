import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  credentialSteps,
  playCredentialSteps,
  runCredentialStoreSuite,
} from '../../../src/conformance/credential-store/index.ts'
import { createMemoryCredentialStore } from '../../../src/stores/credential/memory-credential-store.ts'

runCredentialStoreSuite(
  test,
  async () => ({ open: async () => createMemoryCredentialStore(), remove: async () => undefined }),
  { durable: 'memory ends with its process', shared: 'memory belongs to one process' },
)

describe('a credential store in memory', () => {
  test('shows no tenant a byte of another, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), (numbers) =>
        playCredentialSteps(createMemoryCredentialStore(), credentialSteps(numbers)),
      ),
      { numRuns: 50 },
    )
  })
})
