import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fileName, textOfName } from '../src/file-names.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc.string({ unit: fc.constantFrom('a', 'A', '.', '%', '~', '-', '_', '4', '1', '/', '\\', ' '), maxLength: 300 }),
)

describe('the name of a file', () => {
  test('is one on every file system: short, in lower case, no path, not hidden, not reserved', () => {
    fc.assert(
      fc.property(text, (given) => {
        const name = fileName('object', given)
        assert.match(name, /^o-[a-z0-9_.%~-]*$/)
        assert.doesNotMatch(name, /\.$/)
        assert.ok(name.length <= 200)
      }),
    )
    for (const reserved of ['con', 'nul', 'com1', 'lpt1.txt', '.', '..', ''])
      assert.doesNotMatch(fileName('bucket', reserved), /^(?:con|nul|com1|lpt1|\.)/)
  })

  test('gives its text back, unless it was too long', () => {
    fc.assert(
      fc.property(text, (given) => {
        const name = fileName('tenant', given)
        const found = textOfName('tenant', name)
        if (name.includes('~')) assert.equal(found, 'hashed')
        else assert.deepEqual(found, { text: given })
      }),
    )
  })

  test('is another one for another text, whatever a file system thinks of cases', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        fc.pre(a !== b)
        assert.notEqual(fileName('object', a).toLowerCase(), fileName('object', b).toLowerCase())
      }),
    )
    assert.notEqual(fileName('object', 'x'.repeat(511)), fileName('object', 'x'.repeat(512)))
  })

  test('that was not made here has no text', () => {
    for (const name of [
      '',
      'o',
      'b-a',
      'o-A',
      'o-%41%',
      'o-%4',
      'o-%ff',
      'o-%61',
      'o-a.',
      '.DS_Store',
      'o-a~b',
      'Thumbs.db',
    ])
      assert.equal(textOfName('object', name), undefined, name)
  })
})
