// What is kept of a state: never a marked field, never more than fits, and something of whatever it is made of.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { keptState } from '../../src/audit/state-text.ts'
import { auditLimits } from '../../src/stores/audit/audit-entry.ts'

const marks = { pin: 'secret', name: 'personal' } as const
const kept = (value: unknown) => {
  const state = keptState(value, marks)
  return { ...state, value: JSON.parse(JSON.stringify(state.value) ?? 'null') as unknown }
}

describe('a state', () => {
  test('keeps plain data as they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const state = keptState(value, {})
        assert.equal(JSON.stringify(state.value), JSON.stringify(value))
        assert.deepEqual([state.isTruncated, state.isInexact, state.redacted], [false, false, []])
      }),
    )
  })

  test('loses marked fields wherever they stand', () => {
    const value = { pin: '1', list: [{ name: { first: 'A' } }], map: new Map([['pin', 2]]), other: 'pin' }
    assert.deepEqual(kept(value).value, {
      pin: '[secret]',
      list: [{ name: '[personal]' }],
      map: { pin: '[secret]' },
      other: 'pin',
    })
    assert.deepEqual(kept(value).redacted, ['pin', 'name'])
  })

  test('with what JSON cannot hold says so and names it in its place', () => {
    const circle: { [name: string]: unknown } = { id: 1 }
    circle['own'] = circle
    const odd = {
      circle,
      big: 12n,
      call: () => 1,
      symbol: Symbol('a'),
      number: Number.NaN,
      absent: undefined,
      set: new Set([1, undefined]),
      date: new Date(0),
      half: '\ud800',
      getter: {
        get broken(): never {
          throw new Error('no')
        },
      },
    }
    const { value, isInexact, isTruncated } = kept(odd)
    assert.deepEqual(value, {
      circle: { id: 1, own: '[circle]' },
      big: '12n',
      call: '[function]',
      symbol: '[symbol]',
      number: 'NaN',
      set: [1, null],
      date: '1970-01-01T00:00:00.000Z',
      half: '\ufffd',
      getter: '[unreadable]',
    })
    assert.deepEqual([isInexact, isTruncated], [true, false])
  })

  test('is cut to its limit in whole characters, and is not walked beyond it', () => {
    let read = 0
    const item = () => ({
      get text() {
        read += 1
        return 'é'.repeat(1_000)
      },
    })
    const { value, isTruncated } = keptState(Array.from({ length: 10_000 }, item), marks)
    assert.equal(typeof value, 'string')
    assert.equal(isTruncated, true)
    const bytes = Buffer.byteLength(value as string)
    assert.ok(bytes <= auditLimits.stateBytes && bytes > auditLimits.stateBytes - 4)
    assert.ok((value as string).startsWith('[{"text":"éé') && (value as string).isWellFormed())
    assert.ok(read < 100)
  })

  test('that is deep is cut off at a depth, whatever it is', () => {
    let deep: unknown = 'end'
    for (let level = 0; level < 10_000; level++) deep = { deep }
    const { isInexact } = keptState(deep, marks)
    assert.equal(isInexact, true)
  })

  test('of anything at all throws nothing and becomes JSON', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withSparseArray: true }),
        (value) => {
          const { value: plain } = keptState(value, marks)
          JSON.stringify(plain)
        },
      ),
    )
  })
})
