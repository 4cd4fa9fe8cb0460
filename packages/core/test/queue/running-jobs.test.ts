import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError } from '../../src/errors/gesta-error.ts'
import { brief, flaky, order, startJobs, work } from './job-domain.ts'

describe('a job', () => {
  test('that a command left runs once the command is stored', async () => {
    const done: string[] = []
    await using app = await startJobs(async (text) => void done.push(text))
    await app.running.dispatch(order({ texts: ['a', 'b'] }))
    await app.idle()
    assert.deepEqual(done, ['a', 'b'])
    assert.equal(await app.running.jobs.total({ states: ['succeeded'] }), 2)
  })

  test('keeps what its handler returned', async () => {
    await using app = await startJobs(async (text) => ({ said: text }))
    await app.put(work({ text: 'a' }))
    await app.idle()
    const { state, attempt, story } = await app.row()
    assert.deepEqual([state, attempt, story.result], ['succeeded', 1, '{"said":"a"}'])
  })

  test('runs after those with a lower priority', async () => {
    const done: string[] = []
    await using app = await startJobs(async (text) => void done.push(text))
    await app.put(
      work({ text: 'late' }, { priority: 9 }),
      work({ text: 'soon' }, { priority: 0 }),
      work({ text: 'then' }),
    )
    await app.idle()
    assert.deepEqual(done, ['soon', 'then', 'late'])
  })

  test('with a delay is not begun before its time, and then at once', async () => {
    const begun: number[] = []
    await using app = await startJobs(async () => void begun.push(app.clock.nowUs()))
    const from = app.clock.nowUs()
    await app.put(work({ text: 'a' }, { delayMs: 90_000 }))
    await app.clock.advance(89_999)
    assert.deepEqual([begun, (await app.row()).state], [[], 'scheduled'])
    await app.clock.advance(1)
    assert.deepEqual(begun, [from + 90_000_000])
  })

  test('that was not begun in time has expired', async () => {
    await using app = await startJobs(async () => assert.fail('It ran.'))
    await app.running.jobs.pause('default')
    await app.put(work({ text: 'a' }, { expiresInMs: 1_000 }))
    await app.clock.advance(1_000)
    await app.running.jobs.resume('default')
    await app.idle()
    assert.equal((await app.row()).state, 'expired')
  })

  test('that repeats another one is cancelled', async () => {
    const done: string[] = []
    await using app = await startJobs(async (text) => void done.push(text))
    await app.put(work({ text: 'a' }, { unique: { key: 'k' } }), work({ text: 'b' }, { unique: { key: 'k' } }))
    await app.idle()
    assert.deepEqual(done, ['a'])
    assert.equal(await app.running.jobs.total({ states: ['cancelled'] }), 1)
  })

  test('that snoozes runs again later, and has used no attempt', async () => {
    const attempts: number[] = []
    await using app = await startJobs(async (_, { attempt, snooze }) => {
      attempts.push(attempt)
      return attempts.length < 3 ? snooze(60_000) : undefined
    })
    await app.put(work({ text: 'a' }))
    await app.clock.advance(119_999)
    assert.deepEqual([attempts, (await app.row()).state], [[1, 1], 'waiting'])
    await app.clock.advance(1)
    assert.deepEqual([attempts, (await app.row()).state], [[1, 1, 1], 'succeeded'])
  })

  test('tells how far it is while it runs', async () => {
    const release = Promise.withResolvers<void>()
    await using app = await startJobs(async (_, { progress, log }) => {
      log('begun')
      progress(1, 3, 'first')
      progress(2, 3, 'second')
      await release.promise
      log('done')
    })
    await app.put(work({ text: 'a' }))
    await app.clock.advance(1_000)
    const running = await app.row()
    assert.deepEqual(running.story.progress, { done: 2, of: 3, note: 'second' })
    assert.deepEqual(
      running.story.lines.map(({ text }) => text),
      ['begun'],
    )
    release.resolve()
    await app.idle()
    const { state, story } = await app.row()
    assert.deepEqual([state, story.lines.map(({ text }) => text)], ['succeeded', ['begun', 'done']])
  })
})

