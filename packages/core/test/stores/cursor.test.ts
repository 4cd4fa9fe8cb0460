// Cursors: bound to their question, and unreadable where they hold a number of the log.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isGestaError } from '../../src/errors/gesta-error.ts'
import { cursorSeal, openCursor, sealCursor } from '../../src/stores/cursor.ts'

const own = cursorSeal({ list: 'events', question: { tenant: 'a', order: 'oldest' }, secret: 'secret' })
const shape = ['number'] as const
const isRefused = (error: unknown): boolean => isGestaError(error, 'invalid_cursor')

describe('an encrypted cursor', () => {
  test('holds every number that a log can have', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (number) => {
        assert.deepEqual(openCursor(own, shape, sealCursor(own, [number])), [number])
      }),
    )
  })

  test('is refused with any character changed, cut or added', () => {
    const cursor = sealCursor(own, [7])
    for (let at = 0; at < cursor.length; at += 1) {
      const changed = `${cursor.slice(0, at)}${cursor[at] === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`
      assert.throws(() => openCursor(own, shape, changed), isRefused, changed)
    }
    for (const wrong of ['', cursor.slice(1), `${cursor}A`, `${cursor}=`])
      assert.throws(() => openCursor(own, shape, wrong), isRefused, wrong)
  })

  test('is refused under another secret, list or question', () => {
    const cursor = sealCursor(own, [7])
    const others = [
      { list: 'events', question: { tenant: 'a', order: 'oldest' }, secret: 'other' },
      { list: 'commands', question: { tenant: 'a', order: 'oldest' }, secret: 'secret' },
      { list: 'events', question: { tenant: 'b', order: 'oldest' }, secret: 'secret' },
      { list: 'events', question: { tenant: 'a', order: 'newest' }, secret: 'secret' },
      { list: 'events', question: { tenant: 'a', order: 'oldest' } },
    ]
    for (const other of others) assert.throws(() => openCursor(cursorSeal(other), shape, cursor), isRefused)
  })

  test('is good for a question whose fields come in another order, or are undefined', () => {
    const same = cursorSeal({
      list: 'events',
      question: { order: 'oldest', to: undefined, tenant: 'a' },
      secret: 'secret',
    })
    assert.deepEqual(openCursor(same, shape, sealCursor(own, [7])), [7])
  })
})
