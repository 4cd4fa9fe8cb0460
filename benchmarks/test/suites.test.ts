// Every suite runs for a moment, and its rows have the form that other programs read. How fast it was is nobody's business here.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Row } from '../src/row.ts'
import { createScratch } from '../src/scratch.ts'
import { floodedCase } from '../src/suites/identity/flooded.ts'
import { parts, suites } from '../src/suites/suites.ts'

const fields = ['suite', 'case', 'perSec', 'p50us', 'p99us', 'limitPerSec', 'ratio', 'durability']

const ownLogs = ['memory', 'sqlite', 'postgres', 'nats']
const sizes = ['100 B', '1 KB', '10 KB', '100 KB']

const cases: { readonly [suite: string]: readonly string[] } = {
  commands: [
    'memory c1',
    'memory c1 read-model',
    'memory c64',
    'memory c64 read-model',
    'memory c1 permission check',
    'memory c64 permission check',
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
  'read-models': [
    ...viewCases('sqlite'),
    'sqlite history of 100 events, 4000 in the store',
    'sqlite lag of a caller with its token, 95th percentile',
    'sqlite lag of a caller with its token, 99th percentile',
    'sqlite lag when nobody waits, 95th percentile',
    'sqlite lag when nobody waits, 99th percentile',
    'memory get',
    ...viewCases('postgres'),
  ],
  'command-log': [
    'overhead memory',
    'overhead memory c64',
    'overhead memory, bytes allocated per command',
    'overhead memory, bytes kept per command',
    ...['await', 'buffered'].flatMap((policy) => [
      `memory withCommandLog, ${policy}`,
      `memory withCommandLog, ${policy}, over the bare bus`,
    ]),
    ...['sqlite', 'postgres'].flatMap((store) => [
      `${store} append with records c64`,
      `${store} commands c64, records beside headers alone`,
    ]),
    ...['sqlite', 'postgres'].flatMap((store) =>
      ['two columns', 'a second table', 'one text', 'one column of bytes, CBOR'].flatMap((layout) => [
        `${store} layout: ${layout}`,
        `${store} layout: ${layout}, bytes per commit`,
      ]),
    ),
    ...ownLogs.flatMap((log) =>
      sizes.flatMap((size) => [`${log} records of ${size}, 100 at once`, `${log} records of ${size}, one by one`]),
    ),
    ...sizes.flatMap((size) => [
      `cbor against json, ${size}, written and read`,
      `cbor against json, ${size}, bytes per record`,
    ]),
    ...ownLogs.map((log) => `${log} own log, correlation of 10 in 4000`),
    'sqlite commits, correlation of 10 in 4000',
    'postgres commits, correlation of 10 in 4000',
    ...['memory', 'sqlite', 'postgres'].map(
      (store) => `${store} 50 dispatches under one key, 1 accepted, 49 duplicate`,
    ),
  ],
  permissions: [
    'memory holds, kept',
    'memory holds, resolved',
    'memory query c64, checked',
    'memory query c64, checked, cost of a query',
    'postgres query c64, epochs read',
    'postgres query c64, epochs read, cost of a query',
    'memory c64 audited command',
    'sqlite c64 audited command',
    'postgres c64 audited command',
  ],
  identity: [
    'query with a warm token c1',
    'query with a warm token c64',
    'new token, against its verification alone',
    floodedCase(),
    'refresh, against the signature of its token alone',
    'sign-in, against its hash alone',
  ],
  jobs: [
    'postgres no-op jobs, beside bare SKIP LOCKED',
    'sqlite no-op jobs, beside a bare table',
    'sqlite pick-up of one job',
    'postgres pick-up of one job',
    'postgres no-op jobs, an old transaction held 1 s',
  ],
  large: ['sqlite', 'postgres'].flatMap((store) =>
    ['append c64', 'stream read', 'tail read', 'newest page', "tenant's page", 'duplicate command id'].map(
      (what) => `${store} ${what}, 20000 events`,
    ),
  ),
  import: ['sqlite lines, 10th file against 2nd', 'sqlite resident MiB, 10th against 2nd'],
  cache: ['hit', '1000 misses of one key at once'],
}

function viewCases(store: string): readonly string[] {
  return [
    'resident MiB, 2000 events against 200',
    'heap MiB, 2000 events against 200',
    'resident MiB, 4000 events against 200',
    'heap MiB, 4000 events against 200',
    'rebuild',
    'rebuild, one row per event',
    '10 rebuilds at once against one, ms',
  ].map((what) => `${store} ${what}`)
}

describe('suites', () => {
  test('every suite is covered here', () => {
    assert.deepEqual(Object.keys(cases), [...suites.keys()])
  })

  test('a part of a suite has its name before its own', () => {
    for (const name of parts.keys()) assert.ok(suites.has(name.split('/')[0] ?? ''))
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
        heldSeconds: 1,
        viewEvents: 4_000,
        fewEvents: 200,
        loggedCommands: 4_000,
        // Counting instructions takes minutes.
        countedCommands: 0,
        sameKeyDispatches: 50,
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
  const { overheadPct, ...figures } = row
  assert.deepEqual(Object.keys(figures), fields)
  if (overheadPct !== undefined) assert.equal(overheadPct, Math.round((1 - row.ratio) * 1000) / 10)
  assert.equal(row.suite, suite)
  for (const figure of [row.perSec, row.limitPerSec, row.ratio]) assert.ok(Number.isFinite(figure) && figure >= 0)
  for (const latency of [row.p50us, row.p99us]) assert.ok(latency === null || Number.isFinite(latency))
  assert.equal(row.durability, durabilityOf(row.case, suite))
}

function durabilityOf(name: string, suite: string): Row['durability'] {
  if (name.startsWith('nats')) return 'normal'
  return /^(?:sqlite|postgres)/.test(name) || suite === 'postgres' ? 'full' : 'none'
}