describe('a job that fails', () => {
  test('runs again after a while, and is given up when its attempts are used, with every error', async () => {
    await using app = await startJobs(async () => {
      throw new TypeError('the password is 1234')
    })
    await app.put(flaky({ text: 'a' }))
    await app.clock.advance(1)
    const first = await app.row()
    assert.equal(first.state, 'retry_scheduled')
    assert.ok(first.dueAt > first.enqueuedAt && first.dueAt <= app.clock.nowUs() + 60_000_000)
    await app.clock.advance(120_000)
    const { state, attempt, story } = await app.row()
    assert.deepEqual([state, attempt], ['dead_letter', 3])
    assert.deepEqual(
      story.failures.map(({ attempt: run, error }) => [run, error]),
      [
        [1, 'TypeError'],
        [2, 'TypeError'],
        [3, 'TypeError'],
      ],
    )
  })

  test('is given up at once when its handler says so', async () => {
    await using app = await startJobs(async (_, { giveUp }) => giveUp('the shop has closed'))
    await app.put(work({ text: 'a' }))
    await app.idle()
    const { state, attempt, story } = await app.row()
    assert.deepEqual([state, attempt, story.failures[0]?.error], ['dead_letter', 1, 'given_up: the shop has closed'])
  })

  for (const code of [
    'invalid_input',
    'invalid_output',
    'permission_denied',
    'payload_too_large',
    'missing_handler',
  ] as const)
    test(`with ${code} is given up at once: no further run would mend it`, async () => {
      await using app = await startJobs(async () => {
        throw new Error('it was', { cause: new GestaError(code, 'so') })
      })
      await app.put(work({ text: 'a' }))
      await app.idle()
      const { state, attempt, story } = await app.row()
      assert.deepEqual([state, attempt, story.failures[0]?.error], ['dead_letter', 1, `Error < ${code}`])
    })

  test('because something could not be reached waits, and has used no attempt', async () => {
    const attempts: number[] = []
    await using app = await startJobs(async (_, { attempt }) => {
      attempts.push(attempt)
      // A full disk too: nothing was refused, and somebody will make room.
      const code = attempts.length % 2 === 0 ? 'store_full' : 'store_unavailable'
      if (attempts.length < 20) throw new GestaError(code, 'away')
    })
    await app.put(flaky({ text: 'a' }))
    await app.clock.advance(200_000)
    assert.deepEqual(new Set(attempts), new Set([1]))
    assert.deepEqual([attempts.length, (await app.row()).state], [20, 'succeeded'])
  })

  test('with a result that is no JSON, or too long, is given up: what it did is done', async () => {
    await using app = await startJobs(async (text) => (text === 'long' ? 'x'.repeat(65_536) : Number.NaN))
    const [long, none] = [await app.put(work({ text: 'long' })), await app.put(work({ text: 'none' }))]
    await app.idle()
    for (const [id, error] of [
      [long, 'payload_too_large'],
      [none, 'invalid_output'],
    ] as const) {
      const { state, story } = await app.row(id)
      assert.deepEqual([state, story.failures[0]?.error], ['dead_letter', error])
    }
  })

  test('runs again with all its attempts when somebody requeues it', async () => {
    let isBroken = true
    await using app = await startJobs(async () => {
      if (isBroken) throw new GestaError('invalid_input', 'no')
    })
    const id = await app.put(work({ text: 'a' }))
    await app.put(work({ text: 'b' }))
    await app.idle()
    isBroken = false
    const which = (await app.running.jobs.list({ states: ['dead_letter'] })).items
    assert.equal(await app.running.jobs.change({ action: 'requeue', which: [await app.row(id)] }), 1)
    await app.idle()
    const { state, attempt, story } = await app.row(id)
    assert.deepEqual([state, attempt, story.requeued, story.failures.length], ['succeeded', 1, 1, 1])
    assert.equal(await app.running.jobs.change({ action: 'requeue', which }), 1)
    await app.idle()
    assert.equal(await app.running.jobs.total({ states: ['succeeded'] }), 2)
  })
})

describe('a run', () => {
  test('that takes too long is aborted and has failed, also when its handler ignores that', async () => {
    const aborted: unknown[] = []
    await using app = await startJobs(async (_, { signal }) => {
      signal.addEventListener('abort', () => aborted.push((signal.reason as GestaError).code))
      await new Promise<void>(() => undefined)
    })
    await app.put(brief({ text: 'a' }))
    await app.clock.advance(1_000)
    const { state, story } = await app.row()
    assert.deepEqual([aborted, state], [['deadline_exceeded'], 'retry_scheduled'])
    assert.equal(story.failures[0]?.error, 'deadline_exceeded of Note.Brief')
  })

  test('that is told to end sees it by its signal, and its job is cancelled', async () => {
    await using app = await startJobs(
      (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error()))),
    )
    await app.put(work({ text: 'a' }))
    await app.clock.advance(100)
    assert.equal(await app.running.jobs.change({ action: 'cancel', which: {} }), 1)
    await app.idle()
    const { state, story } = await app.row()
    assert.deepEqual([state, story.failures], ['cancelled', []])
  })
})
