import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError } from '../../src/errors/gesta-error.ts'
import type { JobExchange, JobExchanged, JobStore } from '../../src/stores/job/job-store.ts'
import { settled } from '../fake-clock.ts'
import { jobDomain, order, startJobs, textsOf, note, work } from './job-domain.ts'
import { startApp } from '../started-app.ts'

const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`)

/** What goes to the store of jobs, before or after the store has done it. */
interface Meddling {
  before?: (request: JobExchange) => Promise<void> | void
  after?: (answer: JobExchanged) => Promise<void> | void
}
function meddle(store: JobStore, meddling: Meddling): readonly JobExchange[] {
  const requests: JobExchange[] = []
  const real = store.exchange.bind(store)
  Object.assign(store, {
    exchange: async (request: JobExchange) => {
      requests.push(request)
      await meddling.before?.(request)
      const answer = await real(request)
      await meddling.after?.(answer)
      return answer
    },
  })
  return requests
}
const away = (): never => {
  throw new GestaError('store_unavailable', 'away')
}

describe('a worker', () => {
  test('has one exchange on its way at a time, and settles many ends with one', async () => {
    const done: string[] = []
    await using app = await startJobs(async (text) => void done.push(text), {
      jobs: { queues: { default: { concurrency: 100 } } },
    })
    let going = 0
    let most = 0
    const requests = meddle(app.held.jobs, {
      before: async () => {
        most = Math.max(most, ++going)
        await settled()
      },
      after: () => void going--,
    })
    await app.running.dispatch(order({ texts: texts(1_000) }))
    await app.idle()
    assert.deepEqual([done.length, most], [1_000, 1])
    assert.ok(requests.length <= 14, `${requests.length} exchanges`)
  })

  test('runs as many jobs of a queue at once as it may, and those of other queues beside them', async () => {
    const waiting: (() => void)[] = []
    await using app = await startJobs(() => new Promise((resolve) => waiting.push(resolve)), {
      jobs: { queues: { default: { concurrency: 2 }, other: { concurrency: 1 } } },
    })
    await app.put(
      ...texts(5).map((text) => work({ text })),
      ...texts(3).map((text) => work({ text }, { queue: 'other' })),
    )
    await app.clock.advance(1)
    assert.deepEqual(app.running.jobs.status?.running, { default: 2, other: 1 })
    while (waiting.length > 0) {
      waiting.shift()?.()
      await app.clock.advance(1)
    }
    assert.equal(await app.running.jobs.total({ states: ['succeeded'] }), 8)
  })

  test('leaves a queue alone while it is paused', async () => {
    const done: string[] = []
    await using app = await startJobs(async (text) => void done.push(text))
    await app.running.jobs.pause('default')
    await app.put(work({ text: 'a' }))
    await app.clock.advance(60_000)
    assert.deepEqual(done, [])
    await app.running.jobs.resume('default')
    await app.idle()
    assert.deepEqual(done, ['a'])
  })

  test('begins no more jobs in a period than the rate of their queue', async () => {
    let done = 0
    await using app = await startJobs(async () => void done++, {
      jobs: { queues: { default: { rate: { max: 3, periodMs: 10_000 } } } },
    })
    await app.put(...texts(7).map((text) => work({ text })))
    await app.clock.advance(9_000)
    assert.equal(done, 3)
    await app.clock.advance(10_000)
    assert.equal(done, 6)
    await app.clock.advance(10_000)
    assert.equal(done, 7)
  })

  test('goes on while the store is away, and tells it what has ended when it is back', async () => {
    const release = Promise.withResolvers<void>()
    await using app = await startJobs(() => release.promise)
    await app.put(work({ text: 'a' }))
    await app.clock.advance(1)
    let isAway = true
    meddle(app.held.jobs, { before: () => (isAway ? away() : undefined) })
    await app.clock.advance(2_000)
    assert.deepEqual(app.running.jobs.status?.state, 'retrying')
    assert.equal(app.running.jobs.status?.lastError, 'store_unavailable')
    release.resolve()
    await app.clock.advance(1_000)
    isAway = false
    await app.idle()
    const { state, attempt } = await app.row()
    assert.deepEqual([state, attempt, app.running.jobs.status?.state], ['succeeded', 1, 'working'])
  })

  test('gives back what it was given by an answer that was lost', async () => {
    const done: string[] = []
    await using app = await startJobs(async (text) => void done.push(text))
    let isLost = true
    meddle(app.held.jobs, { after: () => (isLost ? away() : undefined) })
    await app.put(work({ text: 'a' }))
    await app.clock.advance(1)
    assert.deepEqual([done, (await app.row()).state], [[], 'running'])
    isLost = false
    await app.idle()
    const { state, attempt } = await app.row()
    assert.deepEqual([done, state, attempt], [['a'], 'succeeded', 1])
  })

  test('gives back what it was given by a request that it had taken for lost, and that the store got later', async () => {
    const done: string[] = []
    await using app = await startJobs(async (text) => void done.push(text))
    const real = app.held.jobs.exchange.bind(app.held.jobs)
    const late: JobExchange[] = []
    let isLost = true
    meddle(app.held.jobs, {
      before: (request) => {
        if (!isLost) return
        isLost = false
        late.push(request)
        away()
      },
    })
    await app.running.jobs.pause('default')
    await app.put(work({ text: 'a' }))
    await app.clock.advance(1_000)
    assert.deepEqual([late.length, app.running.jobs.status?.state], [1, 'working'])
    await app.running.jobs.resume('default')
    for (const request of late) await real(request)
    assert.equal((await app.row()).state, 'running')
    await app.idle()
    assert.deepEqual([done, (await app.row()).state], [['a'], 'succeeded'])
  })

  test('goes on when the answer was lost that gave it a job again whose run it had just told the end of', async () => {
    const done: number[] = []
    await using app = await startJobs(async (_, { snooze }) => {
      done.push(done.length)
      return done.length === 1 ? snooze(0) : undefined
    })
    let isToBeLost = true
    meddle(app.held.jobs, {
      after: ({ claimed }) => {
        if (done.length !== 1 || claimed.length === 0 || !isToBeLost) return
        isToBeLost = false
        away()
      },
    })
    await app.put(work({ text: 'a' }))
    await app.idle()
    assert.deepEqual([done, (await app.row()).state, isToBeLost], [[0, 1], 'succeeded', false])
    assert.deepEqual([app.running.jobs.status?.state, app.running.jobs.status?.lost], ['working', 0])
  })

  test('counts as lost no run whose end the store has kept without saying so', async () => {
    await using app = await startJobs(async () => undefined)
    let isToBeLost = true
    const real = app.held.jobs.exchange.bind(app.held.jobs)
    Object.assign(app.held.jobs, {
      exchange: async (request: JobExchange) => {
        const answer = await real(request)
        if (!isToBeLost || request.ends.length === 0) return answer
        isToBeLost = false
        return away()
      },
    })
    await app.put(work({ text: 'a' }))
    await app.idle()
    await app.clock.advance(10_000)
    assert.deepEqual([(await app.row()).state, isToBeLost, app.running.jobs.status?.lost], ['succeeded', false, 0])
  })

  test('fails a run whose answer looks like a wish to wait, for a time that is none', async () => {
    await using app = await startJobs(async () => ({ jobAnswer: 'snooze', forMs: -5 }))
    await app.put(work({ text: 'a' }))
    await app.clock.advance(1)
    const { state, story } = await app.row()
    assert.deepEqual([state, story.failures.map(({ error }) => error)], ['retry_scheduled', ['RangeError']])
    assert.equal(app.running.jobs.status?.state, 'working')
  })

  test('that was silent for longer than its lease ends the runs that others have now, and settles nothing of them', async () => {
    const aborted: string[] = []
    const app = await startJobs(
      (_, { signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(void aborted.push('a')))),
    )
    await using _ = app
    await app.put(work({ text: 'a' }))
    await app.clock.advance(1)
    const silent = Promise.withResolvers<void>()
    meddle(app.held.jobs, {
      before: ({ worker }) => (worker === app.running.jobs.status?.worker ? silent.promise : undefined),
    })
    await app.clock.advance(6_000)
    await using other = await startApp(
      jobDomain(async () => 'other'),
      { beside: app },
    )
    await other.clock.advance(1_000)
    assert.equal((await app.row()).state, 'succeeded')
    silent.resolve()
    await app.clock.advance(3_000)
    const { state, attempt, story } = await app.row()
    assert.deepEqual([aborted, state, attempt, story.result], [['a'], 'succeeded', 2, '"other"'])
    assert.deepEqual(
      story.failures.map(({ error }) => error),
      ['worker_lost'],
    )
    assert.ok((app.running.jobs.status?.lost ?? 0) > 0)
  })

  test('drains: takes nothing more, and waits for what runs', async () => {
    const release = Promise.withResolvers<void>()
    await using app = await startJobs(() => release.promise)
    const id = await app.put(work({ text: 'a' }))
    await app.clock.advance(1)
    const draining = app.running.jobs.drain()
    await app.put(work({ text: 'b' }))
    await app.clock.advance(1_000)
    assert.deepEqual(app.running.jobs.status?.running, { default: 1 })
    release.resolve()
    await app.clock.finish(draining)
    assert.equal((await app.row(id)).state, 'succeeded')
    assert.equal(await app.running.jobs.total({ states: ['pending'] }), 1)
    assert.equal(app.running.jobs.status?.state, 'draining')
  })

  test('tells who drains it when that takes too long', async () => {
    await using app = await startJobs(() => new Promise(() => undefined))
    await app.put(work({ text: 'a' }))
    await app.clock.advance(1)
    await assert.rejects(app.clock.finish(app.running.jobs.drain({ deadlineMs: 100 })), { code: 'deadline_exceeded' })
  })
})

describe('an app that stops', () => {
  test('waits for what its jobs do, and they may still send commands', async () => {
    const release = Promise.withResolvers<void>()
    const app = await startJobs(async (text, { dispatch }) => {
      await release.promise
      await dispatch(note({ noteId: 'n', text }))
    })
    await app.put(work({ text: 'a' }))
    await app.clock.advance(1)
    const stopped = app[Symbol.asyncDispose]()
    release.resolve()
    await stopped
    assert.deepEqual(await textsOf(app), ['a'])
  })

  test('aborts what takes too long, and gives it to others at once, with no attempt used', async () => {
    const aborted: unknown[] = []
    const app = await startJobs(async (_, { signal }) => {
      signal.addEventListener('abort', () => aborted.push(1))
      await new Promise(() => undefined)
    })
    await app.put(work({ text: 'a' }))
    await app.clock.advance(1)
    const { jobs } = app.held
    await app[Symbol.asyncDispose]()
    const [row] = (await jobs.list({})).items
    assert.deepEqual([aborted, row?.state, row?.attempt], [[1], 'pending', 0])
  })

  test('asks a store that is away now and then, and not as fast as it can, and ends all the same', async () => {
    const app = await startJobs(() => new Promise(() => undefined))
    await app.put(work({ text: 'a' }))
    await app.clock.advance(1)
    const requests = meddle(app.held.jobs, { before: away })
    await app[Symbol.asyncDispose]()
    assert.ok(requests.length > 0 && requests.length < 100, `${requests.length} exchanges`)
  })
})
