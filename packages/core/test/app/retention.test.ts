// What an app forgets with time.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError } from '@gesta/core'
import { jobDomain, work } from '../queue/job-domain.ts'
import { deposit, withdraw, writingDomain } from '../account-domain.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'

const dayMs = 24 * 60 * 60 * 1000
const hourMs = dayMs / 24
const key = { context: { account: 'ada', session: 's' }, idempotencyKey: 'k' }
const money = deposit({ accountId: 'a', pence: 5 })

/** How many decisions two requests with one key make, so long after each other. */
async function decisions(app: StartedApp, afterMs: number): Promise<number> {
  await app.running.dispatch(money, key)
  await app.clock.advance(afterMs)
  await app.running.dispatch(money, key)
  return app.store.head()
}

describe('an idempotency key', () => {
  const kept: readonly [string, StartedOptions, number, number][] = [
    ['is kept for 30 days', {}, 30 * dayMs - hourMs, 1],
    ['is forgotten within the hour after that', {}, 30 * dayMs + hourMs, 2],
    ['is kept for as long as the app says', { idempotency: { keepKeysMs: hourMs } }, hourMs - 1, 1],
    ['is forgotten when the app says', { idempotency: { keepKeysMs: hourMs } }, 2 * hourMs + 60_000, 2],
    ['is kept for ever when the app says so', { idempotency: { keepKeysMs: Infinity } }, 400 * dayMs, 1],
  ]
  for (const [what, options, afterMs, expected] of kept)
    test(what, async () => {
      await using app = await startApp(writingDomain, options)
      assert.equal(await decisions(app, afterMs), expected)
    })

  test('is forgotten later when the store was away, and the app lives on', async () => {
    let away = true
    await using app = await startApp(writingDomain, {
      idempotency: { keepKeysMs: 0 },
      wrap: (events) => ({
        pruneKeys: async (request) => {
          if (away) throw new GestaError('store_unavailable', 'away')
          return events.pruneKeys(request)
        },
      }),
    })
    assert.equal(await decisions(app, 2 * hourMs), 1)
    assert.equal(app.running.commandLog.status.retentionError, 'store_unavailable')
    away = false
    assert.equal(await decisions(app, hourMs), 2)
    assert.equal(app.running.commandLog.status.retentionError, undefined)
  })

  test('is forgotten together with more than a page of others', async () => {
    await using app = await startApp(writingDomain, { idempotency: { keepKeysMs: 0 } })
    for (let at = 0; at < 2_001; at++) await app.running.dispatch(money, { ...key, idempotencyKey: `k-${at}` })
    await app.clock.advance(60_001)
    assert.equal(await app.store.pruneKeys({ before: app.clock.nowUs() }), 0)
  })
})

describe('records of the command log', () => {
  test('are kept as long as the log, unless the app says otherwise', async () => {
    await using app = await startApp(writingDomain)
    await app.running.dispatch(money)
    await app.clock.advance(400 * dayMs)
    assert.equal(await app.running.commandLog.total(), 1)
  })

  test('are forgotten by status and age; what they guard is not decided again', async () => {
    const retention = [{ olderThanMs: hourMs, statuses: ['rejected'] }, { olderThanMs: dayMs }] as const
    await using app = await startApp(writingDomain, { commandLog: { retention } })
    await app.running.dispatch(withdraw({ accountId: 'a', pence: 5 }))
    const first = await app.running.dispatch(money, { commandId: 'c' })
    await app.clock.advance(3 * hourMs)
    const { items } = await app.running.commandLog.list({})
    assert.deepEqual(
      items.map(({ status }) => status),
      ['accepted'],
    )
    await app.clock.advance(dayMs)
    assert.equal(await app.running.commandLog.total(), 0)
    assert.deepEqual(await app.running.dispatch(money, { commandId: 'c' }), first)
  })
})

describe('how long keys are kept', () => {
  for (const keepKeysMs of [-1, 1.5, Number.NaN])
    test(`cannot be ${keepKeysMs}`, async () => {
      await assert.rejects(startApp(writingDomain, { idempotency: { keepKeysMs } }), RangeError)
    })
})

describe('a job that has ended', () => {
  /** How many are left of one that succeeded and one that was given up, so long after them. */
  const left = async (options: StartedOptions, afterMs: number): Promise<readonly number[]> => {
    const doing = async (text: string): Promise<void> => {
      if (text === 'bad') throw new GestaError('invalid_input', 'no')
    }
    await using app = await startApp(jobDomain(doing), options)
    const { jobs } = app.running
    await jobs.enqueue([work({ text: 'good' }), work({ text: 'bad' })])
    await app.clock.advance(afterMs)
    return [await jobs.total({ states: ['succeeded'] }), await jobs.total({ states: ['dead_letter'] })]
  }
  const kept: readonly [string, StartedOptions, number, readonly number[]][] = [
    ['is kept for a day', {}, dayMs - hourMs, [1, 1]],
    ['is forgotten after a day when it succeeded', {}, dayMs + 2 * hourMs, [0, 1]],
    ['is forgotten after 30 days when it was given up', {}, 30 * dayMs + 2 * hourMs, [0, 0]],
    ['is kept as the app says', { jobs: { keepSucceededMs: Infinity, keepEndedMs: 0 } }, 2 * dayMs, [1, 0]],
  ]
  for (const [what, options, afterMs, expected] of kept)
    test(what, async () => assert.deepEqual(await left(options, afterMs), expected))
})
