import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { checkLogEntries } from '../../../src/stores/log/check-lines.ts'
import { toLogEntry } from '../../../src/stores/log/log-line.ts'

const nowUs = 1_767_323_045_000_000
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const entry = (line: object): unknown => toLogEntry(JSON.stringify(line), nowUs)

describe("a logger's line", () => {
  test('of pino keeps level, time, text, tenant and trace apart, and all other fields as they are', () => {
    assert.deepEqual(
      entry({ level: 40, time: 1_767_323_045_678, pid: 7, msg: 'slow', tenant: 'acme', traceId, order: { id: 'A-1' } }),
      {
        level: 'warn',
        at: 1_767_323_045_678_000,
        tenant: 'acme',
        text: 'slow',
        traceId,
        fields: '{"pid":7,"order":{"id":"A-1"}}',
      },
    )
  })

  test('names its level by number or by name', () => {
    const cases = [
      [10, 'trace'],
      [20, 'debug'],
      [30, 'info'],
      [35, 'info'],
      [60, 'fatal'],
      [5, 'trace'],
      [100, 'fatal'],
      ['error', 'error'],
      ['loud', 'info'],
      [undefined, 'info'],
    ] as const
    for (const [level, expected] of cases) assert.equal(toLogEntry(JSON.stringify({ level }), nowUs).level, expected)
  })

  test('tells its time in milliseconds or as RFC 3339, and has the time of its arrival else', () => {
    const cases = [
      [1.5, 1500],
      ['2026-01-02T03:04:05.006Z', 1_767_323_045_006_000],
      ['yesterday', nowUs],
      [-1, nowUs],
      [1e300, nowUs],
      [null, nowUs],
    ] as const
    for (const [time, at] of cases) assert.equal(toLogEntry(JSON.stringify({ time }), nowUs).at, at)
  })

  test('carries a trace in one of three fields', () => {
    for (const fields of [{ traceId }, { trace_id: traceId }, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }])
      assert.deepEqual(entry({ message: 'a', ...fields }), { level: 'info', at: nowUs, tenant: '', text: 'a', traceId })
    assert.deepEqual(entry({ traceId: 'x' }), { level: 'info', at: nowUs, tenant: '', text: '' })
  })

  test('that is no JSON object is a text', () => {
    for (const line of ['plain text', '{"broken', '[1]', '"text"', '7', 'null'])
      assert.deepEqual(toLogEntry(line, nowUs), { level: 'info', at: nowUs, tenant: '', text: line })
  })

  test('that is too long is shortened, and says so', () => {
    const { text, fields } = toLogEntry(JSON.stringify({ msg: 'x'.repeat(70_000), y: 'y'.repeat(70_000) }), nowUs)
    assert.equal(text, `${'x'.repeat(65_536)}…`)
    assert.match(fields ?? '', /^\{"leftOutCharacters":700\d\d\}$/)
  })

  test('can be stored, whatever it holds', () => {
    const odd = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\0', '\ud800', 'a\udc00b', 'x'.repeat(600)))
    const line = fc.oneof(
      odd,
      fc.json(),
      fc
        .record({ level: fc.anything(), time: fc.anything(), msg: odd, tenant: odd, traceparent: odd, other: odd })
        .map((fields) => {
          try {
            return JSON.stringify(fields)
          } catch {
            return ''
          }
        }),
    )
    fc.assert(fc.property(line, (text) => checkLogEntries([toLogEntry(text, nowUs)])))
  })
})
