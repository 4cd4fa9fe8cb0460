// A wall clock that is set while work waits moves no alarm, no deadline and no retry.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, handle, query } from '@gesta/core'
import { z } from 'zod'
import { catalogueOf } from '../../src/app/catalogue.ts'
import { start } from '../../src/app/start.ts'
import { createAlarms } from '../../src/time/alarms.ts'
import type { Clock } from '../../src/time/clock.ts'
import { deadline } from '../../src/time/deadline.ts'
import { accountDomain, deposit, get } from '../account-domain.ts'
import { createFakeClock, fakeRuntime, settled } from '../fake-clock.ts'
import { appendBeside, deaf, holdStore } from '../interfering-store.ts'

const hourMs = 3_600_000

/** A clock whose wall time the test sets; its monotonic time has a start of its own. */
function settableClock() {
  const time = createFakeClock()
  const startUs = time.nowUs()
  let shiftUs = 0
  const clock: Clock = {
    nowUs: () => time.nowUs() + shiftUs,
    monotonicUs: () => time.nowUs() - startUs,
    after: time.after,
  }
  return { time, clock, shift: (ms: number) => void (shiftUs += ms * 1000) }
}

for (const [what, ms] of [
  ['steps back an hour', -hourMs],
  ['steps forward an hour', hourMs],
] as const) {
  describe(`when the wall clock ${what}`, () => {
    test('alarms ring at their time, those set before and those set after', async () => {
      const { time, clock, shift } = settableClock()
      const alarms = createAlarms(clock)
      const rang: string[] = []
      alarms.set(clock.monotonicUs() + 50_000, () => rang.push('before'))
      shift(ms)
      alarms.set(clock.monotonicUs() + 60_000, () => rang.push('after'))
      await time.advance(49)
      assert.deepEqual(rang, [])
      await time.advance(1)
      assert.deepEqual(rang, ['before'])
      await time.advance(10)
      assert.deepEqual(rang, ['before', 'after'])
      assert.equal(time.timers, 0)
    })

    test('a deadline has as much time left as before, and ends at its time', async () => {
      const { time, clock, shift } = settableClock()
      const limit = deadline(createAlarms(clock), 50, undefined)
      const { signal } = limit
      shift(ms)
      assert.equal(limit.leftMs(), 50)
      limit.check('nothing was going on')
      const refused = assert.rejects(limit.race('it hung', new Promise(() => undefined)), { code: 'deadline_exceeded' })
      await time.advance(49)
      assert.equal(signal.aborted, false)
      await time.advance(1)
      await refused
      assert.equal(signal.aborted, true)
    })

    test('a query that hangs ends at its deadline, no sooner and no later', async () => {
      const { time, clock, shift } = settableClock()
      const runtime = fakeRuntime(clock)
      const hang = query('Slow.Hang', { result: z.int() })
      const slow = domain('Slow', {
        permissions: 'anonymous',
        handlers: [handle(hang, () => new Promise<number>(() => undefined))],
      })
      const { backend } = await holdStore(runtime)
      const running = await start<string, string>('test', catalogueOf([slow]), { store: backend }, runtime)
      let ended = false
      const refused = assert
        .rejects(running.query(hang(), { deadlineMs: 50 }), { code: 'deadline_exceeded' })
        .finally(() => (ended = true))
      await settled()
      shift(ms)
      await time.advance(49)
      assert.equal(ended, false)
      await time.advance(1)
      assert.equal(ended, true)
      await refused
      await time.finish(Promise.resolve(running[Symbol.asyncDispose]()))
    })

    test('read models find what another process wrote at the next poll', async () => {
      const { time, clock, shift } = settableClock()
      const runtime = fakeRuntime(clock)
      const { backend, events } = await holdStore(runtime, undefined, deaf())
      const running = await start<string, string>('test', catalogueOf([accountDomain]), { store: backend }, runtime)
      await settled()
      shift(ms)
      await appendBeside(events, 'Account/a', [{ type: 'Account.Deposited', data: { pence: 3 } }])
      await time.advance(250)
      assert.deepEqual(await running.query(get({ accountId: 'a' })), { balance: 3, version: 1 })
      const { token: after } = await running.dispatch(deposit({ accountId: 'a', pence: 1 }), { deadlineMs: 1_000 })
      const reading = running.query(get({ accountId: 'a' }), { after, deadlineMs: 1_000 })
      shift(ms)
      assert.deepEqual(await time.finish(reading), { balance: 4, version: 2 })
      await time.finish(Promise.resolve(running[Symbol.asyncDispose]()))
    })
  })
}
