import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { compareText } from '../../../src/stores/read-model/row-order.ts'

const unit = fc.constantFrom('a', 'b', '\ud7ff', '\ud800', '\ud801', '\udc00', '\udfff', '\ue000', '\u{10000}', '😀')
const text = fc.string({ unit, maxLength: 6 })

/** Code point after code point, a lone half of a pair being one. */
function plainly(one: string, other: string): number {
  const [a, b] = [one, other].map((given) => Array.from(given, (character) => character.codePointAt(0) ?? 0))
  for (const [at, point] of (a ?? []).entries()) {
    const difference = point - (b?.[at] ?? -1)
    if (difference !== 0) return Math.sign(difference)
  }
  return Math.sign((a?.length ?? 0) - (b?.length ?? 0))
}

test('texts are ordered by code points, halves of pairs among them', () => {
  fc.assert(
    fc.property(text, text, (one, other) => assert.equal(Math.sign(compareText(one, other)), plainly(one, other))),
    { numRuns: 5_000 },
  )
  assert.ok(compareText('\ud800a', '\ud800b') < 0)
})
