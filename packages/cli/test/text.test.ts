import assert from 'node:assert/strict'
import test from 'node:test'
import { verificationText } from '../src/differences.ts'
import { progressText } from '../src/read-model-text.ts'
import { tableOf } from '../src/table.ts'

test('columns stand under each other', () => {
  assert.equal(
    tableOf([
      ['view', 'use'],
      ['a', 'live'],
      ['longer', ''],
    ]),
    'view    use\na       live\nlonger',
  )
})

test('a cell keeps to its line and steers no terminal, whatever it says', () => {
  assert.equal(
    tableOf([
      ['a\n  b  1', 'x'],
      ['\u001B[2J\u009B1m', '\u202Eback 🧺'],
    ]),
    'a\\u000a  b  1      x\n\\u001b[2J\\u009b1m  \\u202eback 🧺',
  )
})

test('progress tells position, total, rate and what remains', () => {
  const progress = { generation: 2, position: 250_000, total: 1_000_000, eventsPerSecond: 99_999.6, remainingMs: 7_500 }
  assert.equal(progressText(progress), 'generation 2: 250,000 of 1,000,000 (25 %), 100,000 events/s, 8 s left')
  const first = { ...progress, position: 0, total: 0, remainingMs: undefined }
  assert.equal(progressText(first), 'generation 2: 0 of 0 (100 %), 100,000 events/s')
})

test('long rows are cut around the place where they begin to differ', () => {
  const row = (pence: number): string => JSON.stringify({ before: 'x'.repeat(500), pence, after: 'y'.repeat(500) })
  const text = verificationText({
    readModel: 'totals',
    modelVersion: 1,
    generation: 2,
    position: 1234,
    rows: 1,
    differences: 3,
    listed: [{ table: 'rows', tenant: 't', key: 'k', expected: row(5), received: row(6) }],
    passedOver: 2,
  })
  const [first, , expected = '', received = '', last] = text.split('\n')
  assert.equal(
    first,
    'totals (version 1, generation 2) at position 1,234: 1 row, 3 differences. 2 events parked or discarded, and left out of both.',
  )
  assert.match(expected, /expected {2}\.\.\.x+","pence":5,"after":"y+\.\.\.$/)
  assert.match(received, /received {2}\.\.\.x+","pence":6,"after":"y+\.\.\.$/)
  assert.ok(expected.length < 200)
  assert.equal(last, '  and 2 more')
})
