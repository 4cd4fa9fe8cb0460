import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readArguments, WrongArguments } from '../src/arguments.ts'
import { detailLines, reportLine } from '../src/report.ts'
import type { Run } from '../src/run.ts'

test('broker, messages and seed are read; without them it is 2,000 messages on each broker, with a new seed', () => {
  assert.deepEqual(readArguments(['--broker', 'redis', '--messages', '500', '--seed', '7']), {
    brokers: ['redis'],
    messages: 500,
    seed: 7,
    unordered: false,
  })
  assert.deepEqual(readArguments(['--unordered']).brokers, ['nats', 'redis'])
  const { brokers, messages, seed } = readArguments([])
  assert.deepEqual([brokers, messages], [['nats', 'redis', 'kafka', 'memory'], 2000])
  assert.ok(Number.isSafeInteger(seed) && seed > 0)
})

test('what makes no sense is refused with the usage', () => {
  for (const given of [
    ['--broker', 'sqlite'],
    ['--messages', '0'],
    ['--messages', 'many'],
    ['--messages', '99'],
    ['--seed', '-1'],
    ['--seed', '1.5'],
    ['--minutes', '3'],
    ['--broker', 'kafka', '--unordered'],
    ['x'],
  ])
    assert.throws(
      () => readArguments(given),
      (error) => error instanceof WrongArguments && error.message.includes('Usage: npm run ledger'),
      given.join(' '),
    )
})

test('a run is told in one line, with the details before it', () => {
  const run: Run = {
    broker: 'nats',
    seed: 7,
    messages: 2000,
    faults: new Map([
      ['kill', 3],
      ['cut', 2],
      ['restart', 1],
    ]),
    repeated: 57,
    handedInAgain: 1,
    lateHad: 1234,
    elapsedMs: 41_400,
    notRun: ['rebalancing: needs another broker'],
    findings: [],
  }
  assert.equal(
    reportLine(run),
    'ledger: nats 2,000 messages, 3 kills, 2 cuts, 1 restart, 1,234 had by the group that came late, 57 deliveries repeated, 41 s, 0 findings',
  )
  assert.equal(
    reportLine({ ...run, messages: 1, repeated: 1, faults: new Map(), findings: ['x'] }),
    'ledger: nats 1 message, 1,234 had by the group that came late, 1 delivery repeated, 41 s, 1 finding',
  )
  assert.deepEqual(detailLines(run), [
    '  seed 7; 1 command handed in again',
    '  not run: rebalancing: needs another broker',
  ])
})
