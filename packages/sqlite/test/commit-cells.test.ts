import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { decodeDetail } from '@gesta/core/ports'
import type { Commit, CommandDetail, Verdict } from '@gesta/core/ports'
import { decodeGroup, decodeVerdicts, encodeGroup, encodeVerdicts, writtenCommit } from '../src/commit-cells.ts'

const text = fc.string()
const count = fc.nat()
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const expectation = fc.oneof(fc.constantFrom('any' as const, 'noStream' as const, 'exists' as const), count)
const typed = { type: text, schemaVersion: count, data: text }
const stream = { aggregateType: text, aggregateId: text }
const outcome = fc.constantFrom('accepted' as const, 'rejected' as const, 'timed_out' as const)
const header = { commandType: text, outcome, answer: maybe(text), version: maybe(count), fingerprint: maybe(text) }
const detail: fc.Arbitrary<CommandDetail> = fc.record({
  durationUs: count,
  payload: maybe(text),
  metadata: fc.dictionary(text, text),
  error: maybe(fc.record({ code: text, message: text })),
  permission: maybe(fc.record({ asked: text, allowed: fc.boolean() })),
  idempotencyKey: maybe(text),
  duplicateOf: maybe(text),
  retries: count,
  messages: count,
  jobs: count,
  redacted: fc.array(text),
  truncated: fc.subarray(['payload', 'metadata', 'error'] as const),
})
const auditOutcome = fc.constantFrom(...(['succeeded', 'rejected', 'denied', 'failed'] as const))
const commit: fc.Arbitrary<Commit> = fc.record({
  commandId: text,
  tenant: text,
  context: text,
  recordedAt: count,
  streams: fc.array(fc.record({ ...stream, expectation, events: fc.array(fc.record(typed)) })),
  reads: fc.array(fc.record({ tenant: maybe(text), ...stream, version: count })),
  header: fc.record(header),
  detail: maybe(detail),
  idempotency: maybe(fc.record({ sender: text, key: text, fingerprint: text })),
  messages: fc.array(fc.record({ key: text, ...typed })),
  jobs: fc.array(fc.record({ type: text, data: text, terms: text }, { requiredKeys: ['type', 'data'] })),
  audit: fc.array(fc.record({ action: text, actor: text, resource: text, outcome: auditOutcome, data: text })),
})
const storedHeader = fc.record({
  ...header,
  tenant: text,
  commandId: text,
  commitNo: count,
  position: count,
  eventCount: count,
  recordedAt: count,
  context: text,
})
const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.record({
    verdict: fc.constant('stored' as const),
    commitNo: count,
    position: count,
    firstVersions: fc.array(count),
  }),
  fc.record({
    verdict: fc.constant('conflict' as const),
    // Of another tenant than the commit's, or without one.
    stream: fc.record({ ...stream, tenant: text }, { requiredKeys: ['aggregateType', 'aggregateId'] }),
    expected: expectation,
    actual: count,
  }),
  fc.record({
    verdict: fc.constant('duplicate' as const),
    by: fc.constantFrom('command' as const, 'key' as const),
    header: storedHeader,
    fingerprint: maybe(text),
  }),
)
const plain = (value: unknown): unknown => structuredClone(value)

test('a group is the same on the other side of the thread, with its details as the texts of their columns', () => {
  fc.assert(
    fc.property(fc.array(commit), (group) => {
      const written = decodeGroup(encodeGroup(group))
      assert.deepEqual(plain(written), plain(group.map(writtenCommit)))
      const details = written.map(({ detailText, payload }) => decodeDetail(detailText, payload))
      assert.deepEqual(plain(details), plain(group.map(({ detail: given }) => given)))
    }),
  )
})

test('verdicts are the same on the other side of the thread', () => {
  fc.assert(
    fc.property(fc.array(verdict), (verdicts) =>
      assert.deepEqual(plain(decodeVerdicts(encodeVerdicts(verdicts))), plain(verdicts)),
    ),
  )
})
