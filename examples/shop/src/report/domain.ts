// The report of each day: made at night, kept, and read in the morning.
import { aggregate, command, cron, domain, event, handle, job, projection, query } from '@gesta/core'
import { z } from 'zod'
import { OrdersByDay } from '../checkout/orders-by-day.ts'

const day = z.iso.date()
const counts = { placed: z.int(), paid: z.int(), cancelled: z.int(), delivered: z.int() }

const Made = event('Report.Made', z.object(counts))
const Report = aggregate('Report', () => ({ placed: 0, paid: 0, cancelled: 0, delivered: 0 })).on(
  Made,
  (_, made) => made,
)
const Reports = projection(Report)

const keep = command('Report.Keep', { input: z.object({ day, ...counts }) })
const count = query('Report.Count', { input: z.object({ day }), result: z.object(counts) })
export const getReport = query('Report.Get', { input: z.object({ day }), result: z.object(counts).nullable() })
const makeReport = job('Report.Make', { input: z.object({ day }) })

const dayMs = 24 * 60 * 60 * 1000

/** Of the day before, every night at two. A night that nobody was there for is made up for. */
const nightly = cron('Report.Nightly', {
  schedule: '0 2 * * *',
  timeZone: 'Europe/London',
  job: ({ at }) => makeReport({ day: new Date(Date.parse(at) - dayMs).toISOString().slice(0, 10) }),
  missed: 'all',
  missedMax: 31,
})

export const reportDomain = domain('Report', {
  roles: ['web', 'worker'],
  permissions: { 'Report.Get': 'anonymous', 'Report.Count': 'authorized', 'Report.Keep': 'authorized' },
  handlers: [
    Report.decide(keep, 'day', (_, { day: _day, ...made }) => [Made(made)]),
    handle(count, async (input, { read }) => (await read(OrdersByDay).get(input.day)) ?? none),
    handle(getReport, async (input, { read }) => (await read(Reports).get(input.day))?.state ?? null),
    handle(
      makeReport,
      async (input, context) => {
        const made = await context.query(count(input))
        await context.dispatch(keep({ ...input, ...made }))
        return made
      },
      { roles: ['worker'] },
    ),
  ],
  aggregates: [Report],
  readModels: [Reports],
  crons: [nightly],
})
const none = { placed: 0, paid: 0, cancelled: 0, delivered: 0 }
