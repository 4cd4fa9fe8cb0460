import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Msg } from '@nats-io/transport-node'
import { createInHand } from '../src/in-hand.ts'
import type { Batch, Held } from '../src/in-hand.ts'

const held = (sequence: number, more: Partial<Held> = {}): Held => ({
  delivery: {
    message: {} as Msg,
    deliveries: more.alone === true ? 2 : 1,
    sequence,
    turn: sequence,
    identity: String(sequence),
  },
  event: undefined,
  alone: false,
  failures: 0,
  reason: undefined,
  arrivedUs: 0,
  renewedUs: 0,
  ...more,
})
const sequencesOf = (batch: Batch): readonly number[] => batch.map(({ delivery }) => delivery.sequence)

test('what was given back comes first and alone, and everything comes in order, whatever is done', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), alone: fc.boolean() }),
    fc.record({ do: fc.constant('take' as const), eventsMax: fc.integer({ min: 1, max: 4 }) }),
    fc.constant({ do: 'ack' as const }),
    fc.constant({ do: 'nack' as const }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const hand = createInHand()
      /** A list of those that wait, and which of them go alone. */
      let model: { readonly sequence: number; readonly alone: boolean }[] = []
      let out: Batch | undefined
      let last = 0
      for (const each of steps) {
        if (each.do === 'add') {
          hand.add(held((last += 1), { alone: each.alone }))
          model.push({ sequence: last, alone: each.alone })
        } else if (each.do === 'take') {
          if (out !== undefined || model.length === 0) continue
          out = hand.take(each.eventsMax)
          const together = model.findIndex(({ alone }) => alone)
          const most = model[0]?.alone === true ? 1 : together === -1 ? model.length : together
          const expected = model.slice(0, Math.min(most, each.eventsMax))
          assert.deepEqual(
            sequencesOf(out),
            expected.map(({ sequence }) => sequence),
          )
          model = model.slice(expected.length)
        } else if (out !== undefined) {
          if (each.do === 'ack') hand.settle(out)
          else {
            hand.putBack(out)
            model = [...sequencesOf(out).map((sequence) => ({ sequence, alone: true })), ...model]
          }
          out = undefined
        }
        assert.deepEqual(
          sequencesOf(hand.waiting),
          model.map(({ sequence }) => sequence),
        )
        assert.equal(hand.out.size, out === undefined ? 0 : 1)
      }
    }),
  )
})

test('what is given up is not given out, and nothing behind it before it is gone', () => {
  const hand = createInHand()
  for (const each of [held(1), held(2, { reason: 'event_unreadable' }), held(3)]) hand.add(each)
  const first = hand.take(10)
  assert.deepEqual(sequencesOf(first), [1])
  hand.settle(first)
  assert.deepEqual(sequencesOf(hand.drop(({ reason }) => reason !== undefined)), [2])
  assert.deepEqual(sequencesOf(hand.take(10)), [3])
})

test('what the server sends again while it is here takes its own place', () => {
  const hand = createInHand()
  for (const each of [held(1), held(2), held(3)]) hand.add(each)
  hand.putBack(hand.take(1))
  hand.add(held(2, { alone: true }))
  hand.add(held(1, { alone: true }))
  assert.deepEqual(sequencesOf(hand.waiting), [1, 2, 3])
  assert.deepEqual(sequencesOf(hand.take(10)), [1])
})
