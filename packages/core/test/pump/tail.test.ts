import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { createPump } from '../../src/pump/pump.ts'
import { createEventDecoder } from '../../src/stores/event/event-decoder.ts'
import type { AppendListener, EventStore } from '../../src/stores/event/event-store.ts'
import { createMemoryEventStore } from '../../src/stores/event/memory-event-store.ts'
import { createAlarms } from '../../src/time/alarms.ts'
import { createFakeClock, fakeRuntime, settled } from '../fake-clock.ts'
import type { FakeClock } from '../fake-clock.ts'
import { appendBeside } from '../interfering-store.ts'

/** A store whose appends this process hears of only while `own` is set. */
function halfHeard(clock: FakeClock): { readonly store: EventStore; own: boolean } {
  const events = createMemoryEventStore(fakeRuntime(clock).ids)
  const heard = {
    own: true,
    store: {
      ...events,
      onAppend: (listener: AppendListener) => events.onAppend((stored) => (heard.own ? listener(stored) : undefined)),
    },
  }
  return heard
}
const append = (store: EventStore, events: number, size: number): Promise<unknown> =>
  appendBeside(
    store,
    'Thing/a',
    Array.from({ length: events }, () => ({ type: 'Thing.Done', data: 'x'.repeat(size) })),
  )

type Step =
  | { readonly own: boolean; readonly events: number; readonly size: number }
  | { readonly settle: true }
  | { readonly advance: number }
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ own: fc.boolean(), events: fc.integer({ min: 1, max: 4 }), size: fc.nat({ max: 300 }) }),
  },
  { weight: 1, arbitrary: fc.record({ settle: fc.constant(true as const) }) },
  { weight: 1, arbitrary: fc.record({ advance: fc.integer({ min: 1, max: 300 }) }) },
)

describe('what is read through the pump', () => {
  test('is the log in its order, nothing skipped or doubled, whoever wrote it and however little is kept', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.constantFrom(0, 2_000, 1_000_000),
        fc.integer({ min: 1, max: 7 }),
        async (steps, tailBytesMax, limit) => {
          const clock = createFakeClock()
          const heard = halfHeard(clock)
          const { store } = heard
          await append(store, 2, 1)
          const pump = await createPump({
            store,
            decoder: createEventDecoder(new Map()),
            alarms: createAlarms(clock),
            tailBytesMax,
            pollMs: 250,
          })
          const readers = [0, 2].map((start) => ({ start, read: [] as number[], commits: [] as string[][] }))
          const reading = readers.map(async ({ start, read, commits }) => {
            for (let after = start; ;) {
              const events = await pump.next(after, limit)
              if (events === undefined) return
              read.push(...events.map(({ position }) => position))
              commits.push(events.map(({ commandId }) => commandId))
              after = events.at(-1)?.position ?? after
            }
          })
          for (const action of steps) {
            if ('settle' in action) await settled()
            else if ('advance' in action) await clock.advance(action.advance)
            else {
              heard.own = action.own
              await append(store, action.events, action.size)
            }
          }
          await clock.advance(1_000)
          const head = await store.head()
          for (const { start, read, commits } of readers) {
            assert.deepEqual(
              read,
              Array.from({ length: head - start }, (_, index) => start + index + 1),
            )
            for (const [at, batch] of commits.entries())
              assert.notEqual(batch.at(-1), commits[at + 1]?.[0], 'a commit comes whole')
          }
          pump.stop()
          await clock.finish(Promise.all(reading))
          pump[Symbol.dispose]()
          assert.equal(await pump.next(0, 1), undefined)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('comes from memory when it is there: readers that are up to date ask the store for nothing', async () => {
    const clock = createFakeClock()
    const { store } = halfHeard(clock)
    let asked = 0
    const counted: EventStore = { ...store, readAll: (read) => (asked++, store.readAll(read)) }
    const pump = await createPump({
      store: counted,
      decoder: createEventDecoder(new Map()),
      alarms: createAlarms(clock),
      tailBytesMax: 1_000_000,
      pollMs: 250,
    })
    const first = pump.next(0, 10)
    await settled()
    await append(store, 1, 1)
    assert.equal((await first)?.length, 1)
    const second = pump.next(1, 10)
    await append(store, 1, 1)
    assert.equal((await second)?.[0]?.position, 2)
    assert.equal(asked, 0)
    pump[Symbol.dispose]()
  })

  test('is caught up with at once, page after page, when another process has written much', async () => {
    const clock = createFakeClock()
    const heard = halfHeard(clock)
    const alarms = createAlarms(clock)
    const decoder = createEventDecoder(new Map())
    const pump = await createPump({ store: heard.store, decoder, alarms, tailBytesMax: 1_000_000, pollMs: 250 })
    heard.own = false
    for (let commit = 0; commit < 20; commit++) await append(heard.store, 1, 1)
    const startUs = clock.nowUs()
    const reading = (async () => {
      let after = 0
      while (after < 20) after = (await pump.next(after, 2))?.at(-1)?.position ?? after
      return (clock.nowUs() - startUs) / 1000
    })()
    assert.equal(await clock.finish(reading), 250, 'one poll finds all of it')
    pump[Symbol.dispose]()
  })

  test('is decoded once for all who read it', async () => {
    const clock = createFakeClock()
    const { store } = halfHeard(clock)
    const pump = await createPump({
      store,
      decoder: createEventDecoder(new Map()),
      alarms: createAlarms(clock),
      tailBytesMax: 1_000_000,
      pollMs: 250,
    })
    const both = [pump.next(0, 10), pump.next(0, 10)]
    await settled()
    await append(store, 1, 1)
    const [one, two] = await Promise.all(both)
    assert.ok(one?.[0] !== undefined && one[0] === two?.[0])
    pump[Symbol.dispose]()
  })
})
