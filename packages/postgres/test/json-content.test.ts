import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { compareText } from '@gesta/core/ports'
import { comparable, contentOf } from '../src/json-content.ts'

const unit = fc.oneof(
  fc.constantFrom('\0', '\u0001', '\u0002', '\ud7fe', '\ud7ff', '\ud800', '\udbff', '\udc00', '\udfff', '\ue000', 'a'),
  fc.constantFrom('\u{10000}', '\u{10ffff}'),
)
const text = fc.oneof(fc.string({ unit }), fc.string({ unit: 'binary' }))

test('texts keep their order and their differences, and jsonb can hold them', () => {
  fc.assert(
    fc.property(text, text, (one, other) => {
      const [a, b] = [comparable(one), comparable(other)]
      assert.equal(Math.sign(compareText(a, b)), Math.sign(compareText(one, other)))
      assert.ok(a.isWellFormed() && !a.includes('\0'))
    }),
    { numRuns: 2_000 },
  )
})

test('what jsonb holds as it is has no second form', () => {
  for (const json of ['{}', '{"a":[1,-0,1.5e10,"é😀"]}', String.raw`"\"\\\/\b\n"`, 'null'])
    assert.equal(contentOf(json), undefined)
})

test('what jsonb cannot hold has one: texts with NUL and lone surrogates in values and names, numbers beyond doubles', () => {
  assert.equal(contentOf(String.raw`{"\u0000":"\ud800"}`), JSON.stringify({ '\u0001\u0001': '\ud7ff\u0002' }))
  assert.equal(contentOf('[1e400,-1e400,1e-400]'), JSON.stringify([Number.MAX_VALUE, -Number.MAX_VALUE, 0]))
  assert.equal(contentOf('9'.repeat(400)), JSON.stringify(Number.MAX_VALUE))
})
