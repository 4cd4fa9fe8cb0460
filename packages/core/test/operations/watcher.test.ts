import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Look, Looked } from '../../src/operations/look.ts'
import type { OperationalEvent } from '../../src/operations/operational-event.ts'
import { operationsSettings } from '../../src/operations/options.ts'
import type { OperationsOptions } from '../../src/operations/options.ts'
import { createOperationsWatcher } from '../../src/operations/watcher.ts'
import { createFakeClock } from '../fake-clock.ts'
import { model, subscriber, well } from './looks.ts'

/** A watcher of an app that a test holds in its hands. */
function watching(options: OperationsOptions = {}, onOperation?: (event: OperationalEvent) => void) {
  const clock = createFakeClock()
  const heard: OperationalEvent[] = []
  let now: Look = well()
  let reads = 0
  let answering: Promise<void> | undefined
  let failing: Error | undefined
  const store = async <Part>(part: Part): Promise<Part> => {
    reads++
    await answering
    if (now.storeError !== undefined) throw new TypeError('down')
    return part
  }
  const app: Looked = {
    nowUs: clock.nowUs,
    readModels: () => now.readModels,
    subscribers: () => now.subscribers,
    sources: () => now.sources,
    relay: () => now.relay,
    commandLog: () => now.commandLog,
    audit: () => now.audit,
    fanout: () => now.fanout,
    cache: () => now.cache,
    config: () => now.config,
    jobWorker: () => now.jobWorker,
    crons: () => now.crons,
    processes: () => {
      if (failing !== undefined) throw failing
      return now.processes
    },
    outbox: () => store(now.outbox as NonNullable<Look['outbox']>),
    queues: () => store(now.queues),
  }
  const hear = (event: OperationalEvent): void => {
    heard.push(event)
    onOperation?.(event)
  }
  const watcher = createOperationsWatcher(app, operationsSettings(options, 'test'), hear, clock)
  const is = (fields: Partial<Look>): void => void (now = well(fields))
  /** What is so now. */
  const looked = async (): Promise<readonly OperationalEvent[]> => {
    await watcher.look()
    return watcher.active()
  }
  /** From now on the store answers once this is over. */
  const answersAfter = (answer: Promise<void> | undefined): void => void (answering = answer)
  /** From now on it cannot be looked at. */
  const fails = (error: Error | undefined): void => void (failing = error)
  return { watcher, looked, clock, heard, is, answersAfter, fails, reads: () => reads }
}
const failed = { readModels: [model({ state: 'failed' })] }
const deadLetters = (dead: number) => ({
  queues: [{ queue: 'mail', isPaused: false, counts: { dead_letter: dead }, oldestPendingUs: undefined }],
})

