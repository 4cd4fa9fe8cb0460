import { describe, test } from 'node:test'
import fc from 'fast-check'
import { leaseSteps, playLeaseSteps, runLeaseStoreSuite } from '../../../src/conformance/lease-store/index.ts'
import { createMemoryLeaseStore } from '../../../src/stores/lease/memory-lease-store.ts'
import { createFakeClock } from '../../fake-clock.ts'

runLeaseStoreSuite(
  test,
  async () => {
    const clock = createFakeClock()
    return { open: async () => createMemoryLeaseStore(clock), remove: async () => undefined, pass: clock.advance }
  },
  { durable: 'memory ends with its process', shared: 'memory belongs to one process' },
)

describe('a lease store in memory', () => {
  test('holds what a table would hold, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 60 }), (numbers) => {
        const clock = createFakeClock()
        return playLeaseSteps({ store: createMemoryLeaseStore(clock), pass: clock.advance }, leaseSteps(numbers))
      }),
      { numRuns: 50 },
    )
  })
})
