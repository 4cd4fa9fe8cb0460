// Every suite runs for a moment, and its rows have the form that other programs read. How fast it was is nobody's business here.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Row } from '../src/row.ts'
import { createScratch } from '../src/scratch.ts'
import { suites } from '../src/suites/suites.ts'

const fields = ['suite', 'case', 'perSec', 'p50us', 'p99us', 'limitPerSec', 'ratio', 'durability']

const cases: { readonly [suite: string]: readonly string[] } = {
  commands: [
    'memory c1',
    'memory c1 read-model',
    'memory c64',
    'memory c64 read-model',
    'sqlite c1',
    'sqlite c1 read-model',
    'sqlite c64',
    'sqlite c64 read-model',
  ],
  append: [
    'memory c1 events1',
    'sqlite c1 events1',
    'memory c1 events10',
    'sqlite c1 events10',
    'memory c64 events1',
    'sqlite c64 events1',
    'memory c64 events10',
    'sqlite c64 events10',
  ],
  history: [
    'memory 2000 events against 10',
    'memory cold load, events',
    'sqlite 2000 events against 10',
    'sqlite cold load, events',
  ],
  http: ['no-op query c1', 'no-op query c64'],
}

describe('suites', () => {
  test('every suite is covered here', () => {
    assert.deepEqual(Object.keys(cases), [...suites.keys()])
  })

  for (const [name, suite] of suites) {
    test(`${name} gives one well-formed row per case`, async () => {
      using scratch = createScratch()
      const rows: Row[] = []
      for await (const row of suite({ rounds: 1, seconds: 0.005, scratch: scratch.path, historyEvents: 2_000 }))
        rows.push(row)
      assert.deepEqual(
        rows.map((row) => row.case),
        cases[name],
      )
      for (const row of rows) checkForm(row, name)
    })
  }
})

function checkForm(row: Row, suite: string): void {
  assert.deepEqual(Object.keys(row), fields)
  assert.equal(row.suite, suite)
  for (const figure of [row.perSec, row.limitPerSec, row.ratio]) assert.ok(Number.isFinite(figure) && figure >= 0)
  for (const latency of [row.p50us, row.p99us]) assert.ok(latency === null || Number.isFinite(latency))
  assert.equal(row.durability, row.case.startsWith('sqlite') ? 'full' : 'none')
}
