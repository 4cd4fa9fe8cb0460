import { describe, test } from 'node:test'
import fc from 'fast-check'
import { outboxSteps, playOutboxSteps, runOutboxStoreSuite } from '../../../src/conformance/outbox-store/index.ts'
import { memory } from '../../../src/stores/memory-backend.ts'
import { runtime } from '../runtime.ts'

const backend = memory({ allowRewriting: true })

runOutboxStoreSuite(test, async () => ({ open: () => backend.open(runtime), remove: async () => undefined }), {
  durable: 'memory ends with its process',
  rewriting: true,
  shared: 'memory belongs to one process',
})

describe('an outbox store in memory', () => {
  test('holds what a list of messages would hold, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 60 }), async (numbers) => {
        await using opened = await backend.open(runtime)
        await playOutboxSteps(opened, outboxSteps(numbers))
      }),
      { numRuns: 50 },
    )
  })
})
