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

/** A store that another process writes to, and a pump on it. */
async function elsewhere(isTold: boolean) {
  const clock = createFakeClock()
  const store = createMemoryEventStore(fakeRuntime(clock).ids)
  const listeners = new Set<() => void>()
  const silent: EventStore = {
    ...store,
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
  return { clock, store, pump, listeners }
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
