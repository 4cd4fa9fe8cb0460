import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, createApp, cron, domain, event, handle, job, systemContext } from '@gesta/core'
import type { AnyDomain } from '@gesta/core'
import { z } from 'zod'
import { cronSchedule } from '../../src/queue/cron-schedule.ts'
import { cronPlace, hour, minute, report, reports } from './cron-place.ts'

const making = { job: ({ at }: { readonly at: string }) => report({ at }) }
const nightly = cron('Report.Nightly', { schedule: '0 2 * * *', ...making })

describe('a cron', () => {
  test('fires at the times of its schedule, and stores the job with each firing', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    const made: string[] = []
    await using app = await place.start(
      reports([nightly], (at) => void made.push(at)),
      { works: true },
    )
    await place.at('2026-05-01T01:59:00Z')
    assert.deepEqual(await place.ticks(), [])
    await place.at('2026-05-01T02:00:00Z')
    await place.at('2026-05-02T02:00:00Z')
    const times = ['2026-05-01T02:00:00.000Z', '2026-05-02T02:00:00.000Z']
    assert.deepEqual(await place.ticks(), times)
    await place.until(() => made.length === 2)
    assert.deepEqual(made, times)
    const [stored] = (await app.running.jobs.list()).items
    const record = await app.running.commandLog.get('', stored?.commandId ?? '')
    assert.deepEqual([record?.commandType, record?.status], ['Gesta.TickCron', 'accepted'])
  })

  test('fires once, however many processes there are', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    await using _ = await place.start(reports([nightly]))
    await using __ = await place.start(reports([nightly]), { role: 'cron' })
    await using ___ = await place.start(reports([nightly]), { role: 'cron' })
    await place.at('2026-05-01T02:00:00Z')
    assert.deepEqual(await place.ticks(), ['2026-05-01T02:00:00.000Z'])
    assert.equal((await place.events()).filter((type) => type === 'Gesta.CronBegun').length, 1)
  })

  test('fires in processes with the role cron and those without one, or with the roles that it names', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    const ofWorkers = cron('Report.Worker', { schedule: '0 3 * * *', roles: ['worker'], ...making })
    await using web = await place.start(reports([nightly, ofWorkers]), { role: 'web' })
    await using worker = await place.start(reports([nightly, ofWorkers]), { role: 'worker' })
    await place.at('2026-05-01T04:00:00Z')
    const here = async ({ running }: typeof web) => (await running.crons.list()).map(({ isRunHere }) => isRunHere)
    assert.deepEqual(
      [await here(web), await here(worker)],
      [
        [false, false],
        [false, true],
      ],
    )
    assert.deepEqual(await place.ticks(), ['2026-05-01T03:00:00.000Z'])
  })

  const missed = [
    ['once', '2026-05-01T05:30:00Z', ['2026-05-01T05:00:00.000Z']],
    ['skip', '2026-05-01T05:30:00Z', []],
    ['skip', '2026-05-01T05:00:30Z', ['2026-05-01T05:00:00.000Z']],
    [
      'all',
      '2026-05-01T05:30:00Z',
      ['2026-05-01T03:00:00.000Z', '2026-05-01T04:00:00.000Z', '2026-05-01T05:00:00.000Z'],
    ],
  ] as const
  for (const [policy, back, expected] of missed)
    test(`that is missed until ${back.slice(11, 19)} with the policy "${policy}" makes up for ${expected.length}`, async () => {
      const place = await cronPlace('2026-05-01T00:30:00Z')
      const hourly = cron('Report.Hourly', { schedule: '0 * * * *', missed: policy, missedMax: 3, ...making })
      const first = await place.start(reports([hourly]))
      await place.at('2026-05-01T00:30:00Z')
      await first[Symbol.asyncDispose]()
      await place.at(back)
      await using _ = await place.start(reports([hourly]))
      await place.at(back)
      assert.deepEqual(await place.ticks(), expected)
    })

  test('that is new, or has another schedule, counts from then on', async () => {
    const place = await cronPlace('2026-05-01T12:00:00Z')
    const first = await place.start(reports([nightly]))
    await place.at('2026-05-02T02:00:00Z')
    await first[Symbol.asyncDispose]()
    await place.at('2026-05-02T12:10:00Z')
    const other = cron('Report.Nightly', { schedule: '0 * * * *', missed: 'all', ...making })
    await using _ = await place.start(reports([other]))
    await place.at('2026-05-02T12:10:00Z')
    assert.deepEqual(await place.ticks(), ['2026-05-02T02:00:00.000Z'])
    await place.at('2026-05-02T13:00:00Z')
    assert.deepEqual(await place.ticks(), ['2026-05-02T02:00:00.000Z', '2026-05-02T13:00:00.000Z'])
  })

  test('of two versions at once fires at the times of both, each time once', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    const other = cron('Report.Nightly', { schedule: '0 2,3 * * *', ...making })
    await using _ = await place.start(reports([nightly]))
    await place.at('2026-05-01T00:10:00Z')
    await using __ = await place.start(reports([other]))
    await place.at('2026-05-01T00:20:00Z')
    for (const time of ['02:00', '03:00', '04:00']) await place.at(`2026-05-01T${time}:00Z`)
    assert.deepEqual(await place.ticks(), ['2026-05-01T02:00:00.000Z', '2026-05-01T03:00:00.000Z'])
  })

  test('does not overlap itself, unless it may', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    const { promise, resolve } = Promise.withResolvers<void>()
    const made: string[] = []
    const every = {
      schedule: '*/2 * * * * *',
      job: ({ name, at }: { readonly name: string; readonly at: string }) => report({ at: `${name} ${at}` }),
    }
    const crons = [cron('Report.Alone', every), cron('Report.Many', { ...every, overlap: 'allow' })]
    await using app = await place.start(
      reports(crons, async (at) => {
        made.push(at)
        await promise
      }),
      { works: true },
    )
    const ofMany = (): readonly string[] => made.filter((at) => at.startsWith('Report.Many'))
    await place.until(
      async () => ofMany().length >= 3 && (await app.running.jobs.total({ states: ['cancelled'] })) >= 2,
    )
    assert.deepEqual(made.length - ofMany().length, 1)
    resolve()
  })

  test('stores its job in the tenant that it names', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    await using app = await place.start(
      reports([cron('Report.OfOne', { schedule: '0 * * * *', tenant: 't-1', ...making })]),
    )
    await place.at('2026-05-01T01:00:00Z')
    assert.deepEqual(
      (await app.running.jobs.list()).items.map(({ tenant }) => tenant),
      ['t-1'],
    )
  })

  test('whose job cannot be made tells of it, and fires when it can', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    let isBroken = true
    const broken = cron('Report.Broken', {
      schedule: '0 * * * *',
      job: ({ at }) => {
        if (isBroken) throw new TypeError('no')
        return report({ at })
      },
    })
    await using app = await place.start(reports([broken]))
    await place.at('2026-05-01T01:00:00Z')
    assert.equal((await app.running.crons.list())[0]?.lastError, 'TypeError')
    isBroken = false
    await place.at('2026-05-01T01:00:10Z')
    assert.deepEqual(await place.ticks(), ['2026-05-01T01:00:00.000Z'])
    assert.equal((await app.running.crons.list())[0]?.lastError, undefined)
  })

  test('that could not fire is tried again soon, also when the clock was set back a little', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    let isBroken = true
    const broken = cron('Report.Broken', {
      schedule: '0 * * * *',
      job: ({ at }) => {
        if (isBroken) throw new TypeError('no')
        return report({ at })
      },
    })
    await using app = await place.start(reports([broken]))
    await place.at('2026-05-01T01:00:03Z')
    assert.equal((await app.running.crons.list())[0]?.lastError, 'TypeError')
    isBroken = false
    await place.at('2026-05-01T01:00:02Z')
    assert.deepEqual(await place.ticks(), ['2026-05-01T01:00:00.000Z'])
  })

  test('that never can is tried more and more seldom, so it fills no command log', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    const broken = cron('Report.Broken', {
      schedule: '0 * * * *',
      job: () => {
        throw new TypeError('no')
      },
    })
    await using app = await place.start(reports([broken]))
    const begin = Date.parse('2026-05-01T01:00:00Z')
    for (let seconds = 0; seconds < 300; seconds += 5) await place.at(begin + seconds * 1000)
    const tries = (await app.running.commandLog.list({}, { limit: 100 })).items.filter(
      ({ commandType }) => commandType === 'Gesta.TickCron',
    )
    assert.ok(tries.length > 2 && tries.length < 10, `${tries.length}`)
  })
})

