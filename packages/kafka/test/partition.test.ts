import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createPartition } from '../src/partition.ts'
import type { Delivery } from '../src/partition.ts'

const delivery = (offset: number, fields: Partial<Delivery> = {}): Delivery => ({
  offset: BigInt(offset),
  message: { topic: 't', value: Buffer.alloc(0), headers: [] },
  event: { id: String(offset), category: 'domain', type: 'T', value: null },
  attempts: 0,
  isAlone: false,
  ...fields,
})
const offsetsOf = (taken: readonly Delivery[]): readonly number[] => taken.map(({ offset }) => Number(offset))

describe('a partition', () => {
  test('gives what was read in order, at most a hundred at a time', () => {
    const partition = createPartition(0, 5n)
    partition.add(
      Array.from({ length: 150 }, (_, index) => delivery(5 + index)),
      155n,
    )
    const first = partition.take()
    assert.deepEqual([offsetsOf(first)[0], first.length, partition.take().length], [5, 100, 50])
    assert.equal(partition.settledTo, 5n)
    partition.settle(first)
    assert.equal(partition.settledTo, 105n)
  })

  test('is settled up to the first gap, whatever is settled behind it', () => {
    const partition = createPartition(0, 0n)
    partition.add(
      [0, 1, 2, 5].map((offset) => delivery(offset)),
      8n,
    )
    const taken = partition.take()
    partition.settle(taken.slice(1, 3))
    assert.equal(partition.settledTo, 0n)
    partition.settle(taken.slice(0, 1))
    assert.equal(partition.settledTo, 5n)
    partition.settle(taken.slice(3))
    assert.equal(partition.settledTo, 8n)
  })

  test('gives an event that failed alone, and what is doomed not at all', () => {
    const partition = createPartition(0, 0n)
    partition.add(
      [delivery(0), delivery(1, { isAlone: true }), delivery(2), delivery(3, { doom: 'TypeError' }), delivery(4)],
      5n,
    )
    const rounds = [partition.take(), partition.take(), partition.take(), partition.take()]
    assert.deepEqual(rounds.map(offsetsOf), [[0], [1], [2], []])
    assert.equal(partition.takeDoomed()?.offset, 3n)
    assert.equal(partition.takeDoomed(), undefined)
    assert.deepEqual(offsetsOf(partition.take()), [4])
  })

  test('gives what was put back before everything else, and does not count it as settled', () => {
    const partition = createPartition(0, 0n)
    partition.add(
      [0, 1].map((offset) => delivery(offset)),
      2n,
    )
    const taken = partition.take()
    partition.add([delivery(2)], 3n)
    partition.settle(taken)
    assert.equal(partition.settledTo, 2n)
    partition.putBack(taken)
    assert.equal(partition.settledTo, 0n)
    assert.deepEqual(offsetsOf(partition.take()), [0, 1, 2])
  })

  test('never says that more is settled than what is settled without a gap, and forgets nothing, in any order of things', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('read' as const), gaps: fc.array(fc.nat(3), { maxLength: 8 }) }),
      fc.record({ kind: fc.constant('take' as const) }),
      fc.record({ kind: fc.constantFrom('settle' as const, 'putBack' as const, 'fail' as const), which: fc.nat(5) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const partition = createPartition(0, 0n)
        /** The model: every offset that holds something, and whether it is settled. */
        const settled = new Map<number, boolean>()
        const out: (readonly Delivery[])[] = []
        let end = 0
        for (const each of steps) {
          if (each.kind === 'read') {
            const read: Delivery[] = []
            for (const gap of each.gaps) {
              end += gap
              read.push(delivery(end))
              settled.set(end, false)
              end += 1
            }
            partition.add(read, BigInt(end))
          } else if (each.kind === 'take') {
            const taken = partition.take()
            if (taken.length > 0) out.push(taken)
          } else {
            const [taken] = out.splice(each.which % Math.max(1, out.length), 1)
            if (taken === undefined) continue
            if (each.kind === 'settle') {
              partition.settle(taken)
              for (const { offset } of taken) settled.set(Number(offset), true)
            } else {
              for (const one of taken) if (each.kind === 'fail') one.isAlone = true
              partition.putBack(taken)
            }
          }
          const expected = [...settled].find(([, isSettled]) => !isSettled)?.[0] ?? end
          assert.equal(partition.settledTo, BigInt(expected))
          assert.equal(partition.position, BigInt(end))
        }
        // Everything that is not settled is still to be had.
        for (const taken of out) partition.putBack(taken)
        const left: number[] = []
        for (let taken = partition.take(); taken.length > 0; taken = partition.take()) left.push(...offsetsOf(taken))
        assert.deepEqual(
          left.toSorted((a, b) => a - b),
          [...settled].flatMap(([offset, isSettled]) => (isSettled ? [] : [offset])),
        )
      }),
    )
  })
})
