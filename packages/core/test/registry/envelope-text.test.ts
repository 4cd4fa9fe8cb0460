import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Envelope } from '@gesta/core/registry'
import { isGestaError } from '../../src/errors/gesta-error.ts'
import { decodeEnvelope, encodeEnvelope } from '../../src/registry/envelope-text.ts'

const placed: Envelope = { id: '1', category: 'domain', type: 'Order.Placed', value: { pence: 1 } }

describe('an envelope as text', () => {
  test('has its fields in one order, and no others', () => {
    const full = {
      value: null,
      extra: 1,
      schemaVersion: 2,
      type: 'Order.Placed',
      category: 'domain',
      audience: ['a'],
      traceparent: '00',
      id: '1',
    } as const
    assert.equal(
      encodeEnvelope(full, { source: 'shop', publishedAt: '2026-01-02T03:04:05.000Z', traceparent: '01' }),
      '{"id":"1","traceparent":"00","audience":["a"],"category":"domain","type":"Order.Placed","schemaVersion":2,"source":"shop","publishedAt":"2026-01-02T03:04:05.000Z","value":null}',
    )
    assert.equal(encodeEnvelope(placed), '{"id":"1","category":"domain","type":"Order.Placed","value":{"pence":1}}')
  })

  test('comes back as it was, frozen, whatever its value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string(), (value, traceparent) => {
        const sent = { ...placed, value, traceparent }
        const received = decodeEnvelope(encodeEnvelope(sent))
        assert.deepEqual(JSON.stringify(received.value), JSON.stringify(value))
        assert.deepEqual({ ...received, value: 0 }, { ...sent, value: 0 })
        assert.ok(Object.isFrozen(received) && Object.isFrozen(received.value))
      }),
    )
  })

  test('of an event without data has the value null', () => {
    assert.equal(decodeEnvelope(encodeEnvelope({ ...placed, value: undefined })).value, null)
  })

  test('is not made of what is no JSON', () => {
    for (const value of [1n, { n: Number.POSITIVE_INFINITY }])
      assert.throws(
        () => encodeEnvelope({ ...placed, value }),
        (error) => isGestaError(error, 'invalid_output'),
      )
  })

  test('that is none is refused, and the error shows nothing of it', () => {
    const bad = [
      '',
      'secret',
      '"secret"',
      'null',
      '[]',
      '{}',
      '{"secret":',
      ...[
        { category: 'secret' },
        { type: 1 },
        { type: '' },
        { id: 1 },
        { id: 'x'.repeat(513) },
        { id: 'a\0' },
        { traceparent: 1 },
        { source: {} },
        { publishedAt: 1 },
        { schemaVersion: '1' },
        { schemaVersion: 1.5 },
        { audience: 'secret' },
        { audience: [1] },
        { audience: [' '] },
        { value: undefined },
      ].map((fields) => JSON.stringify({ ...placed, ...fields })),
    ]
    for (const text of bad) {
      assert.throws(
        () => decodeEnvelope(text),
        (error) =>
          isGestaError(error, 'event_unreadable') && !JSON.stringify([error.message, error.cause]).includes('secret'),
        text,
      )
    }
  })

  test('without an id has none, and an audience is brought in order', () => {
    const draft = decodeEnvelope('{"category":"domain","type":"A.B","value":1,"audience":[" a","a"],"more":true}')
    assert.deepEqual(draft, { id: '', category: 'domain', type: 'A.B', value: 1, audience: ['a'] })
  })
})

for (const [what, wrong] of [
  ['an id of 513 characters', { id: 'x'.repeat(513) }],
  ['an empty id', { id: '' }],
  ['an empty type', { type: '' }],
] as const) {
  test(`an envelope with ${what} is refused by who sends it, because no receiver could read it`, () => {
    const envelope = { id: 'e-1', category: 'integration', type: 'Order.Paid', value: 1, ...wrong } as const
    assert.throws(() => encodeEnvelope(envelope), { code: 'invalid_output' })
  })
}
