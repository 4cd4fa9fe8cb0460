import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Envelope } from '../../src/registry/envelope.ts'
import { decodeWire, encodeWire, wireFormats } from '../../src/registry/wire.ts'

const full: Envelope = {
  id: 'c-1.m0',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  audience: ['müller, the "first"'],
  category: 'integration',
  type: 'Order.Placed',
  schemaVersion: 3,
  source: 'shop',
  publishedAt: '2026-11-21T08:00:00.000001Z',
  key: 'Order/ä 100%',
  sequence: '12-0',
  tenant: 'main',
  correlationId: 'r-1',
  value: { pence: 4200, note: '“quoted” & %41' },
}

for (const format of wireFormats) {
  for (const prefix of ['ce-', 'ce_'] as const) {
    test(`${format} with ${prefix} keeps every field of an envelope`, () => {
      assert.deepEqual(decodeWire(encodeWire(full, format, prefix)), full)
    })
    test(`${format} with ${prefix} keeps any texts and values`, () => {
      const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
      fc.assert(
        fc.property(text, text, fc.jsonValue(), (key, source, value) => {
          const drawn: Envelope = { id: 'e-1', category: 'domain', type: 'A.B', source, key, value }
          const there = decodeWire(encodeWire(drawn, format, prefix))
          assert.deepEqual(there, JSON.parse(JSON.stringify(drawn)))
        }),
      )
    })
  }
}

test('binary mode has the attributes of the specification, and headers that ASCII can carry', () => {
  const { headers, body } = encodeWire(full, 'cloudevents-binary', 'ce-')
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['ce-specversion'], '1.0')
  assert.equal(headers['ce-id'], 'c-1.m0')
  assert.equal(headers['ce-time'], '2026-11-21T08:00:00.000001Z')
  assert.equal(headers['ce-partitionkey'], 'Order/%C3%A4%20100%25')
  assert.ok(Object.values(headers).every((header) => /^[\x20-\x7e]*$/.test(header)))
  assert.deepEqual(JSON.parse(body), full.value)
})

test('an event of somebody else is an integration event, with what an envelope has', () => {
  const foreign = { specversion: '1.0', id: '7', source: '/ci', type: 'Build.Done', subject: 'x', data: { ok: true } }
  const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' }
  assert.deepEqual(decodeWire({ headers, body: JSON.stringify(foreign) }), {
    id: '7',
    category: 'integration',
    type: 'Build.Done',
    source: '/ci',
    value: { ok: true },
  })
})

test('an event without a source gets one, because the specification asks for it', () => {
  const { source: _, ...without } = full
  assert.equal(decodeWire(encodeWire(without, 'cloudevents', 'ce-')).source, 'gesta')
  assert.equal(decodeWire(encodeWire(without, 'envelope', 'ce-')).source, undefined)
})

const cloudEvents = { 'content-type': 'application/cloudevents+json' }
const binary = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-type': 'A.B', 'content-type': 'application/json' }
for (const [what, headers, body] of [
  ['a text that is no JSON', cloudEvents, '{'],
  ['another version of the specification', cloudEvents, '{"specversion":"0.3","id":"1","type":"A.B"}'],
  ['no type', cloudEvents, '{"specversion":"1.0","id":"1"}'],
  ['data that is no JSON', { ...binary, 'content-type': 'application/xml' }, '<a/>'],
  ['a body that is no JSON', binary, '{'],
  ['a header that is no percent-encoding', { ...binary, 'ce-source': '%zz' }, '{}'],
  ['an audience that is no list', { ...binary, 'ce-audience': '1' }, '{}'],
  ['nothing', {}, ''],
] as const) {
  test(`refuses ${what}, and shows nothing of it`, () => {
    assert.throws(() => decodeWire({ headers, body }), { code: 'event_unreadable' })
  })
}
