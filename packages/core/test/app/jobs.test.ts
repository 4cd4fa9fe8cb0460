// Where jobs run, and what start() may be told of them.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApp } from '@gesta/core'
import type { JobsOptions } from '@gesta/core'
import { jobDomain, startJobs, work } from '../queue/job-domain.ts'
import { startApp } from '../started-app.ts'

describe('jobs run', () => {
  for (const role of [undefined, 'worker'] as const)
    test(`in a process ${role === undefined ? 'without a role' : `with the role ${role}`}`, async () => {
      await using app = await startJobs(async () => undefined, { role })
      await app.put(work({ text: 'a' }))
      await app.idle()
      assert.deepEqual([(await app.row()).state, app.running.jobs.status?.state], ['succeeded', 'working'])
    })

  for (const options of [{ role: 'web' }, { role: 'cron' }, { jobs: { enabled: false } }] as const)
    test(`not in a process with ${JSON.stringify(options)}, where they wait for another one`, async () => {
      await using app = await startJobs(async () => undefined, options)
      await app.put(work({ text: 'a' }))
      await app.clock.advance(10_000)
      assert.deepEqual([(await app.row()).state, app.running.jobs.status], ['pending', undefined])
      await using worker = await startApp(
        jobDomain(async () => undefined),
        { beside: app, role: 'worker' },
      )
      await worker.clock.advance(1_000)
      assert.equal((await app.row()).state, 'succeeded')
    })
})

describe('the options of jobs', () => {
  const refused: readonly [string, unknown, RegExp][] = [
    ['an unknown name', { queue: {} }, /no option "queue". Did you mean "queues"/],
    ['an unknown name of a queue', { queues: { mail: { concurency: 1 } } }, /Did you mean "concurrency"/],
    ['a queue that is none', { queues: { 'a b': {} } }, /Expected the queue of jobs.queues/],
    ['too many at once', { queues: { mail: { concurrency: 10_001 } } }, /jobs.queues.mail.concurrency/],
    ['a rate of nothing', { queues: { mail: { rate: { max: 0, periodMs: 1 } } } }, /rate.max/],
    ['a lease that is too short', { leaseMs: 299 }, /jobs.leaseMs/],
    ['a time that is none', { keepEndedMs: -1 }, /jobs.keepEndedMs/],
    ['a switch that is none', { enabled: 'no' }, /jobs.enabled/],
  ]
  for (const [what, jobs, message] of refused)
    test(`are refused with ${what}`, async () => {
      const app = createApp('test', { domains: [jobDomain(async () => undefined)] })
      await assert.rejects(app.start({ jobs: jobs as JobsOptions }), message)
    })
})
