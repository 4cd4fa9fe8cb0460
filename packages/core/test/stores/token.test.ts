import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { createTokens, markOf } from '../../src/stores/event/token.ts'

const identity = { incarnation: 'one', secret: 'secret' }
const position = fc.maxSafeNat()

describe('tokens', () => {
  test('name every position in 22 characters, and come back', () => {
    const tokens = createTokens(identity)
    fc.assert(
      fc.property(fc.array(position, { minLength: 1 }), (positions) => {
        for (const at of positions) {
          assert.match(tokens.token(at), /^[\w-]{22}$/)
          assert.equal(tokens.place(tokens.token(at)).position, at)
        }
      }),
    )
  })

  test('with the mark of a command are compared once, by others than the process that made them', () => {
    const tokens = createTokens(identity)
    const token = tokens.token(7, 'command-1')
    assert.match(token, /^[\w-]{27}$/)
    assert.deepEqual(tokens.place(token), { position: 7, mark: undefined })
    assert.deepEqual(createTokens(identity).place(token), { position: 7, mark: markOf('command-1') })
    assert.notEqual(markOf('command-1'), markOf('command-2'))
  })

  test('of two positions never look alike, and their order shows nothing', () => {
    const tokens = createTokens(identity)
    const made = Array.from({ length: 1_000 }, (_, at) => tokens.token(at))
    assert.equal(new Set(made).size, 1_000)
    assert.notDeepEqual(made, made.toSorted())
  })

  test('are the same in every process on the log', () => {
    fc.assert(
      fc.property(position, (at) =>
        assert.equal(createTokens({ ...identity }).token(at), createTokens(identity).token(at)),
      ),
    )
  })
})

describe('a text that is no token', () => {
  test('of this log is refused', () => {
    const tokens = createTokens(identity)
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (text) =>
        assert.throws(() => tokens.place(text), { code: /^(invalid_token|diverged)$/ } as never),
      ),
    )
    for (const text of ['', '0', '1', 'A'.repeat(22), `${tokens.token(1)}=`, `${tokens.token(1)} `]) {
      assert.throws(() => tokens.place(text), { code: 'invalid_token' }, text)
    }
  })

  test('but one of another log is refused', () => {
    assert.throws(() => createTokens(identity).place(createTokens({ ...identity, secret: 'other' }).token(1)), {
      code: 'invalid_token',
    })
  })

  test('but one of another incarnation is diverged', () => {
    assert.throws(() => createTokens(identity).place(createTokens({ ...identity, incarnation: 'two' }).token(1)), {
      code: 'diverged',
    })
  })

  test('because a character was changed is refused', () => {
    const tokens = createTokens(identity)
    const token = tokens.token(42)
    for (let at = 0; at < token.length - 1; at++) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
      assert.throws(
        () => tokens.place(changed),
        (error: { code: string }) => error.code === 'invalid_token' || error.code === 'diverged',
      )
    }
  })
})
