import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CheckedRead } from '../../../src/stores/event/checked-read.ts'

const read = { tenant: 't', aggregateType: 'Gesta.Epoch', aggregateId: 'tenant', version: 3 }

describe('a read condition that is checked once', () => {
  test('says what it was made of, and stays so', () => {
    const checked = new CheckedRead(read)
    assert.deepEqual(Object.entries(checked), Object.entries(read))
    assert.ok(Object.isFrozen(checked))
  })

  test('is refused when it is made', () => {
    const wrong = [{ tenant: 'a\0' }, { aggregateType: '' }, { aggregateId: 'x'.repeat(513) }]
    for (const part of wrong) assert.throws(() => new CheckedRead({ ...read, ...part }), { code: 'invalid_key' })
  })

  test('is told apart from what only looks like it', () => {
    const checked = new CheckedRead(read)
    assert.ok(CheckedRead.is(checked))
    for (const other of [read, Object.create(checked) as CheckedRead, structuredClone(checked)])
      assert.ok(!CheckedRead.is(other))
  })
})
