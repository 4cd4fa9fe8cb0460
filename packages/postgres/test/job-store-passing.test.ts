// Several processes pass jobs whose keys have no room, each with marks of its own, while limits, types and processes change: whatever is
// drawn, no job is passed that could run.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { encodeTerms } from '@gesta/core/ports'
import type { ClaimedJob, JobChange, JobEnding, JobRow, QueueWish } from '@gesta/core/ports'
import { postgres } from '../src/index.ts'
import { commitOf, isStored } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

const type = fc.constantFrom('Order.Send', 'Order.Send', 'Order.Other')
const job = fc.record({
  type,
  key: fc.constantFrom('a', 'b', 'c', undefined),
  priority: fc.constantFrom(5, 5, 5, 3),
})
const endings: readonly JobEnding[] = [
  { kind: 'succeeded' },
  { kind: 'released' },
  { kind: 'snoozed', forUs: 0 },
  { kind: 'failed', error: 'Error', retryInUs: 0 },
  { kind: 'failed', error: 'Error' },
]
const wish = fc.record({
  queue: fc.constant('default'),
  room: fc.integer({ min: 1, max: 4 }),
  types: fc.constantFrom(['Order.Send', 'Order.Other'], ['Order.Send', 'Order.Other'], ['Order.Send']),
  runningPerKeyMax: fc.constantFrom(1, 1, 1, 2, 3, undefined),
  runningMax: fc.constantFrom(undefined, undefined, 4),
})
/** What becomes of the runs that a worker has; absent: they go on. */
const fates = fc.array(fc.constantFrom(...endings, ...endings.map(() => undefined)), { minLength: 8, maxLength: 8 })
const change: fc.Arbitrary<JobChange> = fc.record({
  action: fc.constantFrom('requeue', 'cancel'),
  which: fc.constantFrom({ key: 'a' }, { states: ['dead_letter', 'cancelled'] }),
})
const step = fc.record({
  process: fc.nat(1),
  does: fc.oneof(
    { weight: 4, arbitrary: fc.record({ jobs: fc.array(job, { minLength: 1, maxLength: 5 }) }) },
    { weight: 6, arbitrary: fc.record({ wish, fates }) },
    { weight: 1, arbitrary: fc.record({ change }) },
    { weight: 1, arbitrary: fc.constant({ restarts: true }) },
  ),
})

type Process = Awaited<ReturnType<ReturnType<typeof postgres>['open']>>

/** Of these, what the wish should have got. */
function couldRun({ types, runningPerKeyMax = Infinity }: QueueWish, rows: readonly JobRow[]): readonly JobRow[] {
  const running = rows.filter(({ state }) => state === 'running')
  const hasRoom = ({ key }: JobRow): boolean =>
    key === undefined || running.filter((row) => row.key === key).length < runningPerKeyMax
  return rows.filter((row) => row.state === 'pending' && types.includes(row.type) && hasRoom(row))
}

test('no process passes a job for ever, whatever others, restarts and new limits do meanwhile', { skip }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 60 }), async (steps) => {
      const { url, schema } = await newSchema()
      const open = () => postgres({ url, schema }).open(runtime)
      const held: [readonly ClaimedJob[], readonly ClaimedJob[]] = [[], []]
      const living: [Process, Process] = [await open(), await open()]
      try {
        for (const [at, { process, does }] of steps.entries()) {
          const own = process === 0 ? 0 : 1
          const { jobs, events } = living[own]
          if ('jobs' in does) {
            const enqueued = does.jobs.map((one) => {
              const { key, priority } = one
              return { type: one.type, data: '{}', terms: encodeTerms({ priority, ...(key !== undefined && { key }) }) }
            })
            assert.ok(isStored(await events.commit(commitOf(`c${at}`, `order-${at}`, { jobs: enqueued }))))
          } else if ('wish' in does) {
            const fateOf = (index: number): JobEnding | undefined => does.fates[index % does.fates.length]
            const ends = held[own].flatMap(({ commitNo, index, no }, nth) => {
              const ending = fateOf(nth)
              return ending === undefined ? [] : [{ commitNo, index, no, ending }]
            })
            const kept = held[own].filter((_, nth) => fateOf(nth) === undefined)
            const asked = { worker: `w${own}`, leaseMs: 3_600_000, ends, reports: [], wishes: [does.wish] }
            const { claimed, refused } = await jobs.exchange(asked)
            assert.deepEqual(refused, [])
            held[own] = [...kept, ...claimed]
            const rows = (await jobs.list({ states: ['pending', 'running'] }, { limit: 1_000 })).items
            const { room, runningMax = Infinity } = does.wish
            const isFull = rows.filter(({ state }) => state === 'running').length >= runningMax
            if (claimed.length < room && !isFull) assert.deepEqual(couldRun(does.wish, rows), [])
          } else if ('change' in does) await jobs.change(does.change)
          else {
            await living[own][Symbol.asyncDispose]()
            living[own] = await open()
          }
        }
      } finally {
        for (const one of living) await one[Symbol.asyncDispose]()
      }
    }),
    // Each run makes a schema: a failure is told as it was drawn.
    { numRuns: 5, endOnFailure: true },
  )
})
