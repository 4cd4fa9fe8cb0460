// Domains start before anything runs that they may be needed by, and stop after it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApp, cron, domain, handle, job, memory, subscriber } from '@gesta/core'
import type { AnyDomain, DomainStart } from '@gesta/core'
import { whenIdle } from '@gesta/core/testing'
import { z } from 'zod'
import { accountDomain, open, Opened } from '../account-domain.ts'
import { createFakeClock } from '../fake-clock.ts'
import { startApp } from '../started-app.ts'

const tell = job('Note.Tell', { input: z.object({ text: z.string() }) })

/** A domain with one of everything that begins by itself, and each says that it ran. */
function noting(notes: string[], life: Pick<Parameters<typeof domain>[1], 'start' | 'stop'> = {}): AnyDomain {
  return domain('Note', {
    permissions: 'anonymous',
    roles: ['any'],
    dependsOn: ['Account'],
    handlers: [handle(tell, async ({ text }) => void notes.push(text))],
    subscribers: [subscriber('Follower').on(Opened, async () => void notes.push('subscriber'))],
    crons: [cron('Note.Always', { schedule: '* * * * *', job: () => tell({ text: 'cron' }) })],
    ...life,
  })
}

describe('while domains start', () => {
  test('no subscriber, job or cron runs, however long it takes; then all do', async () => {
    const notes: string[] = []
    const clock = createFakeClock()
    const start = async ({ app }: DomainStart): Promise<void> => {
      await app.dispatch(open({ accountId: 'a', owner: 'ada' }))
      await app.jobs.enqueue(tell({ text: 'job' }))
      await clock.advance(180_000)
      notes.push('started')
    }
    await using app = await startApp([accountDomain, noting(notes, { start })], { clock, domainTimeoutMs: 600_000 })
    assert.deepEqual(notes, ['started'])
    await clock.finish(whenIdle(app.running, { clock }))
    await clock.advance(60_000)
    assert.deepEqual(new Set(notes), new Set(['started', 'job', 'subscriber', 'cron']))
  })

  test('their views follow the log, so that they may ask', async () => {
    let isThere = false
    const start = async ({ app }: DomainStart): Promise<void> => {
      await app.dispatch(open({ accountId: 'a', owner: 'ada' }))
      await app.caughtUp()
      isThere = true
    }
    await using _ = await createApp('shop', { domains: [accountDomain, noting([], { start })] }).start()
    assert.ok(isThere)
  })

  test('one may drain the jobs of the process, of which none runs', async () => {
    const clock = createFakeClock()
    const start = async ({ app }: DomainStart): Promise<void> => app.jobs.drain()
    await using app = await startApp([accountDomain, noting([], { start })], { clock })
    assert.equal(app.running.jobs.status?.state, 'draining')
  })
})

describe('an app whose domains do not start', () => {
  test('runs none of its jobs, and stops at once', async () => {
    const notes: string[] = []
    const start = async ({ app }: DomainStart): Promise<void> => {
      await app.jobs.enqueue(tell({ text: 'job' }))
      throw new Error('no')
    }
    // No timer of this clock ever fires: who waited for one would wait for ever.
    const clock = createFakeClock()
    await assert.rejects(startApp([accountDomain, noting(notes, { start })], { clock }), /did not start: no/)
    assert.deepEqual([notes, clock.timers], [[], 0])
  })

  test('because it was told to stop meanwhile runs nothing, and says so', async () => {
    const notes: string[] = []
    const leaving = new AbortController()
    const start = async ({ app }: DomainStart): Promise<void> => {
      await app.jobs.enqueue(tell({ text: 'job' }))
      leaving.abort(new Error('enough'))
    }
    const app = createApp('shop', { domains: [accountDomain, noting(notes, { start })] })
    await assert.rejects(app.start({ store: memory(), signal: leaving.signal }), /enough/)
    assert.deepEqual(notes, [])
  })
})

describe('while an app stops', () => {
  test('its domains wait for what still runs', async () => {
    const notes: string[] = []
    const entered = Promise.withResolvers<void>()
    const opened = Promise.withResolvers<void>()
    const slow = domain('Slow', {
      permissions: 'anonymous',
      roles: ['any'],
      dependsOn: ['Account'],
      handlers: [],
      subscribers: [
        subscriber('Slow').on(Opened, async () => {
          entered.resolve()
          await opened.promise
          notes.push('subscriber')
        }),
      ],
      stop: async () => void notes.push('stopped'),
    })
    const running = await createApp('shop', { domains: [accountDomain, slow] }).start()
    await running.dispatch(open({ accountId: 'a', owner: 'ada' }))
    await entered.promise
    const stopping = running[Symbol.asyncDispose]()
    opened.resolve()
    await stopping
    assert.deepEqual(notes, ['subscriber', 'stopped'])
  })
})
