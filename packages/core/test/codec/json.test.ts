import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { canonical } from '../../src/codec/canonical.ts'
import { checkPayloadSize, decode, encode, payloadBytesMax } from '../../src/codec/json.ts'
import { checkKey, keyLengthMax } from '../../src/codec/key-text.ts'

/** The same value with the fields of every object in another order. */
function reordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(reordered)
  const target = Object.create(null) as Record<string, unknown>
  for (const [key, inner] of Object.entries(value).toReversed()) target[key] = reordered(inner)
  return target
}
function assertFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  assert.ok(Object.isFrozen(value))
  Object.values(value).forEach(assertFrozen)
}

describe('JSON that is stored', () => {
  test('decodes to the value that JSON makes of it, frozen to its depth', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = encode(value, 'a value')
        assert.equal(text, JSON.stringify(value))
        assert.deepEqual(decode(text), JSON.parse(text))
        assertFrozen(decode(text))
      }),
    )
  })

  test('is null for what has no text', () => assert.equal(encode(undefined, 'a value'), 'null'))

  test('is refused when it cannot be written, naming what it is', () => {
    assert.throws(() => encode({ n: 1n }, 'the event A.B'), {
      code: 'invalid_output',
      message: /Expected the event A\.B to survive JSON/,
    })
  })

  test('may have as many bytes as are allowed, whatever its characters', () => {
    for (const [character, bytes] of [
      ['a', 1],
      ['é', 2],
      ['€', 3],
    ] as const) {
      const fitting = character.repeat(Math.floor(payloadBytesMax / bytes))
      checkPayloadSize(fitting, 'it')
      assert.throws(() => checkPayloadSize(`${fitting}${character}`, 'it'), { code: 'payload_too_large' })
    }
  })
})

describe('canonical JSON', () => {
  test('is the same for equal values, whatever the order of their fields', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => assert.equal(canonical(reordered(value)), canonical(value))))
  })

  test('says what the value says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        assert.deepEqual(JSON.parse(canonical(value)), JSON.parse(JSON.stringify(value))),
      ),
    )
  })

  test('differs for different values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = canonical(a) === canonical(b)
        assert.equal(same, JSON.stringify(JSON.parse(canonical(a))) === JSON.stringify(JSON.parse(canonical(b))))
        if (same) assert.deepEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)))
      }),
    )
  })

  test('leaves out what JSON leaves out, and keeps a field named __proto__', () => {
    assert.equal(
      canonical({ b: undefined, a: [undefined, -0, new Date(0)] }),
      '{"a":[null,0,"1970-01-01T00:00:00.000Z"]}',
    )
    assert.equal(canonical(JSON.parse('{"__proto__":{"b":1,"a":2}}')), '{"__proto__":{"a":2,"b":1}}')
    assert.equal(canonical(undefined), 'null')
  })
})

describe('text of a key', () => {
  test('is any well-formed text without NUL, up to its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: keyLengthMax }), (text) => {
        const fits = !text.includes('\0') && text.isWellFormed() && text.length <= keyLengthMax
        if (fits) checkKey(text, 'the id')
        else assert.throws(() => checkKey(text, 'the id'), { code: 'invalid_key', facts: { what: 'the id' } })
      }),
    )
    checkKey('x'.repeat(keyLengthMax), 'the id')
  })

  test('is nothing else', () => {
    for (const text of ['', 'x'.repeat(keyLengthMax + 1), 'a\0', '\udfff', undefined, 7, null]) {
      assert.throws(() => checkKey(text as string, 'the id'), { code: 'invalid_key' }, String(text))
    }
  })
})
