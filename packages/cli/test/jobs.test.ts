import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApp, cron, domain, handle, job, memory, runtimeDomain } from '@gesta/core'
import { serveAdmin } from '@gesta/http'
import { z } from 'zod'
import { gestaHere } from './run-gesta.ts'

const send = job('Mail.Send', { input: z.object({ to: z.string() }), attemptsMax: 1, redact: { to: 'personal' } })

/** A mailer that is down until it is told otherwise, with its admin address. */
async function servedMails() {
  const mails = { isDown: true, sent: 0 }
  const daily = cron('Mail.Daily', { schedule: '0 5 * * *', job: () => send({ to: 'all' }) })
  const app = createApp('mails', {
    domains: [
      domain('Mail', {
        permissions: 'anonymous',
        handlers: [
          handle(send, async (_, { giveUp }) => {
            if (mails.isDown) return giveUp('the mail server is down')
            mails.sent++
          }),
        ],
        crons: [daily],
      }),
      runtimeDomain(),
    ],
  })
  await using opening = new AsyncDisposableStack()
  const running = opening.use(await app.start({ store: memory() }))
  const { url } = opening.use(await serveAdmin(running, { port: 0 }))
  const opened = opening.move()
  return {
    running,
    mails,
    gesta: (...words: readonly string[]) => gestaHere([...words, '--url', url]),
    put: async () => (await running.jobs.enqueue([send({ to: 'ann@example.org' })])).jobIds[0] ?? '',
    until: async (states: Parameters<typeof running.jobs.total>[0], count: number) => {
      while ((await running.jobs.total(states)) < count) await new Promise((resolve) => setTimeout(resolve, 5))
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

describe('gesta jobs', () => {
  test('lists and shows what was given up, and requeues it', async () => {
    await using place = await servedMails()
    const first = await place.put()
    const second = await place.put()
    await place.until({ states: ['dead_letter'] }, 2)
    const listed = await place.gesta('jobs', 'list', '--state', 'dead_letter', '--queue', 'default')
    assert.equal(listed.code, 0, listed.stderr)
    assert.match(listed.stdout, new RegExp(`^job +tenant +type .*\n${second} .*dead_letter +1/1 .*\n${first} `))
    const shown = await place.gesta('jobs', 'show', first)
    assert.match(shown.stdout, /^given +\{"to":.*\}$/m)
    assert.doesNotMatch(shown.stdout, /ann@example/)
    place.mails.isDown = false
    const requeued = await place.gesta('jobs', 'requeue', first, '--reason', 'it is up again')
    assert.equal(requeued.stdout, '1 job changed.\n', requeued.stderr)
    await place.until({ states: ['succeeded'] }, 1)
    assert.equal((await place.gesta('jobs', 'discard', '--state', 'dead_letter', '--yes')).stdout, '1 job changed.\n')
    assert.equal(place.mails.sent, 1)
  })

  test('wants to be told which, and asks before it changes what a filter finds', async () => {
    await using place = await servedMails()
    assert.equal((await place.gesta('jobs', 'cancel')).code, 2)
    assert.equal((await place.gesta('jobs', 'cancel', 'a.j0', '--queue', 'default')).code, 2)
    assert.match((await place.gesta('jobs', 'cancel', '--queue', 'default')).stderr, /Expected --yes/)
    assert.match((await place.gesta('jobs', 'hurry', 'none.j0')).stderr, /There is no job none\.j0/)
    assert.match((await place.gesta('jobs', 'show', 'none.j0')).stderr, /There is no job none\.j0/)
  })
})

describe('gesta queue', () => {
  test('pauses, lists and resumes', async () => {
    await using place = await servedMails()
    assert.match((await place.gesta('queue', 'pause', 'default')).stdout, /^default +paused/m)
    await place.put()
    assert.match((await place.gesta('queue', 'list')).stdout, /^default +paused +\d+ .* 1 pending$/m)
    assert.equal((await place.gesta('queue', 'resume', 'default')).code, 0)
    await place.until({ states: ['dead_letter'] }, 1)
    assert.match((await place.gesta('queue', 'list')).stdout, /^default +1 dead_letter$/m)
  })
})

describe('gesta cron', () => {
  test('lists, pauses, resumes and runs', async () => {
    await using place = await servedMails()
    assert.match((await place.gesta('cron', 'list', '--next', '2')).stdout, /^Mail\.Daily +0 5 \* \* \* .*Z, .*Z$/m)
    assert.match((await place.gesta('cron', 'pause', 'Mail.Daily')).stdout, /^Mail\.Daily .* paused /m)
    assert.doesNotMatch((await place.gesta('cron', 'resume', 'Mail.Daily')).stdout, / paused /)
    assert.match((await place.gesta('cron', 'run', 'Mail.Daily')).stdout, /It has stored the job .*\.j0\.$/m)
    assert.match((await place.gesta('cron', 'pause', 'Mail.Daly')).stderr, /has no|does not have/)
  })
})
