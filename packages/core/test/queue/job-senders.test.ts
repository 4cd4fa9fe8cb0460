import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { systemContext } from '@gesta/core'
import type { RequestContext } from '@gesta/core'
import { startApp } from '../started-app.ts'
import { hidden, jobDomain, note, order, startJobs, textsOf, work } from './job-domain.ts'

const ada: RequestContext = { account: 'ada', session: 's', correlationId: 'asked' }

describe('what a job sends', () => {
  test('is sent once, however often the job runs', async () => {
    let runs = 0
    await using app = await startJobs(async (text, { dispatch }) => {
      await dispatch(note({ noteId: 'n', text }))
      await dispatch(note({ noteId: 'n', text: `${text}, too` }))
      if (++runs < 3) throw new Error('After it was sent.')
    })
    await app.put(work({ text: 'a' }))
    await app.clock.advance(60_000)
    assert.deepEqual([runs, await textsOf(app)], [3, ['a', 'a, too']])
  })

  test('is sent on behalf of who stored the job, with the job as its cause', async () => {
    const seen: RequestContext[] = []
    await using app = await startJobs(async (text, { dispatch, context }) => {
      seen.push(context)
      await dispatch(note({ noteId: 'n', text }))
    })
    const { commandId } = await app.running.dispatch(order({ texts: ['a'] }), { context: { ...ada, tenant: 'acme' } })
    await app.idle()
    const cause = { ...ada, tenant: 'acme', causationId: `${commandId}.j0` }
    assert.deepEqual(seen, [cause])
    const [event] = await app.store.readAll({ after: 0, limit: 10 })
    assert.deepEqual([event?.tenant, JSON.parse(event?.context ?? '')], ['acme', cause])
  })

  test('hangs below the job in the trace of the command that left it', async () => {
    await using app = await startJobs(async (text, { dispatch }) => void (await dispatch(note({ noteId: 'n', text }))))
    const { commandId } = await app.running.dispatch(order({ texts: ['a'] }))
    await app.idle()
    const trace = await app.running.commandLog.trace(commandId)
    const [job] = trace?.commands[0]?.jobs ?? []
    assert.deepEqual([trace?.commands.length, job?.state, job?.attempts, job?.queue], [1, 'succeeded', 1, 'default'])
    assert.deepEqual(
      job?.followed.map(({ record }) => [record.commandType, record.status]),
      [['Note.Note', 'accepted']],
    )
  })

  test('is denied as soon as its sender may no longer send it, and the job is given up at once', async () => {
    const doing = startApp(
      jobDomain(async (text, { dispatch }) => void (await dispatch(note({ noteId: 'n', text }))), 'authenticated'),
    )
    await using app = await doing
    await app.running.jobs.enqueue(work({ text: 'nobody' }))
    await app.running.jobs.enqueue(work({ text: 'somebody' }), { context: ada })
    await app.clock.advance(10_000)
    const [given, up] = (await app.running.jobs.list()).items
    assert.deepEqual([given?.state, up?.state, up?.attempt], ['succeeded', 'dead_letter', 1])
    assert.match(up?.story.failures[0]?.error ?? '', /^permission_denied/)
    assert.deepEqual(await textsOf(app), ['somebody'])
  })

  test('may be sent on behalf of the app itself, where the job says so', async () => {
    await using app = await startApp(
      jobDomain(async (text, { dispatch }) => {
        await dispatch(note({ noteId: 'n', text }), { context: systemContext() })
      }, 'authenticated'),
    )
    await app.running.jobs.enqueue(work({ text: 'a' }))
    await app.clock.advance(1_000)
    assert.deepEqual(await textsOf(app), ['a'])
  })

  test('and nobody awaits is waited for, and fails the job when it fails', async () => {
    await using app = await startJobs(async (_, { dispatch }) => {
      void dispatch(note({ noteId: 'n', text: 5 as never }))
    })
    await app.put(work({ text: 'a' }))
    await app.idle()
    assert.equal((await app.row()).state, 'dead_letter')
  })
})

describe('jobs that no command leaves', () => {
  test('are stored together, and once for one command id', async () => {
    const done: string[] = []
    await using app = await startJobs(async (text) => void done.push(text))
    const { jobs } = app.running
    const first = await jobs.enqueue([work({ text: 'a' }), work({ text: 'b' })], { commandId: 'once' })
    assert.deepEqual(first, { commandId: 'once', tenant: '', jobIds: ['once.j0', 'once.j1'], isFirst: true })
    assert.deepEqual(await jobs.enqueue(work({ text: 'other' }), { commandId: 'once' }), { ...first, isFirst: false })
    await app.idle()
    assert.deepEqual(done, ['a', 'b'])
    const trace = await app.running.commandLog.trace('once.j1')
    assert.deepEqual([trace?.kind, trace?.commands[0]?.record.commandType], ['job', 'Gesta.Enqueue'])
  })

  test('are refused with the id of another command, and when they do not fit their schema', async () => {
    await using app = await startJobs(async () => undefined)
    await app.running.dispatch(order({ texts: [] }), { commandId: 'taken' })
    const { jobs } = app.running
    await assert.rejects(jobs.enqueue(work({ text: 'a' }), { commandId: 'taken' }), { code: 'command_conflict' })
    await assert.rejects(jobs.enqueue(work({ text: 1 as never })), { code: 'invalid_input' })
    await assert.rejects(jobs.enqueue([]), /one or more jobs/)
  })

  test('are shown without what their contract hides', async () => {
    await using app = await startJobs(async () => undefined)
    const [secret, plain] = [await app.put(hidden({ text: 'a' })), await app.put(work({ text: 'b' }))]
    await app.idle()
    const shown = await app.running.jobs.get(secret)
    assert.deepEqual([shown?.payload, shown?.redacted], ['{"text":"[secret]"}', ['text']])
    assert.equal((await app.running.jobs.get(plain))?.payload, '{"text":"b"}')
    assert.equal(await app.running.jobs.get(plain, 'acme'), undefined)
  })
})