describe('an operator', () => {
  test('sees when a cron runs next, and how it is', async () => {
    const place = await cronPlace('2026-05-01T12:00:00Z')
    await using app = await place.start(reports([nightly]))
    await place.at('2026-05-02T02:00:00Z')
    const [status] = await app.running.crons.list({ nextRuns: 2 })
    assert.deepEqual(status, {
      name: 'Report.Nightly',
      schedule: '0 2 * * *',
      timeZone: 'UTC',
      overlap: 'skip',
      missed: 'once',
      tenant: '',
      isRunHere: true,
      isPaused: false,
      pausedAt: undefined,
      pausedBy: undefined,
      lastTick: '2026-05-02T02:00:00.000Z',
      nextRuns: ['2026-05-03T02:00:00.000Z', '2026-05-04T02:00:00.000Z'],
      lastError: undefined,
    })
  })

  test('pauses a cron for all processes and resumes it, which makes up for nothing', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    await using one = await place.start(reports([nightly]), { role: 'cron' })
    await using web = await place.start(reports([nightly]), { role: 'web' })
    await place.at('2026-05-01T00:00:00Z')
    const context = { tenant: 't', identity: 'ann', account: 'a', session: 's' }
    await web.running.crons.pause('Report.Nightly', { context })
    await place.at('2026-05-01T05:00:00Z')
    assert.deepEqual(await place.ticks(), [])
    const [paused] = await one.running.crons.list()
    assert.deepEqual([paused?.isPaused, paused?.pausedBy], [true, 'ann'])
    await web.running.crons.resume('Report.Nightly', { context })
    await place.at('2026-05-01T06:00:00Z')
    assert.deepEqual(await place.ticks(), [])
    await place.at('2026-05-02T02:00:00Z')
    assert.deepEqual(await place.ticks(), ['2026-05-02T02:00:00.000Z'])
    const { items } = await web.running.audit.list(systemContext(), { tenant: '', order: 'oldest' })
    assert.deepEqual(
      items.filter(({ action }) => action.startsWith('Gesta.')).map(({ action }) => action),
      ['Gesta.PauseCron', 'Gesta.ResumeCron'],
    )
  })

  test('runs a cron now, paused or not', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    await using app = await place.start(reports([nightly]))
    await place.at('2026-05-01T00:00:00Z')
    await app.running.crons.pause('Report.Nightly')
    const { jobId } = await app.running.crons.runNow('Report.Nightly')
    const stored = await app.running.jobs.get(jobId)
    assert.equal(stored?.type, 'Report.Make')
    assert.deepEqual(await place.ticks(), [])
    await assert.rejects(app.running.crons.runNow('Report.Other'), /has no cron Report.Other. It has: Report.Nightly/)
  })

  test('runs a cron now on behalf of the app, and is known as who asked', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    const keep = command('Report.Keep', { input: z.object({ day: z.string() }) })
    const make = job('Report.Make', { input: z.object({}) })
    const Kept = event('Report.Kept', z.object({}))
    const Report = aggregate('Report', () => ({})).on(Kept, (state) => state)
    const own = domain('Report', {
      permissions: 'authorized',
      handlers: [
        Report.decide(keep, 'day', () => [Kept({})]),
        handle(make, async (_, { dispatch }) => {
          await dispatch(keep({ day: 'today' }))
        }),
      ],
      crons: [cron('Report.Nightly', { schedule: '0 2 * * *', job: () => make({}) })],
    }) as unknown as AnyDomain
    await using app = await place.start(own, { works: true })
    const context = { tenant: 't', identity: 'ada', account: 'ada', session: 's' }
    const { jobId } = await app.running.crons.runNow('Report.Nightly', { context })
    await place.until(async () => (await app.running.jobs.get(jobId))?.state === 'succeeded')
    assert.deepEqual(await place.events(), ['Gesta.CronBegun', 'Gesta.CronRun', 'Report.Kept'])
    const [entry] = (await app.running.audit.list(systemContext(), { tenant: '', action: 'Gesta.RunCron' })).items
    const { identity, impersonator } = JSON.parse(entry?.data ?? '{}') as Record<string, unknown>
    assert.deepEqual([identity, impersonator], ['system', 'ada'])
  })

  test('is told when what he asks for repeats an earlier one that has not ended', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    const { promise, resolve } = Promise.withResolvers<void>()
    await using app = await place.start(
      reports([nightly], () => promise),
      { works: true },
    )
    await place.at('2026-05-01T00:00:00Z')
    const first = await app.running.crons.runNow('Report.Nightly')
    const second = await app.running.crons.runNow('Report.Nightly')
    assert.deepEqual([first.skippedFor, second.skippedFor], [undefined, first.jobId])
    const repeated = await app.running.jobs.get(second.jobId)
    assert.deepEqual([repeated?.state, repeated?.story.repeats], ['cancelled', first.jobId])
    assert.match(String(repeated?.story.reason), new RegExp(first.jobId))
    resolve()
    await place.until(async () => (await app.running.jobs.get(first.jobId))?.state === 'succeeded')
    assert.equal((await app.running.crons.runNow('Report.Nightly')).skippedFor, undefined)
  })

  test('is told of an overlap also where no worker is, and of none where it may be', async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    const many = cron('Report.Many', { schedule: '0 3 * * *', overlap: 'allow', ...making })
    await using app = await place.start(reports([nightly, many]))
    const told = async (name: string) => (await app.running.crons.runNow(name)).skippedFor
    const first = await app.running.crons.runNow('Report.Nightly')
    assert.equal(await told('Report.Nightly'), first.jobId)
    assert.deepEqual([await told('Report.Many'), await told('Report.Many')], [undefined, undefined])
  })

  test('is told of what is no cron when the app is put together', () => {
    assert.throws(() => reports([{ name: 'Report.X' } as never]), /lists Report.X in crons, but it is no cron/)
    assert.throws(() => cron('Report.X', { schedule: '0 2 * * *' } as never), /to be a function that makes a job/)
    assert.throws(() => cron('Report.X', { schedul: '' } as never), /no option "schedul". Did you mean "schedule"/)
    assert.throws(
      () =>
        createApp('a', {
          domains: [reports([nightly]), domain('B', { permissions: 'anonymous', handlers: [], crons: [nightly] })],
        }),
      /two crons named Report.Nightly/,
    )
  })
})

