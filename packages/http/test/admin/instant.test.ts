import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { instant, instantOf, microsecondsIn } from '../../src/admin/instant.ts'

describe('a time', () => {
  test('is read in any zone, to the microsecond', () => {
    for (const [text, microseconds] of [
      ['1970-01-01T00:00:00Z', 0],
      ['1970-01-01t01:00:00.000001+01:00', 1],
      ['2026-01-05 10:00:00.5z', 1_767_607_200_500_000],
      ['2026-01-05T10:00:00.123456789Z', 1_767_607_200_123_456],
      ['2024-02-29T23:30:00-01:00', 1_709_253_000_000_000],
    ] as const)
      assert.equal(microsecondsIn(text), microseconds, text)
  })

  test('is nothing else', () => {
    for (const text of [
      '',
      'now',
      '2026-01-05',
      '2026-01-05T10:00:00',
      '2026-13-05T10:00:00Z',
      '2026-02-31T10:00:00Z',
      '2026-02-29T10:00:00+01:00',
      '2026-01-05T24:00:00Z',
      '1969-12-31T23:59:59Z',
      '2999-12-31T00:00:00Z',
    ]) {
      assert.equal(microsecondsIn(text), undefined)
      assert.equal(instant.takes(text), false)
    }
    assert.equal(instant.takes(7), false)
  })

  test('is written as it is read', () => {
    for (const microseconds of [0, 1, 999_999, 1_767_607_200_123_456])
      assert.equal(microsecondsIn(instantOf(microseconds)), microseconds)
    assert.equal(instantOf(1_767_607_200_000_007), '2026-01-05T10:00:00.000007Z')
  })
})
