import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readArguments, WrongArguments } from '../src/arguments.ts'
import { jobsDetailLines, jobsReportLine } from '../src/jobs/report.ts'
import type { JobsRun } from '../src/jobs/run.ts'
import { detailLines, reportLine } from '../src/report.ts'
import type { Run } from '../src/run.ts'

test('minutes, store and seed are read; without them it is a minute on each store, with a new seed', () => {
  assert.deepEqual(readArguments(['--minutes', '30', '--store', 'sqlite', '--seed', '7']), {
    what: 'commits',
    minutes: 30,
    stores: ['sqlite'],
    seed: 7,
  })
  const { minutes, stores, seed } = readArguments([])
  assert.deepEqual([minutes, stores], [1, ['sqlite', 'postgres']])
  assert.ok(Number.isSafeInteger(seed) && seed > 0)
  assert.deepEqual(readArguments(['--what', 'views']).stores, ['sqlite', 'postgres', 'memory'])
  assert.deepEqual(readArguments(['--what', 'views', '--store', 'memory']).stores, ['memory'])
  assert.deepEqual(readArguments(['--what', 'jobs']).stores, ['sqlite', 'postgres'])
})

test('what makes no sense is refused with the usage', () => {
  for (const given of [
    ['--store', 'redis'],
    ['--store', 'memory'],
    ['--what', 'tables'],
    ['--what', 'jobs', '--store', 'memory'],
    ['--minutes', '0'],
    ['--minutes', 'many'],
    ['--seed', '-1'],
    ['--hours', '1'],
    ['x'],
  ])
    assert.throws(
      () => readArguments(given),
      (error) => error instanceof WrongArguments && error.message.includes('Usage: npm run crash'),
      given.join(' '),
    )
})

test('a run is told in one line, with the details before it', () => {
  const run: Run = {
    store: 'sqlite',
    seed: 7,
    rounds: 1234,
    kills: 1234,
    harms: new Map(),
    acknowledged: 567_890,
    endings: new Map([
      ['killed', 1000],
      ['ended at "begun"', 234],
    ]),
    left: { whole: 10, absent: 2000 },
    findings: [],
  }
  assert.equal(reportLine(run, 30 * 60_000), 'crash: sqlite 30 min, 1,234 kills, 567,890 acknowledged, 0 findings')
  assert.equal(
    reportLine(
      {
        ...run,
        store: 'postgres',
        harms: new Map([
          ['a', 2],
          ['b', 1],
        ]),
        findings: ['x'],
        kills: 1,
      },
      102_999,
    ),
    'crash: postgres 1 min 42 s, 1 kill, 3 faults lived through, 567,890 acknowledged, 1 finding',
  )
  assert.deepEqual(detailLines(run), [
    '  seed 7; killed 1,000, ended at "begun" 234',
    '  of commits that were not answered 10 were there whole, 2,000 not at all',
  ])
})

test('a run with jobs says how soon the jobs of killed workers were taken over', () => {
  const run: JobsRun = {
    store: 'postgres',
    seed: 7,
    kills: 12,
    stops: 1,
    harms: new Map([['connections are cut', 2]]),
    acknowledged: 5_678,
    jobs: 5_680,
    repeated: 30,
    lost: 4,
    recoveriesMs: [5_300, 100, 4_000],
    findings: [],
  }
  assert.equal(
    jobsReportLine(run, 60_000),
    'crash: jobs, postgres 1 min, 12 kills, 1 stop, 5,678 jobs acknowledged, 0 findings',
  )
  assert.deepEqual(jobsDetailLines(run), [
    '  seed 7; 5,680 jobs have succeeded, 30 runs were repeated, 4 were told that others have their jobs',
    '  3 workers recovered: median 4,000 ms, slowest 5,300 ms; connections are cut 2',
  ])
})
