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
    'sqlite cold load from a snapshot',
  ],
  http: ['no-op query c1', 'no-op query c64'],
  publish: ['to 10 subscribers', 'to 10 subscribers, over their own cost'],
  sse: ['deliveries to 20 clients', 'median delivery beside a stalled client'],
  postgres: [
    'append c1',
    'commands c1',
    'append c64',
    'commands c64',
    'two processes c64 against one',
    'two processes, share of the smaller',
  ],
  relay: ['postgres outbox to JetStream'],
  'old-snapshot': ['postgres append c64, held 1 s'],
  read: [
    'sqlite all events',
    'sqlite heap MiB, end against begin',
    'postgres all events',
    'postgres heap MiB, end against begin',
  ],
  large: ['sqlite', 'postgres'].flatMap((store) =>
    ['append c64', 'stream read', 'tail read', 'newest page', "tenant's page", 'duplicate command id'].map(
      (what) => `${store} ${what}, 20000 events`,
    ),
  ),
  import: ['sqlite lines, 10th file against 2nd', 'sqlite resident MiB, 10th against 2nd'],
}

describe('suites', () => {
  test('every suite is covered here', () => {
    assert.deepEqual(Object.keys(cases), [...suites.keys()])
  })

  for (const [name, suite] of suites) {
    test(`${name} gives one well-formed row per case`, async () => {
      using scratch = createScratch()
      const rows: Row[] = []
      const settings = {
        rounds: 1,
        seconds: 0.005,
        scratch: scratch.path,
        historyEvents: 2_000,
        importLines: 1_000,
        largeEvents: 20_000,
        streamClients: 20,
        oldSnapshotSeconds: 1,
      }
      for await (const row of suite(settings)) rows.push(row)
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
  assert.equal(row.durability, /^(?:sqlite|postgres)/.test(row.case) || suite === 'postgres' ? 'full' : 'none')
}
