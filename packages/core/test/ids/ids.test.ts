import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { createIds } from '../../src/ids/ids.ts'

const version7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const random = (bytes: Uint8Array<ArrayBuffer>): unknown => crypto.getRandomValues(bytes)

describe('ids', () => {
  test('are UUIDs of version 7, unique, and sort by the millisecond in which they were made', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3_000 }), { minLength: 1, maxLength: 200 }), (steps) => {
        let nowUs = 1_700_000_000_000_000
        const ids = createIds({ nowUs: () => nowUs }, random)
        const made = steps.map((step) => ({ id: ids.newId(), ms: Math.floor(nowUs / 1000), next: (nowUs += step) }))
        assert.equal(new Set(made.map(({ id }) => id)).size, made.length)
        for (const { id, ms } of made) {
          assert.match(id, version7)
          assert.equal(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16), ms)
        }
        const bySort = made.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ ms }) => ms)
        assert.deepEqual(
          bySort,
          made.map(({ ms }) => ms),
        )
      }),
    )
  })

  test('carry every random bit that is given', () => {
    for (const byte of [0x00, 0xff]) {
      const ids = createIds({ nowUs: () => 0 }, (bytes) => bytes.fill(byte))
      assert.equal(
        ids.newId(),
        byte === 0 ? '00000000-0000-7000-8000-000000000000' : '00000000-0000-7fff-bfff-ffffffffffff',
      )
    }
  })

  test('stay unique over many fillings of the pool', () => {
    const ids = createIds({ nowUs: () => 1 }, random)
    assert.equal(new Set(Array.from({ length: 20_000 }, () => ids.newId())).size, 20_000)
  })
})

describe('random bytes', () => {
  test('are as many as were asked for, all from outside, and never given twice', () => {
    let filled = 0
    const ids = createIds({ nowUs: () => 0 }, (bytes) => bytes.forEach((_, at) => void (bytes[at] = filled++ % 251)))
    const given = [...ids.bytes(32), ...ids.bytes(12), ...ids.bytes(1)]
    assert.deepEqual(
      given,
      Array.from({ length: 45 }, (_, at) => at % 251),
    )
    assert.equal(ids.bytes(4_096).length, 4_096)
  })
})

describe('random numbers', () => {
  test('are at least 0 and below 1, at both ends too', () => {
    for (const byte of [0x00, 0x80, 0xff]) {
      const { random: next } = createIds({ nowUs: () => 0 }, (bytes) => bytes.fill(byte))
      const number = next()
      assert.ok(number >= 0 && number < 1, `${number}`)
      assert.equal(Math.floor(number * 256), byte)
    }
  })
})
