import { describe, test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import fc from 'fast-check'
import { jobSteps, playJobSteps, runJobStoreSuite } from '../../../src/conformance/job-store/index.ts'
import { memory } from '../../../src/stores/memory-backend.ts'
import { createFakeClock, fakeRuntime } from '../../fake-clock.ts'
import { runtime } from '../runtime.ts'

const backend = memory({ allowRewriting: true })

runJobStoreSuite(test, async () => ({ open: () => backend.open(runtime), remove: async () => undefined, pass }), {
  durable: 'memory ends with its process',
  rewriting: true,
  shared: 'memory belongs to one process',
})

describe('a job store in memory', () => {
  test('keeps the laws of the port, whatever happens in whatever order, while time passes and workers are lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 120, size: 'max' }), async (numbers) => {
        const clock = createFakeClock()
        await using opened = await backend.open(fakeRuntime(clock))
        const time = { nowUs: clock.nowUs, pass: (ms: number) => clock.advance(ms) }
        await playJobSteps(opened, jobSteps(numbers), time)
      }),
      { numRuns: 150 },
    )
  })
})
