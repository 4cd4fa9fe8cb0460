import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { createAlarms } from '../../src/time/alarms.ts'
import { backoffMs } from '../../src/time/backoff.ts'
import { timeText, timeUs } from '../../src/time/clock.ts'
import { deadline } from '../../src/time/deadline.ts'
import { createFakeClock } from '../fake-clock.ts'

const delay = fc.integer({ min: -5, max: 100 })
type Step = { readonly set: number } | { readonly cancel: number } | { readonly advance: number }
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ set: delay }),
  fc.record({ cancel: fc.nat({ max: 20 }) }),
  fc.record({ advance: fc.nat({ max: 40 }) }),
)

describe('alarms', () => {
  test('ring once, never early, never late, and not at all once cancelled', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = createFakeClock()
        const alarms = createAlarms(clock)
        const set: {
          readonly dueUs: number
          readonly setUs: number
          rangUs: number[]
          cancelledUs: number
          readonly cancel: () => void
        }[] = []
        for (const action of steps) {
          if ('set' in action) {
            const rangUs: number[] = []
            const dueUs = clock.nowUs() + action.set * 1000
            const alarm = alarms.set(dueUs, () => rangUs.push(clock.nowUs()))
            set.push({
              dueUs,
              setUs: clock.nowUs(),
              rangUs,
              cancelledUs: Number.POSITIVE_INFINITY,
              cancel: () => alarm.cancel(),
            })
          } else if ('cancel' in action) {
            const one = set[action.cancel]
            one?.cancel()
            if (one !== undefined && one.rangUs.length === 0) one.cancelledUs = Math.min(one.cancelledUs, clock.nowUs())
          } else await clock.advance(action.advance)
        }
        await clock.advance(200)
        for (const { dueUs, setUs, rangUs, cancelledUs } of set) {
          if (cancelledUs < Number.POSITIVE_INFINITY) assert.deepEqual(rangUs, [])
          else assert.deepEqual(rangUs, [Math.max(dueUs, setUs)])
        }
        assert.equal(clock.timers, 0)
      }),
      { numRuns: 60 },
    )
  })

  test('need one timer however many they are, and none once they are disposed', async () => {
    const clock = createFakeClock()
    const alarms = createAlarms(clock)
    let rang = 0
    for (let ms = 100; ms > 0; ms--) alarms.set(clock.nowUs() + ms * 1000, () => rang++)
    assert.equal(clock.timers, 1)
    alarms[Symbol.dispose]()
    assert.equal(clock.timers, 0)
    await clock.advance(200)
    assert.equal(rang, 0)
  })

  test('may set others while they ring', async () => {
    const clock = createFakeClock()
    const alarms = createAlarms(clock)
    const rang: number[] = []
    const ring = (left: number): void => {
      rang.push(left)
      if (left > 0) alarms.set(clock.nowUs() + 1000, () => ring(left - 1))
    }
    alarms.set(clock.nowUs() + 1000, () => ring(3))
    alarms.set(clock.nowUs() + 2500, () => rang.push(-1))
    await clock.advance(10)
    assert.deepEqual(rang, [3, 2, -1, 1, 0])
  })
})

describe('a deadline', () => {
  test('ends a race at its time, exactly, unless the work was first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), async (deadlineMs, workMs) => {
        const clock = createFakeClock()
        const limit = deadline(createAlarms(clock), deadlineMs, undefined)
        const startUs = clock.nowUs()
        const work = new Promise<string>((resolve) => clock.after(workMs, () => resolve('done')))
        const raced = limit.race('it was going on', work).then(
          (text) => text,
          (error: { code: string }) => error.code,
        )
        const ended = raced.then((text) => [text, (clock.nowUs() - startUs) / 1000])
        await clock.advance(100)
        const [text, ms] = await ended
        assert.equal(ms, Math.min(deadlineMs, workMs))
        if (workMs !== deadlineMs) assert.equal(text, workMs < deadlineMs ? 'done' : 'deadline_exceeded')
        limit.release()
      }),
      { numRuns: 40 },
    )
  })

  test('aborts its signal once, and not any more after it was released', async () => {
    for (const released of [false, true]) {
      const clock = createFakeClock()
      const limit = deadline(createAlarms(clock), 10, undefined)
      const { signal } = limit
      assert.equal(signal, limit.signal)
      if (released) limit.release()
      await clock.advance(20)
      assert.equal(signal.aborted, !released)
    }
  })

  test("hears of the caller's abort, also when that came first", () => {
    const alarms = createAlarms(createFakeClock())
    const reason = new Error('gone')
    const limit = deadline(alarms, undefined, AbortSignal.abort(reason))
    assert.equal(limit.leftMs(), Number.POSITIVE_INFINITY)
    assert.equal(limit.signal.reason, reason)
    assert.throws(
      () => limit.check('it was'),
      (error) => error === reason,
    )
  })

  test('without limits checks nothing', async () => {
    const limit = deadline(createAlarms(createFakeClock()), undefined, undefined)
    limit.check('it was')
    assert.equal(limit.limited, false)
    assert.equal(limit.leftMs(), Number.POSITIVE_INFINITY)
    assert.equal(await limit.race('it was', Promise.resolve(1)), 1)
  })
})

describe('backoff', () => {
  test('lies between nothing and the doubled, capped delay', () => {
    const numbers = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 1, max: 60_000 }),
        fc.integer({ min: 1, max: 2_000 }),
        numbers,
        (firstMs, maxMs, attempt, random) => {
          const wait = backoffMs({ firstMs, maxMs }, attempt, () => random)
          const bound = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 60))
          assert.ok(wait >= 0 && wait <= bound)
          assert.equal(wait, random * bound)
        },
      ),
    )
  })
})

describe('time as text', () => {
  test('is RFC 3339 in UTC and comes back to the millisecond', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4_102_444_800_000_000 }), { minLength: 1 }), (times) => {
        for (const us of times) {
          assert.match(timeText(us), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
          assert.equal(timeUs(timeText(us)), Math.floor(us / 1000) * 1000)
        }
      }),
    )
  })
})
