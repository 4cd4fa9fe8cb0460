// Jobs as operators see them: newest first, filtered, page by page, counted by queue; and forgotten at the end.
import assert from 'node:assert/strict'
import { oneTo } from '../event-store/given.ts'
import { everyPage } from '../event-store/plain-list.ts'
import type { JobFilter } from '../../stores/job/job-store.ts'
import type { JobRow } from '../../stores/job/job.ts'
import { badKeys, refused } from '../refused.ts'
import {
  claims,
  enqueues,
  exchanges,
  failure,
  job,
  jobsOf,
  longMs,
  nowUsOf,
  place,
  plain,
  rowOf,
  runOf,
  settles,
  takesIn,
} from './given.ts'
import type { GivenJobStore, JobStoreCase } from './given.ts'

const types = ['Order.Send', 'Order.Other']
const filters: readonly JobFilter[] = [
  {},
  { states: ['pending'] },
  { states: ['dead_letter', 'succeeded'] },
  { states: [] },
  { tenant: 'left' },
  { tenant: '' },
  { type: 'Order.Other' },
  { queue: 'mail' },
  { queue: 'nowhere' },
  { key: 'b' },
  { states: ['pending', 'succeeded'], tenant: 'right', type: 'Order.Send', queue: 'default', key: 'a' },
]

/** 36 jobs of several tenants, queues, keys and types, of which many have ended; all as they are, newest first. */
async function variedJobs(given: GivenJobStore): Promise<readonly JobRow[]> {
  for (const number of oneTo(12)) {
    const jobs = oneTo(3).map((each) =>
      job({
        key: 'ab'[(number + each) % 2] as string,
        type: types[(number >> 1) % 2] as string,
        queue: each === 3 ? 'mail' : 'default',
        attemptsMax: 1,
      }),
    )
    await enqueues(given, jobs, { tenant: ['left', 'right', ''][number % 3] as string })
  }
  await takesIn(given)
  const claimed = await claims(given, { types, room: 14 })
  const ends = claimed.slice(0, 12).map((run, index) => {
    return { ...runOf(run), ending: index % 2 === 0 ? failure : ({ kind: 'succeeded' } as const) }
  })
  await exchanges(given, { ends })
  const rows = (await given.jobs.list({}, { limit: 10_000 })).items
  assert.equal(rows.length, 36)
  return rows.toSorted((one, other) => other.commitNo - one.commitNo || other.index - one.index)
}
function plainFilter(rows: readonly JobRow[], { states, ...fields }: JobFilter): readonly JobRow[] {
  const asked = Object.entries(fields) as [keyof JobRow, string][]
  return rows.filter(
    (row) => (states?.includes(row.state) ?? true) && asked.every(([field, value]) => row[field] === value),
  )
}

