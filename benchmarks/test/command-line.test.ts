// What the command line understands, what it refuses, and what it prints.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readArguments } from '../src/arguments.ts'
import { describeMachine } from '../src/machine.ts'
import { compare, quantile } from '../src/measure.ts'
import type { Subject } from '../src/measure.ts'
import { headLines, jsonLine, tableLine } from '../src/print.ts'
import type { Row } from '../src/row.ts'

const known = ['commands', 'append']
const row: Row = {
  suite: 'commands',
  case: 'memory c1',
  perSec: 123_456,
  p50us: 4.9,
  p99us: null,
  limitPerSec: 1_000_000,
  ratio: 0.123,
  durability: 'none',
}

describe('arguments', () => {
  test('suites and options are read', () => {
    const read = readArguments(
      ['append', 'commands', '--json', '--rounds', '3', '--seconds', '0.5', '--events', '5000000', '--held', '600'],
      known,
    )
    assert.deepEqual(read, {
      suites: ['append', 'commands'],
      json: true,
      rounds: 3,
      seconds: 0.5,
      events: 5_000_000,
      held: 600,
    })
  })

  const refused: readonly (readonly [title: string, given: readonly string[], message: RegExp])[] = [
    ['no suite', [], /Expected the name of a suite\. Suites: commands, append\. Options: --json/],
    ['an unknown suite', ['comands'], /received "comands"\. Suites: commands, append\./],
    ['an unknown option', ['append', '--jsno'], /Unknown option '--jsno'\. Known options: --json, --rounds/],
    ['rounds that are no whole number', ['append', '--rounds', '1.5'], /--rounds to be a whole number, received 1\.5/],
    [
      'events that are too many',
      ['append', '--events', '6000000'],
      /--events to be a multiple of 1000, at most 5000000, received 6000000/,
    ],
    [
      'seconds that are no number',
      ['append', '--seconds', 'many'],
      /--seconds to be a number above zero, received "many"/,
    ],
  ]
  for (const [title, given, message] of refused)
    test(`${title} is refused with a sentence`, () => assert.throws(() => readArguments(given, known), message))
})

describe('output', () => {
  test('a program gets one object per row', () => {
    assert.deepEqual(JSON.parse(jsonLine(row)), row)
  })

  test('a person gets a table under the machine and the exact command', () => {
    const head = headLines('npm run bench -- commands', describeMachine('/'))
    assert.equal(head[0], 'npm run bench -- commands')
    for (const part of ['cores', 'memory', `Node ${process.version}`, 'disk']) assert.ok(head[1]?.includes(part))
    assert.match(tableLine(row), /^commands +memory c1 +123,456 +4\.9 +- +1,000,000 +0\.123 +none$/)
    assert.equal(tableLine(row).length, head[3]?.length)
  })
})

describe('measuring', () => {
  test('the median of an even number of values lies between two of them', () => {
    assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5)
    assert.equal(quantile([3, 1, 2], 0.5), 2)
    assert.equal(quantile([1, 2, 3, 4], 0.99), 4)
  })

  test('limit and gesta do the same commands, in turns', async () => {
    const done: string[] = []
    const make = (name: string) => async (): Promise<Subject> => ({
      run: async (first, count) => done.push(`${name} ${first} ${count}`),
      [Symbol.asyncDispose]: async () => undefined,
    })
    await compare(make('gesta'), make('limit'), { rounds: 2, seconds: 1e-9 })
    const measured = done.filter((pass) => / 1000 (?!1000)/.test(pass)).map((pass) => pass.split(' ')[0])
    assert.deepEqual(measured.slice(-5), ['limit', 'limit', 'gesta', 'gesta', 'limit'])
  })
})
