// Where somebody goes on after signing in: never to another origin, whatever the text is.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isPathHere } from '../../src/pages/after.ts'

const origin = 'https://shop.example'

describe('where to go on', () => {
  test('is a path of this origin', () => {
    for (const text of [
      '/',
      '/orders',
      '/orders?page=2#last',
      '/a/b/',
      '/?next=https://x.example//y',
      '/%2F%2Fx.example',
    ])
      assert.ok(isPathHere(text), text)
  })

  test('is nothing that leads elsewhere, or that somebody could read so', () => {
    const elsewhere = [
      '',
      'orders',
      '//evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '/.//evil.example',
      '/..//evil.example',
      'https://evil.example',
      'javascript:alert(1)',
      ' /orders',
      '/\t/evil.example',
      '/\n/evil.example',
      '/ orders',
      '/orders\u0000',
      '/\u2028',
      '/ö',
      `/${'a'.repeat(2048)}`,
      undefined,
      ['/'],
    ]
    for (const text of elsewhere) assert.ok(!isPathHere(text), String(text))
  })

  test('stays at this origin however a browser reads it', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      ':',
      '@',
      '?',
      '#',
      '%2f',
      '\t',
      '\n',
      ' ',
      'http',
      'evil.example',
      'a',
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(text, (path) => {
        if (!isPathHere(path)) return
        for (const base of [`${origin}/sign-in`, `${origin}/a/b/c?x#y`]) {
          const url = new URL(path, base)
          assert.equal(url.origin, origin)
          // And what comes of it is no path that leads elsewhere when it is sent on.
          assert.ok(!url.pathname.startsWith('//'))
        }
      }),
      { numRuns: 5_000 },
    )
  })
})
