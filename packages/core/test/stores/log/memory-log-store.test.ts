import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { logSteps, playLogSteps, runLogStoreSuite } from '../../../src/conformance/log-store/index.ts'
import { createMemoryLogStore } from '../../../src/stores/log/memory-log-store.ts'
import { createFakeClock } from '../../fake-clock.ts'
import { runtime } from '../runtime.ts'

runLogStoreSuite(
  test,
  async () => ({ open: async () => createMemoryLogStore(runtime.clock), remove: async () => undefined }),
  { durable: 'memory ends with its process', shared: 'memory belongs to one process' },
)

describe('a log in memory', () => {
  test('holds what a list would hold, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), (numbers) =>
        playLogSteps(createMemoryLogStore(runtime.clock), logSteps(numbers)),
      ),
      { numRuns: 50 },
    )
  })

  test('keeps lines exactly as long as its retention says', async () => {
    const clock = createFakeClock()
    const log = createMemoryLogStore(clock)
    await log.setRetention(1000)
    const append = (text: string): Promise<void> => log.append([{ level: 'info', at: clock.nowUs(), tenant: '', text }])
    await append('a')
    await clock.advance(1000)
    await append('b')
    assert.equal(await log.total(), 2)
    await clock.advance(1)
    await append('c')
    assert.equal(await log.total(), 2)
    await log.setRetention(1)
    assert.deepEqual(
      (await log.list({})).items.map(({ text }) => text),
      ['c', 'b'],
    )
  })

  test('drops the oldest lines when it has no room', async () => {
    const log = createMemoryLogStore(runtime.clock, { bytesMax: 10_000 })
    for (let index = 0; index < 20; index += 1)
      await log.append([{ level: 'info', at: 1, tenant: '', text: `${index}`.padEnd(500) }])
    assert.deepEqual(
      (await log.list({ order: 'oldest' })).items.map(({ text }) => text.trim()),
      ['12', '13', '14', '15', '16', '17', '18', '19'],
    )
    const { bytes } = (await log.info()).details
    assert.ok(Number(bytes) <= 10_000)
  })
})
