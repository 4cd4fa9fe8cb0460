// Other processes write too: a reader looks when the store says that they may have, and when it hears nothing after the time of a poll.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPump } from '../../src/pump/pump.ts'
import { createEventDecoder } from '../../src/stores/event/event-decoder.ts'
import { createMemoryEventStore } from '../../src/stores/event/memory-event-store.ts'
import type { EventStore } from '../../src/stores/event/event-store.ts'
import { createAlarms } from '../../src/time/alarms.ts'
import { createFakeClock, fakeRuntime, settled } from '../fake-clock.ts'
import { appendBeside } from '../interfering-store.ts'

/** A store that another process writes to, and a pump on it; `looks` counts what it is asked for. */
async function elsewhere(isTold: boolean) {
  const clock = createFakeClock()
  const store = createMemoryEventStore(fakeRuntime(clock).ids)
  const listeners = new Set<() => void>()
  let looks = 0
  let held: Promise<void> | undefined
  /** Keeps the answer of the next look until what it returns is called. */
  const hold = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    held = promise
    return resolve
  }
  const silent: EventStore = {
    ...store,
    readAll: async (read) => {
      looks++
      const wait = held
      held = undefined
      const found = await store.readAll(read)
      await wait
      return found
    },
    onAppend: () => ({ [Symbol.dispose]: () => undefined }),
    ...(isTold && {
      onAdvance: (listener: () => void) => {
        listeners.add(listener)
        return { [Symbol.dispose]: () => void listeners.delete(listener) }
      },
    }),
  }
  const alarms = createAlarms(clock)
  const decoder = createEventDecoder(new Map())
  const pump = await createPump({ store: silent, decoder, alarms, tailBytesMax: 1_000, pollMs: 250 })
  return { clock, store, pump, listeners, looks: () => looks, hold }
}

test('a reader looks as soon as it is told', async () => {
  const { store, pump, listeners } = await elsewhere(true)
  const reading = pump.next(0, 100)
  await settled()
  await appendBeside(store, 'Thing/a', [{ type: 'Thing.Done', data: 1 }])
  for (const listener of listeners) listener()
  assert.equal((await reading)?.length, 1)
  pump[Symbol.dispose]()
  assert.equal(listeners.size, 0)
})

test('a reader that is told in vain goes on waiting', async () => {
  const { clock, store, pump, listeners } = await elsewhere(true)
  const reading = pump.next(0, 100)
  await settled()
  for (const listener of listeners) listener()
  await settled()
  await appendBeside(store, 'Thing/a', [{ type: 'Thing.Done', data: 1 }])
  await clock.advance(250)
  assert.equal((await reading)?.length, 1)
  pump[Symbol.dispose]()
})

test('a reader that is told nothing looks after the time of a poll', async () => {
  const { clock, store, pump } = await elsewhere(false)
  const reading = pump.next(0, 100)
  await settled()
  await appendBeside(store, 'Thing/a', [{ type: 'Thing.Done', data: 1 }])
  await clock.advance(250)
  assert.equal((await reading)?.length, 1)
  pump[Symbol.dispose]()
})

test('readers at one place look once for all, and each is given what there is', async () => {
  const { clock, store, pump, looks } = await elsewhere(false)
  const readers = Array.from({ length: 20 }, () => pump.next(0, 100))
  await clock.advance(250 * 4)
  assert.ok(looks() <= 5, `${looks()} looks`)
  await appendBeside(store, 'Thing/a', [{ type: 'Thing.Done', data: 1 }])
  await clock.advance(250)
  for (const events of await Promise.all(readers)) assert.equal(events?.length, 1)
  pump[Symbol.dispose]()
})

test('a reader that is told does not share a look that was begun before', async () => {
  const { store, pump, listeners, hold } = await elsewhere(true)
  const free = hold()
  const [early, late] = [pump.next(0, 100), pump.next(0, 100)]
  // The first one looks, and gets its answer late: one from before anything was stored.
  pump.hurry()
  await settled()
  await appendBeside(store, 'Thing/a', [{ type: 'Thing.Done', data: 1 }])
  for (const listener of listeners) listener()
  const told = pump.next(0, 100)
  pump.hurry()
  assert.equal((await told)?.length, 1)
  free()
  for (const listener of listeners) listener()
  await settled()
  for (const listener of listeners) listener()
  for (const events of await Promise.all([early, late])) assert.equal(events?.length, 1)
  pump[Symbol.dispose]()
})

test('a reader that is told while it looks, looks again, and does not wait for a poll', async () => {
  const { store, pump, listeners, hold } = await elsewhere(true)
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  const free = hold()
  const reading = pump.next(0, 100)
  tell()
  await settled()
  // Its look is on its way, with the answer of before.
  await appendBeside(store, 'Thing/a', [{ type: 'Thing.Done', data: 1 }])
  tell()
  free()
  assert.equal((await reading)?.length, 1)
  pump[Symbol.dispose]()
})

test('a reader that is told does not take a page that was fetched ahead before', async () => {
  const { store, pump, listeners } = await elsewhere(true)
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  const add = (data: number): Promise<unknown> => appendBeside(store, 'Thing/a', [{ type: 'Thing.Done', data }])
  for (const data of [1, 2, 3]) await add(data)
  const first = pump.next(0, 2)
  tell()
  assert.equal((await first)?.length, 2)
  await settled()
  await add(4)
  tell()
  assert.equal((await pump.next(2, 2))?.length, 2)
  pump[Symbol.dispose]()
})
