import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { afterPrefix } from '../../src/stores/prefix.ts'
import { compareText } from '../../src/stores/read-model/row-order.ts'

const text = fc.string({ unit: 'binary', maxLength: 4 })

describe('the end of a prefix', () => {
  test('is behind all texts that begin with it, and before all others that are behind them', () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (prefix, other, joined) => {
        const candidate = joined ? prefix + other : other
        const end = afterPrefix(prefix)
        const within = compareText(candidate, prefix) >= 0 && (end === undefined || compareText(candidate, end) < 0)
        assert.equal(within, candidate.startsWith(prefix))
      }),
    )
  })

  test('is well-formed, also next to the surrogates and to the last code point', () => {
    assert.equal(afterPrefix('a\ud7ff'), 'a\ue000')
    assert.equal(afterPrefix('a\u{10ffff}'), 'b')
    assert.equal(afterPrefix('\u{10ffff}\u{10ffff}'), undefined)
    assert.equal(afterPrefix(''), undefined)
  })
})