for (const [change, from, to] of [
  ['forward', '2026-03-28T23:00:00Z', '2026-03-29T04:00:00Z'],
  ['back', '2026-10-24T22:00:00Z', '2026-10-25T04:00:00Z'],
] as const)
  for (const schedule of ['30 2 * * *', '*/30 * * * *'])
    test(`the night in which Berlin sets its clocks ${change}, ${schedule} fires as documented`, async () => {
      const place = await cronPlace(from)
      const timeZone = 'Europe/Berlin'
      await using _ = await place.start(reports([cron('Report.Dst', { schedule, timeZone, ...making })]))
      for (let ms = Date.parse(from); ms <= Date.parse(to); ms += 15 * minute) await place.at(ms)
      const runs = cronSchedule(schedule, timeZone, 'a test')
      const expected = runs.upTo(Date.parse(to), 100).filter((ms) => ms > Date.parse(from))
      assert.equal(expected.length > 0, true)
      assert.deepEqual(
        await place.ticks(),
        expected.map((ms) => new Date(ms).toISOString()),
      )
    })

for (const [what, ms] of [
  ['forward', hour],
  ['back', -hour],
] as const)
  test(`a clock that is set ${what} by an hour fires nothing twice and leaves nothing out`, async () => {
    const place = await cronPlace('2026-05-01T00:00:00Z')
    const often = cron('Report.Often', { schedule: '*/20 * * * *', missed: 'all', ...making })
    await using _ = await place.start(reports([often]))
    for (let at = 0; at <= 6; at++) await place.at(Date.parse('2026-05-01T00:00:00Z') + at * 10 * minute)
    await place.at(place.now() + ms)
    for (let at = 0; at <= 14; at++) await place.at(place.now() + 10 * minute)
    const end = place.now()
    const expected: string[] = []
    for (let at = Date.parse('2026-05-01T00:20:00Z'); at <= end; at += 20 * minute)
      expected.push(new Date(at).toISOString())
    assert.deepEqual(await place.ticks(), expected)
  })
