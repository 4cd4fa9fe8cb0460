import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RecordsBatch } from '@platformatic/kafka'
import { messagesOf } from '../src/records.ts'

const transactional = 0x10
const control = 0x20
const batch = (first: number, count: number, fields: Partial<RecordsBatch> = {}): RecordsBatch => ({
  firstOffset: BigInt(first),
  length: 0,
  partitionLeaderEpoch: 0,
  magic: 2,
  crc: 0,
  attributes: 0,
  lastOffsetDelta: count - 1,
  firstTimestamp: 0n,
  maxTimestamp: 0n,
  producerId: -1n,
  producerEpoch: 0,
  firstSequence: 0,
  records: Array.from({ length: count }, (_, offsetDelta) => ({
    length: 0,
    attributes: 0,
    timestampDelta: 0n,
    offsetDelta,
    key: null,
    value: Buffer.from(String(first + offsetDelta)),
    headers: [],
  })),
  ...fields,
})
const marker = (offset: number, producerId: bigint): RecordsBatch =>
  batch(offset, 1, { attributes: transactional | control, producerId })
const read = (
  records: readonly RecordsBatch[],
  from = 0,
  aborted: readonly { producerId: bigint; firstOffset: bigint }[] = [],
): readonly [offsets: readonly number[], next: number] => {
  const fetched = { partitionIndex: 0, abortedTransactions: aborted, records }
  const { messages, next } = messagesOf('t', fetched, BigInt(from))
  return [messages.map(({ offset }) => Number(offset)), Number(next)]
}

describe('what a broker answers', () => {
  test('is read from the offset that was asked for, although a batch begins before it', () => {
    assert.deepEqual(read([batch(0, 3), batch(3, 2)], 2), [[2, 3, 4], 5])
  })

  test('leaves the position where it is when there is nothing', () => {
    assert.deepEqual(read([], 7), [[], 7])
  })

  test('goes on behind what compaction or control records have left out', () => {
    assert.deepEqual(read([batch(0, 1, { lastOffsetDelta: 9 }), marker(10, 1n)]), [[0], 11])
  })

  test('is without what a transaction took back, also when its end is not there yet or the producer goes on', () => {
    const own = { attributes: transactional, producerId: 1n }
    const records = [
      batch(0, 2, own),
      batch(2, 1),
      marker(3, 1n),
      batch(4, 2, own),
      marker(6, 1n),
      batch(7, 1, { ...own, producerId: 2n }),
      batch(8, 1, own),
    ]
    const aborted = [
      { producerId: 1n, firstOffset: 8n },
      { producerId: 1n, firstOffset: 0n },
    ]
    assert.deepEqual(read(records, 0, aborted), [[2, 4, 5, 7], 9])
  })
})
