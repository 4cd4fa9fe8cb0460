import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core'
import { createWrapping } from '../../../src/stores/key/wrapping.ts'
import type { WrappedKey } from '../../../src/stores/key/key-store.ts'
import { first, second } from './secrets.ts'

const scope = { tenant: 't', subject: 's' }
const nonce = new Uint8Array(12)
const bytes = new Uint8Array(32).fill(7)
const wrapped = (secrets = [first]): WrappedKey => ({
  ...scope,
  keyId: 'id-1',
  ...createWrapping(secrets).wrap(scope, 'id-1', bytes, nonce),
  createdAt: 1,
})
const unreadable = (reason: RegExp) => (error: unknown) => {
  assert.ok(isGestaError(error, 'key_unreadable'))
  assert.match(error.message, reason)
  assert.doesNotMatch(inspect(error, { depth: null }), /first secret|second secret/)
  assert.deepEqual(error.facts['keyId'], 'id-1')
  return true
}

describe('a wrapped key', () => {
  test('opens with the secret that sealed it, wherever that stands in the list', () => {
    assert.deepEqual(Uint8Array.from(createWrapping([first]).unwrap(wrapped())), bytes)
    assert.deepEqual(Uint8Array.from(createWrapping([second, first]).unwrap(wrapped())), bytes)
    assert.equal(wrapped([second, first]).wrappedBy, 'k2')
  })

  test('does not open with another secret of the same name, nor without its secret', () => {
    assert.throws(
      () => createWrapping([{ ...first, secret: second.secret }]).unwrap(wrapped()),
      unreadable(/"k1" is not the one that sealed it/),
    )
    assert.throws(() => createWrapping([second]).unwrap(wrapped()), unreadable(/sealed by the secret "k1", which/))
  })

  test('does not open in another place, nor when it was changed', () => {
    const { unwrap } = createWrapping([first])
    const key = wrapped()
    for (const moved of [
      { tenant: 'u' },
      { subject: 'other' },
      { wrapped: 'AAAA' },
      { wrapped: `Z${key.wrapped.slice(1)}` },
    ])
      assert.throws(() => unwrap({ ...key, ...moved }), unreadable(/or it was changed/))
    assert.throws(() => unwrap({ ...key, keyId: 'id-2' }), /id-2/)
  })
})

describe('secrets', () => {
  test('are checked at set-up, and no message tells one', () => {
    const short = { id: 'k1', secret: 'too short, but secret' }
    const wrong: readonly [unknown, RegExp][] = [
      [[], /at least one secret/],
      [undefined, /a list of \{ id, secret \}/],
      [[short], /at least 32 bytes, received 21\. Make one with/],
      [[{ id: 'k1', secret: 7 }], /at least 32 bytes, received 0/],
      [[{ id: '', secret: first.secret }], /the id of an encryption secret/],
      [[{ id: 'a b', secret: first.secret }], /the id of an encryption secret/],
      [[first, { ...second, id: 'k1' }], /"k1" is given twice/],
      [[{ ...first, secrt: 'x' }], /no option "secrt"\. Did you mean "secret"/],
    ]
    for (const [secrets, message] of wrong) {
      assert.throws(
        () => createWrapping(secrets as never),
        (error: Error) => {
          assert.match(error.message, message)
          assert.doesNotMatch(error.message, /but secret|first secret/)
          return true
        },
      )
    }
  })

  test('are not shown by what was made of them', () => {
    assert.doesNotMatch(inspect(createWrapping([first]), { depth: null, showHidden: true }), /first secret/)
  })
})
