// What a codec gives back is what it was given, for any record.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { cborRecords } from '../../../src/cbor.ts'
import type { CommandRecord, CommandStatus, Truncated } from '../../../src/stores/command-log/command-record.ts'
import { jsonRecords } from '../../../src/stores/command-log/record-codec.ts'

const text = fc.string({ unit: 'binary', maxLength: 40 })
const number = fc.nat(Number.MAX_SAFE_INTEGER)
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined })
const plain = { noNullPrototype: true }
const texts = fc.array(text, { maxLength: 5 })

const anyRecord: fc.Arbitrary<CommandRecord> = fc.record(
  {
    tenant: text,
    commandId: text,
    commandType: text,
    status: fc.constantFrom<CommandStatus>('started', 'accepted', 'rejected', 'denied', 'failed', 'timed_out'),
    recordedAt: number,
    durationUs: maybe(number),
    context: fc.json(),
    payload: maybe(fc.json()),
    metadata: fc.dictionary(fc.oneof(text, fc.constant('__proto__')), text, plain),
    error: maybe(fc.record({ code: text, message: text }, plain)),
    permission: maybe(
      fc.record({ asked: text, allowed: fc.boolean(), reason: text }, { requiredKeys: ['asked', 'allowed'], ...plain }),
    ),
    idempotencyKey: maybe(text),
    duplicateOf: maybe(text),
    retries: number,
    events: fc.array(fc.record({ id: text, position: maybe(number) }, plain), { maxLength: 5 }),
    messages: texts,
    jobs: texts,
    redacted: texts,
    truncated: fc.subarray<Truncated>(['payload', 'metadata', 'error']),
    commitNo: maybe(number),
  },
  plain,
)

for (const { name, encode, decode } of [jsonRecords, cborRecords]) {
  test(`${name}: every record comes back field by field, absent fields as undefined`, () => {
    fc.assert(fc.property(anyRecord, (record) => assert.deepEqual(decode(encode(record)), record)))
  })
  test(`${name}: bytes that are no record are refused`, () => {
    for (const bytes of [[], [0xff], [0x7b, 0x22, 0xff, 0x22]]) assert.throws(() => decode(Uint8Array.from(bytes)))
  })
  test(`${name}: a record is read from a part of a larger buffer`, () => {
    const [record] = fc.sample(anyRecord, { numRuns: 1, seed: 1 }) as [CommandRecord]
    const bytes = encode(record)
    const larger = new Uint8Array(bytes.length + 20)
    larger.set(bytes, 10)
    assert.deepEqual(decode(larger.subarray(10, 10 + bytes.length)), record)
  })
}
