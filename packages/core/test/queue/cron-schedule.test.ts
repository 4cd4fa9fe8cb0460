import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { cronSchedule } from '../../src/queue/cron-schedule.ts'

const minuteMs = 60_000
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
]

interface Local {
  readonly ms: number
  readonly day: string
  readonly hour: number
  readonly minute: number
}

/** Every minute of a year as a wall clock in the zone shows it: what the documentation is checked against, with nothing of a cron in it. */
function yearIn(timeZone: string): readonly Local[] {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const minutes: Local[] = []
  // Quarters of an hour: no change of 2026 is finer.
  for (let ms = Date.UTC(2026, 0, 1); ms < Date.UTC(2027, 0, 1); ms += 15 * minuteMs) {
    const [, day = '', hour, minute] = /^(.*), (\d+):(\d+)$/.exec(format.format(ms)) ?? []
    minutes.push({ ms, day, hour: Number(hour), minute: Number(minute) })
  }
  return minutes
}

function runsOf(schedule: string, timeZone: string): readonly number[] {
  const runs = cronSchedule(schedule, timeZone, 'a test')
  const found: number[] = []
  for (let at = runs.next(Date.UTC(2026, 0, 1) - 1); at !== undefined && at < Date.UTC(2027, 0, 1); at = runs.next(at))
    found.push(at)
  return found
}

for (const timeZone of zones)
  describe(`in ${timeZone}, a schedule`, () => {
    const year = yearIn(timeZone)
    const days = [...Map.groupBy(year, ({ day }) => day).values()]
    // The days at both ends are not whole in this zone.
    const whole = days.slice(1, -1)

    test('with a step runs at every time of its pattern that there is: at none of a gap, at both of what is repeated', () => {
      const expected = year.filter(({ hour, minute }) => hour < 5 && minute % 30 === 0).map(({ ms }) => ms)
      assert.deepEqual(runsOf('*/30 0-4 * * *', timeZone), expected)
    })

    for (const [hour, minute] of [
      [0, 15],
      [1, 45],
      [2, 0],
      [2, 30],
      [3, 0],
    ] as const)
      test(`at ${hour}:${minute} runs once every day, at the end of the gap where the day has no such time`, () => {
        const runs = new Set(runsOf(`${minute} ${hour} * * *`, timeZone))
        for (const day of whole) {
          const own = day.filter(({ ms }) => runs.has(ms))
          assert.equal(own.length, 1, `${day[0]?.day}: ${own.map(({ ms }) => new Date(ms).toISOString()).join(' ')}`)
          const named = day.filter((one) => one.hour === hour && one.minute === minute)
          const first = day.find((one) => one.hour * 60 + one.minute > hour * 60 + minute)
          const allowed = named.length > 0 ? named : [first]
          assert.ok(allowed.includes(own[0]), `${day[0]?.day}: ${new Date(own[0]?.ms ?? 0).toISOString()}`)
        }
      })

    test('has the same runs backwards', () => {
      for (const schedule of ['*/30 0-4 * * *', '30 2 * * *', '15,45 1-3 * * *', '0 3 1 * *', '0 12 * * MON-FRI']) {
        const runs = cronSchedule(schedule, timeZone, 'a test')
        const all = runsOf(schedule, timeZone)
        fc.assert(
          fc.property(fc.integer({ min: 10, max: all.length - 1 }), fc.integer({ min: 0, max: 899 }), (at, seconds) => {
            const ms = all[at] ?? 0
            const until = Math.min(ms + seconds * 1000, (all[at + 1] ?? Number.POSITIVE_INFINITY) - 1)
            assert.deepEqual(runs.upTo(until, 3), all.slice(at - 2, at + 1))
          }),
          { numRuns: 50 },
        )
      }
    })
  })

describe('a schedule', () => {
  test('may be a name', () => {
    const day = 24 * 60 * minuteMs
    const runs = cronSchedule('@daily', 'UTC', 'a test')
    assert.deepEqual([runs.next(0), runs.upTo(day, 2)], [day, [0, day]])
  })

  test('of six fields has seconds', () => {
    const runs = cronSchedule('*/20 * * * * *', 'UTC', 'a test')
    assert.deepEqual([runs.next(0), runs.next(20_000), runs.upTo(20_000, 2)], [20_000, 40_000, [0, 20_000]])
  })

  test('that is none, has no run or names no time zone is refused in words', () => {
    const refused =
      (schedule: string, timeZone: string): (() => unknown) =>
      () =>
        cronSchedule(schedule, timeZone, 'the cron A')
    assert.throws(
      refused('61 * * * *', 'UTC'),
      /Expected the cron A to have a schedule such as .* received "61 \* \* \* \*"/,
    )
    assert.throws(refused('* * *', 'UTC'), /a schedule such as/)
    assert.throws(refused('2099-05-01T00:00:00', 'UTC'), /a schedule such as/)
    assert.throws(refused('0 0 30 2 *', 'UTC'), /has no run, ever/)
    assert.throws(
      refused('0 0 * * *', 'Mars/Olympus'),
      /a time zone such as "Europe\/Berlin", received "Mars\/Olympus"/,
    )
  })
})
