import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { roleOf } from '../../src/index.ts'
import { processSettings } from '../../src/process/process-options.ts'
import { startChild } from './child-process.ts'
import type { Child } from './child-process.ts'

const stepsOf = ({ lines }: Child): readonly unknown[] =>
  lines.flatMap(({ step, message }) => (message === 'The process is stopping.' ? [step] : []))
const post = (url: string) =>
  fetch(`${url}/api/commands/Order.Slow`, { method: 'POST' }).then(
    ({ status }) => status,
    () => 'cut',
  )

describe('a process that is asked to stop', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    test(`finishes what is in flight, in order, and ends well: ${signal}`, async () => {
      await using child = startChild('child.ts', {})
      const url = await child.url()
      const entered = child.says('entered')
      const answer = post(url)
      await entered
      child.process.kill(signal)
      await child.line(({ step }) => step === 'requests')
      child.process.send('open')
      assert.equal(await answer, 200)
      assert.deepEqual(await child.ended, { code: 0, signal: null })
      assert.deepEqual(stepsOf(child), ['leaving', 'requests', 'jobs', 'app', 'stopped'])
      assert.equal(child.lines.at(-1)?.message, 'The process has stopped.')
    })

  test('gives back a job that does not end, and ends in order before its deadline', async () => {
    // It takes three quarters of this at least, because it waits for the job: the rest is for slow machines.
    await using child = startChild('child.ts', { works: true, leaveMs: 10, deadlineMs: 14_000 })
    await Promise.all([child.says('working'), child.url()])
    child.process.kill('SIGTERM')
    assert.deepEqual(await child.ended, { code: 0, signal: null })
    assert.deepEqual(stepsOf(child), ['leaving', 'requests', 'jobs', 'app', 'stopped'])
  })

  test('is not ready before it refuses anything', async () => {
    await using child = startChild('child.ts', { leaveMs: 59_000 })
    const url = await child.url()
    assert.equal((await fetch(`${url}/ready`)).status, 200)
    child.process.kill('SIGTERM')
    await child.line(({ step }) => step === 'leaving')
    assert.equal((await fetch(`${url}/ready`)).status, 503)
    assert.equal((await fetch(`${url}/healthz`)).status, 200)
    assert.deepEqual(stepsOf(child), ['leaving'])
  })

  test('ends at once when it is asked again, and says what was open', async () => {
    await using child = startChild('child.ts', {})
    const entered = child.says('entered')
    const answer = post(await child.url())
    await entered
    child.process.kill('SIGTERM')
    await child.line(({ step }) => step === 'requests')
    child.process.kill('SIGINT')
    assert.deepEqual(await child.ended, { code: 130, signal: null })
    assert.equal(await answer, 'cut')
    const { why, step, requests, jobs } = child.lines.at(-1) ?? {}
    assert.deepEqual([why, step, requests, jobs], ['signal', 'requests', 1, 0])
  })

  test('ends at its deadline, and says what was open', async () => {
    await using child = startChild('child.ts', { deadlineMs: 50 })
    const entered = child.says('entered')
    const answer = post(await child.url())
    await entered
    child.process.kill('SIGTERM')
    assert.deepEqual(await child.ended, { code: 1, signal: null })
    assert.equal(await answer, 'cut')
    const { why, step, requests } = child.lines.at(-1) ?? {}
    assert.deepEqual([why, step, requests], ['deadline', 'requests', 1])
  })

  test('ends at its deadline while it starts, too', async () => {
    await using child = startChild('child.ts', { deadlineMs: 50, keep: true, stuck: true })
    await child.says('starting')
    child.process.kill('SIGTERM')
    assert.deepEqual(await child.ended, { code: 1, signal: null })
    const { why, step } = child.lines.at(-1) ?? {}
    assert.deepEqual([why, step], ['deadline', 'starting'])
  })

  test('ends at its deadline too when something else keeps it running', async () => {
    await using child = startChild('child.ts', { deadlineMs: 3_000, keep: true })
    await child.url()
    child.process.kill('SIGTERM')
    assert.deepEqual(await child.ended, { code: 1, signal: null })
    const { why, step, kept } = child.lines.at(-1) ?? {}
    assert.deepEqual([why, step, (kept as { Timeout?: number }).Timeout], ['deadline', 'stopped', 1])
  })
})

describe('the time that a process leaves in', () => {
  const inProduction = (options: { readonly leaveMs?: number; readonly deadlineMs?: number }) => {
    const before = process.env['NODE_ENV']
    process.env['NODE_ENV'] = 'production'
    try {
      const never = () => assert.fail('it is not run')
      return processSettings({ start: never, serve: never, ...options }).leaveMs
    } finally {
      if (before === undefined) delete process.env['NODE_ENV']
      else process.env['NODE_ENV'] = before
    }
  }

  test('is a part of its deadline', () => {
    assert.equal(inProduction({}), 5_000)
    assert.equal(inProduction({ deadlineMs: 3_000 }), 750)
    assert.equal(inProduction({ deadlineMs: 1 }), 0)
    assert.equal(inProduction({ deadlineMs: 3_000, leaveMs: 2_999 }), 2_999)
  })

  test('cannot be all of it', () => {
    assert.throws(
      () => inProduction({ deadlineMs: 3_000, leaveMs: 3_000 }),
      /leaveMs to be a whole number from 0 to 2999/,
    )
  })
})

describe('the role of a process', () => {
  test('is what its arguments say', () => {
    assert.equal(roleOf(['--role', 'worker']), 'worker')
    assert.equal(roleOf(['--other', '--role=cron']), 'cron')
    assert.equal(roleOf(['worker']), undefined)
  })

  test('that is none ends it before it starts, with the one that was meant', async () => {
    await using child = startChild('child.ts', {}, ['--role', 'wroker'])
    assert.deepEqual(await child.ended, { code: 2, signal: null })
    assert.match(String(child.lines[0]?.['error']), /received "wroker"\. Did you mean worker\?/)
    for (const args of [['--role'], ['--role='], ['--role', 'any'], ['--role', 'web', '--role', 'cron']])
      assert.throws(() => roleOf(args), /--role/)
  })
})
