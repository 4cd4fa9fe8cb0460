// How the pump gathers: who is not waited for gets several commits at once, who is waited for gets them now.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RecordedEvent } from '../../src/contracts/recorded-event.ts'
import { createPump } from '../../src/pump/pump.ts'
import { createEventDecoder } from '../../src/stores/event/event-decoder.ts'
import { createMemoryEventStore } from '../../src/stores/event/memory-event-store.ts'
import { createAlarms } from '../../src/time/alarms.ts'
import { createFakeClock, fakeRuntime, settled } from '../fake-clock.ts'
import { appendBeside } from '../interfering-store.ts'

/** A pump with one reader from the start; `got` is empty until the reader has its batch. */
async function reading(hurried: () => boolean) {
  const clock = createFakeClock()
  const store = createMemoryEventStore(fakeRuntime(clock).ids)
  const pump = await createPump({
    store,
    decoder: createEventDecoder(new Map()),
    alarms: createAlarms(clock),
    tailBytesMax: 1_000_000,
    pollMs: 250,
  })
  const got: (readonly number[])[] = []
  const read = async (after: number): Promise<void> => {
    const events: readonly RecordedEvent[] = (await pump.next(after, 1_000, hurried)) ?? []
    got.push(events.map(({ position }) => position))
  }
  const append = async (events = 1): Promise<void> => {
    const many = Array.from({ length: events }, () => ({ type: 'Thing.Done', data: 1 }))
    await appendBeside(store, 'Thing/a', many)
    await settled()
  }
  return { clock, pump, got, read, append }
}
const nobody = (): boolean => false
const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, at) => at + 1)

describe('a reader that nobody waits for', () => {
  test('gets the commits of the gathering time in one batch', async () => {
    const { clock, pump, got, read, append } = await reading(nobody)
    const done = read(0)
    await append()
    await clock.advance(1)
    await append(2)
    await append()
    assert.deepEqual(got, [])
    await clock.advance(1)
    await done
    assert.deepEqual(got, [[1, 2, 3, 4]])
    pump[Symbol.dispose]()
    assert.equal(clock.timers, 0)
  })

  test('gathers from the first event that it has not seen, also when that came while it was at work', async () => {
    const { clock, pump, got, read, append } = await reading(nobody)
    const first = read(0)
    await append()
    await clock.advance(2)
    await first
    await append()
    const second = read(1)
    await append()
    assert.deepEqual(got, [[1]])
    await clock.advance(2)
    await second
    assert.deepEqual(got, [[1], [2, 3]])
    pump[Symbol.dispose]()
  })

  test('gets 128 events without waiting longer', async () => {
    const { clock, pump, got, read, append } = await reading(nobody)
    const startUs = clock.nowUs()
    const done = read(0)
    for (let commit = 0; commit < 127; commit++) await append()
    assert.deepEqual(got, [])
    await append()
    await done
    assert.deepEqual(got, [upTo(128)])
    assert.equal(clock.nowUs(), startUs)
    pump[Symbol.dispose]()
  })

  test('gets what there is as soon as somebody hurries it', async () => {
    const { clock, pump, got, read, append } = await reading(nobody)
    const startUs = clock.nowUs()
    const done = read(0)
    await append()
    await append()
    assert.deepEqual(got, [])
    pump.hurry()
    await done
    assert.deepEqual(got, [[1, 2]])
    assert.equal(clock.nowUs(), startUs)
    pump[Symbol.dispose]()
  })
})

describe('a reader that is hurried', () => {
  test('gets every commit at once', async () => {
    const { clock, pump, got, read, append } = await reading(() => true)
    const startUs = clock.nowUs()
    for (const after of [0, 1, 2]) {
      const done = read(after)
      await append()
      await done
    }
    assert.deepEqual(got, [[1], [2], [3]])
    assert.equal(clock.nowUs(), startUs)
    pump[Symbol.dispose]()
  })
})
