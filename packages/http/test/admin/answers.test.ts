import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError } from '@gesta/core/host'
import type { Verification, VerifyOptions } from '@gesta/core/host'
import type { SubscriberStatus } from '@gesta/core'
import { operatorOf } from './operator.ts'
import { standIn, standInStatus } from './stand-in.ts'

const model = '/admin/read-models/Order.RevenueByDay'
const never = new Promise<void>(() => undefined)
const shownStatus: unknown = JSON.parse(JSON.stringify(standInStatus))

describe('a restore', () => {
  const building = (done: Promise<void>) => ({
    restore: async () => ({ generation: 2, done, cancel: async () => undefined }),
  })

  test('that goes on is answered with 202 and the status', async () => {
    await using operator = await operatorOf(standIn(building(never)))
    const { status, body } = await operator.post(model, { action: 'restore', restoreFromZero: true })
    assert.deepEqual([status, body], [202, shownStatus])
  })

  test('that is waited for is answered when it is done', async () => {
    const done = Promise.withResolvers<void>()
    await using operator = await operatorOf(standIn(building(done.promise)))
    const answered = operator.post(model, { action: 'restore', wait: true })
    assert.equal((await operator.get(model)).status, 200)
    done.resolve()
    const { status, body } = await answered
    assert.deepEqual([status, body], [200, shownStatus])
  })

  test('that takes longer than its caller waits is answered with 504, and goes on', async () => {
    await using operator = await operatorOf(standIn(building(never)))
    const { status, problem } = await operator.post(model, { action: 'restore', wait: true, deadlineMs: 5 })
    assert.deepEqual([status, problem.code], [504, 'deadline_exceeded'])
    assert.match(problem.detail ?? '', /The restore goes on/)
  })

  test('is not given up by who hangs up while waiting, and nothing is logged', async () => {
    const entered = Promise.withResolvers<void>()
    const restore = async () => {
      entered.resolve()
      return { generation: 2, done: never, cancel: () => assert.fail('it was given up') }
    }
    await using operator = await operatorOf(standIn({ restore }))
    const caller = new AbortController()
    const asked = fetch(`${operator.url}${model}`, {
      method: 'POST',
      body: '{"action":"restore","wait":true}',
      headers: { 'content-type': 'application/json' },
      signal: caller.signal,
    })
    await entered.promise
    caller.abort()
    await assert.rejects(asked, { name: 'AbortError' })
    assert.equal((await operator.get(model)).status, 200)
    assert.deepEqual(operator.logged, [])
  })

  test('that fails while its caller waits is answered with its code, and without its reason', async () => {
    const failed = new GestaError('read_model_failed', 'a secret of the handler', { facts: { file: '/a/hidden/file' } })
    const done = Promise.withResolvers<void>()
    await using operator = await operatorOf(standIn(building(done.promise)))
    const answered = operator.post(model, { action: 'restore', wait: true })
    assert.equal((await operator.get(model)).status, 200)
    done.reject(failed)
    const { status, problem, text } = await answered
    assert.deepEqual([status, problem.code], [503, 'read_model_failed'])
    assert.doesNotMatch(text, /secret|hidden|\.ts/)
    assert.equal(operator.logged[0]?.facts['error'], failed)
  })

  test('that fails when nobody waits ends no process', async () => {
    const failed = new GestaError('read_model_failed', 'the text of the error')
    const done = Promise.withResolvers<void>()
    await using operator = await operatorOf(standIn(building(done.promise)))
    assert.equal((await operator.post(model, { action: 'restore' })).status, 202)
    done.reject(failed)
    assert.equal((await operator.get(model)).status, 200)
  })
})

describe('a verification', () => {
  const verified: Verification = {
    readModel: 'Order.RevenueByDay',
    modelVersion: 1,
    generation: 1,
    position: 3,
    rows: 2,
    differences: 1,
    listed: [{ table: 'rows', tenant: '', key: 'a', expected: '{"pence":2}', received: '{"pence":1}' }],
    passedOver: 0,
  }

  test('is answered with every difference that it lists', async () => {
    const asked: VerifyOptions[] = []
    const verify = async (_name: string, options: VerifyOptions = {}): Promise<Verification> => {
      asked.push(options)
      return verified
    }
    await using operator = await operatorOf(standIn({}, verify))
    const { status, body } = await operator.post(`${model}/verify`, { differencesMax: 7, deadlineMs: 60_000 })
    assert.deepEqual([status, body], [200, verified])
    assert.deepEqual([asked[0]?.differencesMax, asked[0]?.deadlineMs], [7, 60_000])
    await operator.post(`${model}/verify`, {})
    assert.deepEqual([asked[1]?.differencesMax, asked[1]?.deadlineMs], [undefined, 30_000])
  })

  test('that takes too long is answered with 504', async () => {
    const late = (): Promise<never> => Promise.reject(new GestaError('deadline_exceeded', 'a text'))
    await using operator = await operatorOf(standIn({}, late))
    const { status, problem } = await operator.post(`${model}/verify`, {})
    assert.deepEqual([status, problem.code], [504, 'deadline_exceeded'])
    assert.match(problem.detail ?? '', /Allow more time with deadlineMs/)
  })

  test('ends when its caller hangs up', async () => {
    const entered = Promise.withResolvers<void>()
    const aborted = Promise.withResolvers<void>()
    const verify = (_name: string, { signal }: VerifyOptions = {}): Promise<never> =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          aborted.resolve()
          reject(signal.reason as Error)
        })
        entered.resolve()
      })
    await using operator = await operatorOf(standIn({}, verify))
    const caller = new AbortController()
    const asked = fetch(`${operator.url}${model}/verify`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
      signal: caller.signal,
    })
    await entered.promise
    caller.abort()
    await assert.rejects(asked, { name: 'AbortError' })
    await aborted.promise
    assert.equal((await operator.get(model)).status, 200)
    assert.deepEqual(operator.logged, [])
  })
})

describe('an answer', () => {
  test('lists subscribers as the process knows them', async () => {
    const subscribers: SubscriberStatus[] = [
      { name: 'Order.Mail', durable: true, state: 'live', position: 4, lag: 1, lastError: undefined },
      { name: 'Order.Ask', durable: false, state: 'live', position: 5, lag: 0, lastError: 'Error' },
    ]
    await using operator = await operatorOf(standIn({}, undefined, subscribers))
    const { status, body } = await operator.get('/admin/subscribers')
    assert.deepEqual([status, body], [200, { items: JSON.parse(JSON.stringify(subscribers)) as unknown }])
  })

  test('to what nobody expected has neither its text nor its stack; the log has both', async () => {
    const control = { pause: (): Promise<never> => Promise.reject(new Error('a secret of the store')) }
    await using operator = await operatorOf(standIn(control))
    const { status, problem, text } = await operator.post(model, { action: 'pause' })
    assert.deepEqual([status, problem.code], [500, 'internal'])
    assert.doesNotMatch(text, /secret|\.ts/)
    assert.equal(operator.logged[0]?.facts['requestId'], problem.requestId)
  })
})