describe('a watcher of operations', () => {
  test('tells what begins once, and once when it is over', async () => {
    const { watcher, clock, heard, is } = watching()
    await watcher.look()
    assert.deepEqual(heard, [])
    is(failed)
    await watcher.look()
    await watcher.look()
    const begun = {
      name: 'read_model_failed',
      severity: 'critical',
      subject: 'Orders',
      since: '2026-01-02T03:04:05.000Z',
      endedAt: undefined,
      facts: {},
    }
    assert.deepEqual(heard, [begun])
    assert.deepEqual(watcher.list(), [begun])
    await clock.advance(5_000)
    is({})
    await watcher.look()
    await watcher.look()
    const over = { ...begun, endedAt: '2026-01-02T03:04:10.000Z' }
    assert.deepEqual(heard, [begun, over])
    assert.deepEqual(watcher.list(), [over])
  })

  test('tells since when something has been so, where that is known', async () => {
    const { watcher, heard, is } = watching()
    is({ readModels: [model({ metrics: { ...model().metrics, lagMs: 65_000, lagEvents: 1 } })] })
    await watcher.look()
    assert.equal(heard[0]?.since, '2026-01-02T03:03:00.000Z')
  })

  test('keeps the newest facts of what goes on, and tells it of each subject apart', async () => {
    const { watcher, heard, is } = watching()
    is({ ...deadLetters(1), ...failed })
    await watcher.look()
    is({ ...deadLetters(5), readModels: [model({ state: 'failed' }), model({ name: 'Sales', state: 'failed' })] })
    await watcher.look()
    assert.deepEqual(
      heard.map(({ name, subject }) => `${name} ${subject}`),
      ['read_model_failed Orders', 'job_dead_letters mail', 'read_model_failed Sales'],
    )
    assert.deepEqual(watcher.list().find(({ name }) => name === 'job_dead_letters')?.facts, { dead: 5 })
  })

  test('does not take what a store that is away does not say for being over', async () => {
    const { watcher, looked, heard, is } = watching()
    is({ ...deadLetters(1), subscribers: [subscriber({ state: 'failed' })] })
    await watcher.look()
    is({ storeError: 'down' })
    const active = await looked()
    assert.deepEqual(active.map(({ name }) => name).toSorted(), ['job_dead_letters', 'store_unreachable'])
    assert.equal(active.find(({ name }) => name === 'store_unreachable')?.facts['error'], 'TypeError')
    assert.equal(heard.at(-2)?.name, 'subscriber_failed')
    is({})
    assert.deepEqual(await looked(), [])
  })

  test('tells within its time that a store hangs, and does not ask it again until it has answered', async () => {
    const { watcher, looked, clock, heard, is, answersAfter, reads } = watching()
    is(deadLetters(1))
    await watcher.look()
    const before = reads()
    const opened = Promise.withResolvers<void>()
    answersAfter(opened.promise)
    for (let times = 0; times < 3; times += 1) {
      const active = await clock.finish(looked())
      assert.deepEqual(active.map(({ name }) => name).toSorted(), ['job_dead_letters', 'store_unreachable'])
    }
    assert.equal(reads(), before + 2)
    assert.equal(heard.at(-1)?.facts['error'], 'deadline_exceeded')
    opened.resolve()
    answersAfter(undefined)
    is({})
    await clock.advance(0)
    assert.deepEqual(await looked(), [])
    assert.equal(clock.timers, 0)
  })

  test('answers a crowd with the look that is on its way and one more', async () => {
    const { watcher, answersAfter, reads } = watching()
    const opened = Promise.withResolvers<void>()
    answersAfter(opened.promise)
    const looks = Array.from({ length: 20 }, () => watcher.look())
    opened.resolve()
    const seen = await Promise.all(looks)
    assert.equal(new Set(seen).size, 2)
    assert.equal(reads(), 4)
  })

  test('looks anew after a look that failed, for those who waited for it too', async () => {
    const { watcher, looked, clock, heard, is, answersAfter, fails } = watching({ everyMs: 2_000 })
    const opened = Promise.withResolvers<void>()
    answersAfter(opened.promise)
    fails(new TypeError('no'))
    const looks = [watcher.look(), watcher.look(), watcher.look()]
    opened.resolve()
    const ended = await Promise.allSettled(looks)
    assert.deepEqual(
      ended.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    )
    answersAfter(undefined)
    fails(undefined)
    const [, second] = await Promise.all([watcher.look(), watcher.look()])
    assert.equal(second.storeError, undefined)
    assert.deepEqual(await looked(), [])
    const stop = new AbortController()
    const running = watcher.run(stop.signal)
    fails(new TypeError('no'))
    await clock.advance(2_000)
    fails(undefined)
    is(failed)
    await clock.advance(2_000)
    assert.equal(heard.length, 1)
    stop.abort()
    await running
  })

  test('takes what is only counted for over when it has been quiet for a while', async () => {
    const { watcher, looked, clock, is } = watching({ quietMs: 1_000 })
    const refused = (count: number) => ({ fanout: { clients: 1, sent: 1, dropped: 0, refused: count } })
    is(refused(1))
    assert.deepEqual(
      (await looked()).map(({ name }) => name),
      ['fanout_full'],
    )
    await clock.advance(900)
    is(refused(2))
    await watcher.look()
    await clock.advance(900)
    assert.equal((await looked()).length, 1)
    await clock.advance(100)
    assert.equal((await looked()).length, 0)
  })

  test('is not kept from its work by a listener that throws', async () => {
    const { looked, heard, is } = watching({}, () => {
      throw new Error('listener')
    })
    is({ ...failed, ...deadLetters(1) })
    assert.equal((await looked()).length, 2)
    assert.equal(heard.length, 2)
  })

  test('looks by itself every so often, until it is stopped', async () => {
    const { watcher, clock, heard, is } = watching({ everyMs: 2_000 })
    const stop = new AbortController()
    const running = watcher.run(stop.signal)
    is(failed)
    await clock.advance(1_999)
    assert.equal(heard.length, 0)
    await clock.advance(1)
    assert.equal(heard.length, 1)
    is({})
    await clock.advance(2_000)
    assert.equal(heard.length, 2)
    stop.abort()
    await running
    assert.equal(clock.timers, 0)
  })

  test('never looks by itself when it is told not to', async () => {
    const { watcher, clock } = watching({ everyMs: Infinity })
    await watcher.run(new AbortController().signal)
    assert.equal(clock.timers, 0)
  })

  test('keeps the last thousand that are over', async () => {
    const { watcher, is } = watching()
    for (let round = 0; round < 1_005; round += 1) {
      is(failed)
      await watcher.look()
      is({})
      await watcher.look()
    }
    is(failed)
    await watcher.look()
    assert.equal(watcher.list().length, 1_001)
    assert.equal(watcher.list()[0]?.endedAt, undefined)
  })

  test('counts what has begun, and names what is not over', async () => {
    const { watcher, is } = watching()
    is(failed)
    await watcher.look()
    const [active, begun] = watcher.metrics()
    const labels = { name: 'read_model_failed', severity: 'critical', subject: 'Orders' }
    assert.deepEqual(active?.samples, [{ labels, value: 1 }])
    assert.deepEqual(
      begun?.samples.filter(({ value }) => value > 0),
      [{ labels: { name: 'read_model_failed' }, value: 1 }],
    )
  })

  test('tells beginnings and ends by turns, whatever comes and goes', async () => {
    const dead = fc.nat(2)
    const state = fc.constantFrom('live' as const, 'failed' as const, 'paused' as const)
    const steps = fc.array(fc.record({ dead, state, isAway: fc.boolean() }), { size: 'large', maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(steps, async (drawn) => {
        const { looked, heard, is } = watching()
        for (const step of drawn) {
          is({
            ...deadLetters(step.dead),
            readModels: [model({ state: step.state })],
            storeError: step.isAway ? 'down' : undefined,
          })
          const active = await looked()
          const open = new Map<string, boolean>()
          for (const { name, endedAt } of heard) {
            assert.equal(open.get(name) ?? false, endedAt !== undefined, name)
            open.set(name, endedAt === undefined)
          }
          const names = [...open].filter(([, isOpen]) => isOpen).map(([name]) => name)
          assert.deepEqual(active.map(({ name }) => name as string).toSorted(), names.toSorted())
        }
      }),
      { numRuns: 50 },
    )
  })
})
