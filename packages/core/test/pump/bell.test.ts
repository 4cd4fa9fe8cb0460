// The bell: no ring is lost.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createBell } from '../../src/pump/bell.ts'

const never = new AbortController().signal

describe('a bell', () => {
  test('that rang before anybody listened is heard once', async () => {
    const bell = createBell()
    bell.ring()
    bell.ring()
    await bell.heard(never)
    await assert.rejects(bell.heard(AbortSignal.abort(new Error('heard already'))), /heard already/)
  })

  test('is heard by who comes after one who has given up waiting', async () => {
    const bell = createBell()
    const patience = new AbortController()
    const gaveUp = assert.rejects(bell.heard(patience.signal), /enough/)
    patience.abort(new Error('enough'))
    await gaveUp
    bell.ring()
    let isHeard = false
    void bell.heard(never).then(() => (isHeard = true))
    await new Promise(setImmediate)
    assert.ok(isHeard)
  })
})