const group = 'listing'
export const listingCases: readonly JobStoreCase[] = [
  {
    group,
    name: 'lists, pages, offsets and counts are those of all jobs, newest first, filtered in plain JavaScript',
    run: async (given) => {
      const all = await variedJobs(given)
      for (const filter of filters) {
        const expected = plainFilter(all, filter)
        const found = await everyPage((page) => given.jobs.list(filter, page), { limit: 5 })
        assert.deepEqual(plain(found), plain(expected))
        const page = await given.jobs.list(filter, { limit: 4, offset: 3, withTotal: true })
        assert.deepEqual([plain(page.items), page.total], [plain(expected.slice(3, 7)), expected.length])
        assert.equal((await given.jobs.list(filter, { limit: 4 })).total, undefined)
        assert.equal(await given.jobs.total(filter), expected.length)
      }
      assert.equal(await given.jobs.total(), all.length)
      assert.equal((await given.jobs.info()).items, all.length)
    },
  },
  {
    group,
    name: 'jobs that nobody has taken in yet are listed and counted as they would be taken in now',
    run: async (given) => {
      await enqueues(given, jobsOf([1, 2]))
      await takesIn(given)
      await enqueues(given, jobsOf([3, 4], { queue: 'mail' }))
      const { items, total } = await given.jobs.list({ states: ['pending'] }, { withTotal: true })
      assert.deepEqual(
        items.map(({ commitNo, index, queue }) => [commitNo, index, queue]),
        [
          [2, 1, 'mail'],
          [2, 0, 'mail'],
          [1, 1, 'default'],
          [1, 0, 'default'],
        ],
      )
      assert.deepEqual([total, await given.jobs.total({ queue: 'mail' })], [4, 2])
    },
  },
  {
    group,
    name: 'reading on neither repeats nor skips what stays, while jobs come and end',
    run: async (given) => {
      const all = await variedJobs(given)
      const first = await given.jobs.list({}, { limit: 10 })
      await enqueues(given, jobsOf([1, 2]))
      await claims(given)
      const rest = await everyPage((page) => given.jobs.list({}, { ...page, cursor: page.cursor ?? first.cursor }), {
        limit: 7,
      })
      assert.deepEqual([...first.items, ...rest].map(place), all.map(place))
    },
  },
  {
    group,
    name: 'a cursor holds for its own question only, and a filter that is none is refused',
    run: async (given) => {
      await variedJobs(given)
      const { jobs } = given
      const { cursor } = await jobs.list({ queue: 'default' }, { limit: 2 })
      assert.ok(cursor !== undefined)
      await refused('invalid_cursor', [jobs.list({ queue: 'mail' }, { cursor }), jobs.list({}, { cursor: 'nonsense' })])
      for (const key of badKeys) await refused('invalid_key', [jobs.list({ key }), jobs.total({ type: key })])
      await assert.rejects(() => jobs.list({ states: ['failing' as never] }), Error)
      await assert.rejects(() => jobs.change({ action: 'cancel', which: { sates: [] } as never }), Error)
      assert.equal(await jobs.total({ states: ['cancelled'] }), 0)
    },
  },
  {
    group,
    name: 'one job is found by tenant, command and index, and by nothing else',
    run: async (given) => {
      const fields = { tenant: 'left', commandId: 'known' }
      await enqueues(given, jobsOf([1, 2]), fields)
      for (const _ of oneTo(2)) {
        assert.equal((await given.jobs.get('left', 'known', 1))?.data, '2')
        const others = [
          given.jobs.get('left', 'known', 2),
          given.jobs.get('', 'known', 0),
          given.jobs.get('left', 'k', 0),
        ]
        assert.deepEqual(await Promise.all(others), [undefined, undefined, undefined])
        await takesIn(given)
      }
    },
  },
  {
    group,
    name: 'queues are told by name, with what is unfinished or given up, and since when the oldest could run',
    run: async (given) => {
      await given.jobs.pause('quiet', true)
      const nowUs = await nowUsOf(given)
      await enqueues(given, [
        ...jobsOf([1, 2, 3, 4], { attemptsMax: 1 }),
        job({ queue: 'mail', dueAt: nowUs + longMs * 1000 }),
      ])
      const [one, two] = await claims(given, { room: 3 })
      await settles(given, one, failure)
      await settles(given, two, { kind: 'succeeded' })
      const [first, mail, quiet, more] = await given.jobs.queues()
      assert.equal(more, undefined)
      const { oldestPendingUs = -1, ...rest } = first ?? {}
      assert.deepEqual(plain(rest), {
        queue: 'default',
        isPaused: false,
        counts: { pending: 1, running: 1, dead_letter: 1 },
      })
      assert.ok(oldestPendingUs >= 0)
      assert.deepEqual(plain([mail, quiet]), [
        { queue: 'mail', isPaused: false, counts: { scheduled: 1 } },
        { queue: 'quiet', isPaused: true, counts: {} },
      ])
    },
  },
  {
    group,
    name: 'jobs that ended before a time are forgotten with their payloads, no more than asked for; unfinished ones stay',
    run: async (given) => {
      await enqueues(given, jobsOf([1, 2, 3, 4, 5]), { commandId: 'old' })
      const [one, two, three, four] = await claims(given, { room: 4 })
      for (const run of [one, two, three]) await settles(given, run, { kind: 'succeeded' })
      await settles(given, four, failure)
      const { tenant } = one
      const states = ['succeeded', 'cancelled'] as const
      const before = ((await rowOf(given, one)).endedAt ?? 0) + longMs * 1000
      assert.equal(await given.jobs.prune({ states, endedBeforeUs: 1, limit: 100 }), 0)
      assert.equal(await given.jobs.prune({ states: [], endedBeforeUs: before, limit: 100 }), 0)
      assert.equal(await given.jobs.prune({ states, endedBeforeUs: before, limit: 2 }), 2)
      assert.equal(await given.jobs.prune({ states, endedBeforeUs: before, limit: 100 }), 1)
      assert.equal(await given.jobs.prune({ states, endedBeforeUs: before, limit: 100 }), 0)
      assert.deepEqual([await given.jobs.get(tenant, 'old', 0), await given.jobs.total()], [undefined, 2])
      assert.deepEqual([(await given.jobs.get(tenant, 'old', 3))?.data, (await given.jobs.info()).items], ['4', 2])
      assert.equal(await given.jobs.prune({ states: ['dead_letter'], endedBeforeUs: before, limit: 1 }), 1)
      assert.deepEqual(
        (await given.jobs.list({})).items.map(({ index }) => index),
        [4],
      )
      assert.equal((await claims(given))[0].data, '5')
    },
  },
]
