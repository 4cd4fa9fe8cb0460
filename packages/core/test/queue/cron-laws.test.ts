import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cron } from '@gesta/core'
import fc from 'fast-check'
import { cronSchedule } from '../../src/queue/cron-schedule.ts'
import type { StartedApp } from '../started-app.ts'
import { cronPlace, minute, report, reports } from './cron-place.ts'

type Step =
  | { readonly kind: 'pass'; readonly minutes: number }
  | { readonly kind: 'set'; readonly minutes: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 25 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('set' as const), minutes: fc.constantFrom(-60, -60, -7, 60, 60, 130) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'start' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'stop' as const }) },
)
const timeZone = 'Europe/Berlin'

// Both nights in which the clocks of the zone change, and one in which they do not.
for (const begin of ['2026-03-28T23:01:30Z', '2026-10-24T22:01:30Z', '2026-05-01T00:01:30Z'])
  test(`whatever clocks and processes do from ${begin} on, each time of a schedule fires once, in its order`, async () => {
    for (const schedule of ['*/10 * * * *', '30 2 * * *'])
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          const place = await cronPlace(begin)
          const own = reports([
            cron('Report.Any', {
              schedule,
              timeZone,
              missed: 'all',
              missedMax: 1_000,
              job: ({ at }) => report({ at }),
            }),
          ])
          const apps: StartedApp[] = [await place.start(own)]
          // The latest time that a process has seen.
          let seen = place.now()
          await place.at(seen)
          for (const { kind, ...more } of [...steps, { kind: 'start' as const }]) {
            if (kind === 'start' && apps.length < 3) apps.push(await place.start(own))
            if (kind === 'stop') await apps.pop()?.[Symbol.asyncDispose]()
            await place.at(place.now() + ('minutes' in more ? more.minutes * minute : 0))
            if (apps.length > 0) seen = Math.max(seen, place.now())
          }
          const ticks = await place.ticks()
          for (const app of apps) await app[Symbol.asyncDispose]()
          const since = Date.parse(begin)
          const runs = cronSchedule(schedule, timeZone, 'a test').upTo(seen, 1_000)
          const expected = runs.filter((ms) => ms > since).map((ms) => new Date(ms).toISOString())
          assert.deepEqual(ticks, expected)
        }),
        { numRuns: 8 },
      )
  })
