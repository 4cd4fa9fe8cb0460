import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { z } from 'zod'
import { command, event, integrationEvent, job, presentationEvent, query } from '../../src/contracts/define.ts'
import { partsOf } from '../../src/contracts/contract.ts'
import type { AnyContract } from '../../src/contracts/contract.ts'
import { isAccepted, isRejected } from '../../src/contracts/messages.ts'

const schema = z.object({ pence: z.int() })
const place = command('Order.Place', {
  input: schema,
  rejections: { exists: 'It exists.', limit: { reason: 'Too much.', details: schema } },
})

describe('a contract', () => {
  test('makes its message, which is plain data', () => {
    const data = { pence: 1 }
    assert.deepEqual(place(data), { kind: 'command', type: 'Order.Place', data })
    assert.deepEqual(query('Order.Get', { input: schema, result: schema })(data), {
      kind: 'query',
      type: 'Order.Get',
      data,
    })
    assert.deepEqual(job('Order.Remind', { input: schema })(data), { kind: 'job', type: 'Order.Remind', data })
    assert.deepEqual(event('Order.Placed', schema)(data), {
      kind: 'event',
      category: 'domain',
      type: 'Order.Placed',
      data,
    })
    assert.deepEqual(integrationEvent('Order.Sent', schema)(data), {
      kind: 'event',
      category: 'integration',
      type: 'Order.Sent',
      data,
    })
    assert.deepEqual(presentationEvent('Order.Shown', schema)(data), {
      kind: 'event',
      category: 'presentation',
      type: 'Order.Shown',
      data,
    })
  })

  test('without input makes a message without data', () => {
    assert.deepEqual(command('Order.Sweep')(), { kind: 'command', type: 'Order.Sweep', data: undefined })
    assert.deepEqual(job('Order.Sweep')(), { kind: 'job', type: 'Order.Sweep', data: undefined })
  })

  test('does not look at its data: what does not fit is found where it is dispatched', () => {
    assert.deepEqual(place({ pence: 'x' as never }).data, { pence: 'x' })
  })

  test('has its name as a property, of any depth', () => {
    assert.equal(place.type, 'Order.Place')
    assert.equal(command('Order.Line.Add2').type, 'Order.Line.Add2')
  })

  test('marks fields of its input as it arrives, which is what is recorded', () => {
    const renamed = z.object({ pin: z.string() }).transform(({ pin }) => ({ secret: pin }))
    const either = z.union([z.object({ pin: z.string() }), z.object({ card: z.string() })])
    const redactOf = (contract: AnyContract): unknown => partsOf(contract).redact
    assert.deepEqual(redactOf(command('Order.Pay', { input: renamed, redact: { pin: 'secret' } })), { pin: 'secret' })
    const all = { pin: 'secret', card: 'personal' } as const
    assert.deepEqual(redactOf(command('Order.Pay', { input: either, redact: all })), all)
    const unsaid = z.preprocess((value) => value, z.object({ pin: z.string() }))
    assert.deepEqual(redactOf(command('Order.Pay', { input: unsaid, redact: { pin: 'secret' } })), { pin: 'secret' })
    // @ts-expect-error The name that a field has after it was read is not in what is recorded.
    command('Order.Pay', { input: renamed, redact: { secret: 'secret' } })
  })

  test('names its result, by default after itself', () => {
    assert.equal(partsOf(query('Order.Get', { result: schema })).resultName, 'Order.GetResult')
    assert.equal(partsOf(query('Order.Get', { result: schema, resultName: 'Price' })).resultName, 'Price')
    assert.equal(partsOf(command('Order.Sweep')).resultName, undefined)
  })

  describe('errors', () => {
    test('refuses a name that is no Domain.Type', () => {
      for (const name of ['Order', 'Order.', '.Place', 'Order Place.x', '1Order.Place', 'Order..Place', '']) {
        assert.throws(() => command(name as 'A.B'), /Expected a contract's name like "Order.Place"/)
      }
    })
  })
})

describe('a command', () => {
  test('rejects with code, reason and details', () => {
    assert.deepEqual(place.reject('exists'), {
      rejected: true,
      code: 'exists',
      reason: 'It exists.',
      details: undefined,
    })
    assert.deepEqual(place.reject('limit', { pence: 5 }), {
      rejected: true,
      code: 'limit',
      reason: 'Too much.',
      details: { pence: 5 },
    })
  })

  test('accepts with messages and a result', () => {
    assert.deepEqual(place.accept([1], undefined), { accepted: true, messages: [1], result: undefined })
  })

  test('makes answers that are told apart', () => {
    assert.ok(isRejected(place.reject('exists')))
    assert.ok(isAccepted(place.accept([], undefined)))
    for (const value of [undefined, null, 'rejected', {}, { rejected: 'yes' }, { accepted: 1 }])
      assert.ok(!isRejected(value) && !isAccepted(value))
  })

  describe('errors', () => {
    test('refuses a rejection that it does not declare', () => {
      assert.throws(() => place.reject('other' as 'exists'), /Order\.Place has no rejection "other"/)
    })
  })
})

describe('a domain event', () => {
  test('counts schema versions from 1, and revise adds one with its step', () => {
    const first = event('Order.Placed', schema)
    const third = first
      .revise(z.object({ price: z.int() }), ({ pence }) => ({ price: pence }))
      .revise(z.object({ total: z.int() }), ({ price }) => ({ total: price }))
    assert.deepEqual([first.schemaVersion, third.schemaVersion], [1, 3])
    const brought = (partsOf(third).upcasts ?? []).reduce<unknown>((data, upcast) => upcast(data), { pence: 7 })
    assert.deepEqual(brought, { total: 7 })
    assert.equal(third.type, 'Order.Placed')
  })
})
