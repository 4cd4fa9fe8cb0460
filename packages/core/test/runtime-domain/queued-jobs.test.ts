import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { runtimeContracts, runtimeDomain, systemContext, systemTenant } from '@gesta/core'
import type { Job } from '@gesta/core'
import { startApp } from '../started-app.ts'
import { brief, flaky, hidden, jobDomain, work } from '../queue/job-domain.ts'
import type { Doing } from '../queue/job-domain.ts'
import { whenIdle } from '@gesta/core/testing'

const { QueuedJobList, QueuedJob, ControlJob, QueueList, ControlQueue } = runtimeContracts
const reason = 'a test'

async function watchedJobs(doing: Doing) {
  const app = await startApp([jobDomain(doing), runtimeDomain()])
  const running = app.running
  const operator = running.as(systemContext())
  return {
    running,
    operator,
    clock: app.clock,
    put: async (...jobs: readonly Job<string, unknown>[]) => (await running.jobs.enqueue(jobs)).jobIds,
    idle: () => app.clock.finish(whenIdle(running, { clock: app.clock })),
    control: async (input: Parameters<typeof ControlJob>[0]) => {
      const outcome = await operator.dispatch(ControlJob(input))
      assert.ok(outcome.ok)
      return outcome.result.changed
    },
    states: async () =>
      (await operator.query(QueuedJobList({}))).items.map(({ jobId, state }) => [jobId, state] as const).toReversed(),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

describe('stored jobs, as operators see them', () => {
  test('are listed newest first, narrowed and in pages, without what they were given', async () => {
    await using place = await watchedJobs(async () => undefined)
    const ids = await place.put(work({ text: 'private' }, { key: 'k' }), brief({ text: 'b' }), work({ text: 'c' }))
    await place.idle()
    const all = await place.operator.query(QueuedJobList({}))
    assert.deepEqual(
      all.items.map(({ jobId }) => jobId),
      ids.toReversed(),
    )
    assert.doesNotMatch(JSON.stringify(all), /private/)
    const narrowed = await place.operator.query(QueuedJobList({ queue: 'brief', states: ['succeeded'] }))
    assert.deepEqual(
      narrowed.items.map(({ type, attempt }) => [type, attempt]),
      [['Note.Brief', 1]],
    )
    const first = await place.operator.query(QueuedJobList({ limit: 2 }))
    const next = await place.operator.query(QueuedJobList({ limit: 2, cursor: first.cursor }))
    assert.deepEqual([...first.items, ...next.items], all.items)
  })

  test('are shown one by one, with their failures, and marked fields replaced', async () => {
    await using place = await watchedJobs(async () => {
      throw new TypeError('hunter2 in a message')
    })
    const [flakyId = '', hiddenId = ''] = await place.put(flaky({ text: 'seen' }), hidden({ text: 'hunter2' }))
    await place.clock.advance(0)
    const { job } = await place.operator.query(QueuedJob({ jobId: flakyId }))
    assert.equal(job?.payload, '{"text":"seen"}')
    assert.deepEqual(
      job.failures.map(({ attempt, error }) => [attempt, error]),
      [[1, 'TypeError']],
    )
    assert.equal(job.lastError, 'TypeError')
    const secret = await place.operator.query(QueuedJob({ jobId: hiddenId }))
    assert.deepEqual(secret.job?.redacted, ['text'])
    assert.doesNotMatch(JSON.stringify(secret), /hunter2/)
    assert.deepEqual(await place.operator.query(QueuedJob({ jobId: 'none.j0' })), {})
    const { items } = await place.running.audit.list(systemContext(), { action: 'Runtime.QueuedJob' })
    assert.ok(items.some(({ resource }) => resource === `job//${hiddenId}`))
  })

  test('say which job they repeat, when that is why they were cancelled', async () => {
    await using place = await watchedJobs(async () => undefined)
    const once = { unique: { key: 'once' }, delayMs: 3_600_000 }
    const [first = '', second = '', other = ''] = await place.put(
      work({ text: 'a' }, once),
      work({ text: 'b' }, once),
      work({ text: 'c' }, { key: 'c', delayMs: 3_600_000 }),
    )
    await place.idle()
    assert.equal(await place.control({ action: 'cancel', filter: { key: 'c' }, reason: `It repeats ${first}.` }), 1)
    for (const [jobId, state, repeats] of [
      [first, 'scheduled', undefined],
      [second, 'cancelled', first],
      [other, 'cancelled', undefined],
    ] as const) {
      const { job } = await place.operator.query(QueuedJob({ jobId }))
      assert.deepEqual([job?.state, job?.repeats], [state, repeats])
    }
  })

  test('are requeued exactly as they were listed, and others left alone', async () => {
    let isDown = true
    await using place = await watchedJobs(async (_, { giveUp }) => (isDown ? giveUp('down') : undefined))
    const [first = '', second = ''] = await place.put(work({ text: 'a' }), work({ text: 'b' }))
    await place.idle()
    assert.deepEqual(await place.states(), [
      [first, 'dead_letter'],
      [second, 'dead_letter'],
    ])
    isDown = false
    const { items } = await place.operator.query(QueuedJobList({ states: ['dead_letter'] }))
    const listed = items.filter(({ jobId }) => jobId === first).map(({ commitNo, index }) => ({ commitNo, index }))
    assert.equal(await place.control({ action: 'requeue', jobs: listed, reason }), 1)
    await place.idle()
    assert.deepEqual(await place.states(), [
      [first, 'succeeded'],
      [second, 'dead_letter'],
    ])
    assert.equal(await place.control({ action: 'discard', filter: { states: ['dead_letter'] }, reason }), 1)
    assert.deepEqual(await place.states(), [
      [first, 'succeeded'],
      [second, 'cancelled'],
    ])
  })

  test('are hurried and cancelled', async () => {
    await using place = await watchedJobs(async () => undefined)
    const [first = '', second = ''] = await place.put(
      work({ text: 'a' }, { delayMs: 3_600_000, key: 'x' }),
      work({ text: 'b' }, { delayMs: 3_600_000, key: 'y' }),
    )
    assert.equal(await place.control({ action: 'hurry', filter: { key: 'x' }, reason }), 1)
    assert.equal(await place.control({ action: 'cancel', filter: { key: 'y' }, reason }), 1)
    await place.idle()
    assert.deepEqual(await place.states(), [
      [first, 'succeeded'],
      [second, 'cancelled'],
    ])
    const { job } = await place.operator.query(QueuedJob({ jobId: second }))
    assert.match(job?.reason ?? '', /a test/)
  })

  test('are not all meant by whoever leaves out which', async () => {
    await using place = await watchedJobs(async () => undefined)
    const one = [{ commitNo: 1, index: 0 }]
    for (const which of [{}, { filter: {} }, { jobs: one, filter: { queue: 'a' } }])
      await assert.rejects(place.control({ action: 'cancel', reason, ...which }), { code: 'invalid_input' })
  })

  test('are changed only once the audit log has that it was asked for, and by whom', async () => {
    await using place = await watchedJobs(async () => undefined)
    await place.control({ action: 'cancel', filter: { queue: 'mail' }, reason: 'too many of them' })
    const { items } = await place.running.audit.list(systemContext(), { action: 'Runtime.ControlJob.Intent' })
    assert.equal(items[0]?.resource, 'job/cancel')
    assert.match(items[0]?.data ?? '', /too many of them/)
  })

  test('are for callers of the tenant SYSTEM alone', async () => {
    await using place = await watchedJobs(async () => undefined)
    for (const caller of [{}, { tenant: 'acme', account: 'ann', identity: 'ann' }]) {
      const stranger = place.running.as(caller)
      await assert.rejects(stranger.query(QueuedJobList({})), { code: 'permission_denied' })
      await assert.rejects(stranger.query(QueueList()), { code: 'permission_denied' })
      await assert.rejects(stranger.dispatch(ControlQueue({ queue: 'default', action: 'pause', reason })), {
        code: 'permission_denied',
      })
    }
    assert.equal(systemContext().tenant, systemTenant)
  })
})

describe('queues, as operators see them', () => {
  test('are paused and resumed, and tell what waits in them', async () => {
    const done: string[] = []
    await using place = await watchedJobs(async (text) => void done.push(text))
    const paused = await place.operator.dispatch(ControlQueue({ queue: 'default', action: 'pause', reason }))
    assert.ok(paused.ok)
    assert.deepEqual(
      paused.result.items.map(({ queue, isPaused }) => [queue, isPaused]),
      [['default', true]],
    )
    await place.put(work({ text: 'a' }), work({ text: 'b' }))
    await place.clock.advance(2_000)
    const [row] = (await place.operator.query(QueueList())).items
    assert.deepEqual([row?.queue, row?.isPaused, row?.counts, done], ['default', true, { pending: 2 }, []])
    assert.ok((row?.oldestPendingMs ?? 0) >= 2_000)
    await place.operator.dispatch(ControlQueue({ queue: 'default', action: 'resume', reason }))
    await place.idle()
    assert.deepEqual(done, ['a', 'b'])
  })
})
