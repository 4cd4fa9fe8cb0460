import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createLogDestination } from '../../../src/stores/log/log-destination.ts'
import type { LogStore, NewLogEntry } from '../../../src/stores/log/log-store.ts'
import { createMemoryLogStore } from '../../../src/stores/log/memory-log-store.ts'
import { createFakeClock, settled } from '../../fake-clock.ts'

const line = (msg: string): string => `${JSON.stringify({ level: 30, time: 1, msg })}\n`
async function textsOf(log: LogStore): Promise<readonly string[]> {
  return (await log.list({ order: 'oldest' }, { limit: 10_000 })).items.map(({ text }) => text)
}

/** A store that is away until it is told to come back, and counts what it is asked. */
function awayStore(log: LogStore): { away: boolean; calls: number } & Pick<LogStore, 'append'> {
  return {
    away: true,
    calls: 0,
    append(entries: readonly NewLogEntry[]) {
      this.calls += 1
      return this.away ? Promise.reject(new Error('away')) : log.append(entries)
    },
  }
}

describe('the destination of a logger', () => {
  test('hands lines on in their order, gathered', async () => {
    const clock = createFakeClock()
    const log = createMemoryLogStore(clock)
    await using destination = createLogDestination(log, clock, { gatherMs: 200 })
    destination.write(line('a'))
    destination.write(line('b') + line('c'))
    await clock.advance(199)
    assert.equal(await log.total(), 0)
    await clock.advance(1)
    assert.deepEqual(await textsOf(log), ['a', 'b', 'c'])
    destination.write('\n')
    assert.equal(await log.total(), 3)
  })

  test('hands on what waits when it is flushed, and tells when that is done', async () => {
    const clock = createFakeClock()
    const log = createMemoryLogStore(clock)
    await using destination = createLogDestination(log, clock)
    for (let index = 0; index < 1200; index += 1) destination.write(line(String(index)))
    await new Promise<void>((resolve, reject) => {
      destination.flush((error) => (error === undefined ? resolve() : reject(error)))
    })
    assert.deepEqual(
      await textsOf(log),
      Array.from({ length: 1200 }, (_, index) => String(index)),
    )
  })

  test('hands on what waits when it is closed, and drops what comes afterwards', async () => {
    const clock = createFakeClock()
    const log = createMemoryLogStore(clock)
    const destination = createLogDestination(log, clock)
    destination.write(line('a'))
    const closed = destination[Symbol.asyncDispose]()
    destination.write(line('late'))
    await closed
    assert.deepEqual((await textsOf(log))[0], 'a')
    assert.equal(await log.total({ text: 'late' }), 0)
    assert.equal(destination.dropped, 1)
    assert.equal(clock.timers, 0)
    await log.append([{ level: 'info', at: 1, tenant: '', text: 'the store is still open' }])
  })

  test('keeps lines while the store is away, drops those that have no room, and tells how many in a line', async () => {
    const clock = createFakeClock()
    const log = createMemoryLogStore(clock)
    const store = awayStore(log)
    await using destination = createLogDestination(store, clock, { waitingMax: 10, gatherMs: 10 })
    for (const text of ['11111', '22222', '33333', '4']) destination.write(line(text))
    assert.equal(destination.dropped, 2)
    await clock.advance(5000)
    assert.ok(store.calls > 2)
    assert.equal(await log.total(), 0)
    let failure: Error | undefined
    destination.flush((error) => void (failure = error))
    await settled()
    assert.equal(failure?.message, 'away')
    store.away = false
    await clock.advance(1000)
    assert.deepEqual(await textsOf(log), [
      '11111',
      '22222',
      '2 lines of this log were dropped, because the store did not take them in time.',
    ])
    const [told] = (await log.list({ level: 'warn' })).items
    assert.equal(told?.fields, '{"dropped":2}')
    destination.write(line('again'))
    await clock.advance(10)
    assert.equal((await textsOf(log)).at(-1), 'again')
    assert.equal(await log.total(), 4)
  })

  test('drops what a store does not take at the end, and says so', async () => {
    const clock = createFakeClock()
    const destination = createLogDestination(awayStore(createMemoryLogStore(clock)), clock)
    destination.write(line('a') + line('b'))
    await destination[Symbol.asyncDispose]()
    assert.equal(destination.dropped, 2)
    assert.equal(clock.timers, 0)
  })
})
