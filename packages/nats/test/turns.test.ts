import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Msg } from '@nats-io/transport-node'
import type { Delivery } from '../src/delivery.ts'
import { createInHand } from '../src/in-hand.ts'
import type { Held } from '../src/in-hand.ts'
import { createTurns } from '../src/turns.ts'
import type { Progress, Turns } from '../src/turns.ts'

const message = {} as Msg
const ackWaitMs = 1000

/** A group as the server keeps it: what was delivered to whom, under which number, and how often. */
function createGroup(): {
  deliver(sequence?: number): Delivery
  acknowledge(sequence: number): void
  readonly pending: ReadonlyMap<number, { readonly turn: number; deliveries: number }>
  progress(): Promise<Progress>
} {
  const pending = new Map<number, { readonly turn: number; deliveries: number }>()
  let [turns, last] = [0, 0]
  return {
    pending,
    deliver: (sequence = (last += 1)) => {
      turns += 1
      const known = pending.get(sequence) ?? { turn: turns, deliveries: 0 }
      known.deliveries += 1
      pending.set(sequence, known)
      return { message, sequence, turn: turns, deliveries: known.deliveries, identity: String(sequence) }
    },
    acknowledge: (sequence) => void pending.delete(sequence),
    progress: async () => {
      const lowest = Math.min(...pending.keys())
      const acknowledged =
        pending.size === 0
          ? { turn: turns, sequence: last }
          : { turn: (pending.get(lowest)?.turn ?? 0) - 1, sequence: lowest - 1 }
      return { acknowledged, delivered: last, inHands: pending.size }
    },
  }
}

test('an event is given out when everything older is acknowledged or here, whatever others get, lose, and hand on', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const), to: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('work' as const), who: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), who: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), who: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const), to: fc.nat(2) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      const group = createGroup()
      const newReceiver = (): { readonly hand: ReturnType<typeof createInHand>; readonly turns: Turns } => {
        const hand = createInHand()
        // Time stands still, so only what the server says counts.
        return { hand, turns: createTurns(hand, group.progress, ackWaitMs, { monotonicUs: () => 0 }) }
      }
      const receivers = [newReceiver(), newReceiver(), newReceiver()]
      const lost: number[] = []
      const first: number[] = []
      const receive = (who: number, delivery: Delivery): void => {
        const { hand, turns } = receivers[who] ?? newReceiver()
        const held: Held = {
          delivery,
          event: undefined,
          failures: 0,
          reason: undefined,
          arrivedUs: 0,
          renewedUs: 0,
          alone: delivery.deliveries > 1,
          cleared: turns.arrives(delivery),
        }
        hand.add(held)
      }
      const work = async (who: number): Promise<void> => {
        const { hand, turns } = receivers[who] ?? newReceiver()
        if (hand.waiting[0]?.cleared === false) await turns.look(undefined)
        if (hand.waiting[0]?.cleared !== true) return
        const batch = hand.take(10)
        for (const { delivery } of batch) {
          if (!first.includes(delivery.sequence)) first.push(delivery.sequence)
          group.acknowledge(delivery.sequence)
        }
        hand.settle(batch)
      }
      for (const each of steps) {
        if (each.do === 'deliver') receive(each.to, group.deliver())
        else if (each.do === 'work') await work(each.who)
        else if (each.do === 'die') {
          const had = receivers[each.who]?.hand.waiting.map(({ delivery }) => delivery.sequence) ?? []
          lost.push(...had.filter((sequence) => group.pending.has(sequence)))
          receivers[each.who] = newReceiver()
        } else if (each.do === 'release') {
          const { hand, turns } = receivers[each.who] ?? newReceiver()
          const released = hand.drop(() => true)
          if (released.length > 0) turns.losesSome()
          lost.push(...released.map(({ delivery }) => delivery.sequence))
        } else {
          const sequence = lost.toSorted((a, b) => a - b)[0]
          if (sequence === undefined) continue
          lost.splice(lost.indexOf(sequence), 1)
          receive(each.to, group.deliver(sequence))
        }
      }
      // In the end everything comes again, and everything is done.
      for (const sequence of lost.toSorted((a, b) => a - b)) receive(0, group.deliver(sequence))
      for (let rounds = 0; group.pending.size > 0; rounds += 1) {
        assert.ok(rounds < 1000, 'nobody may go on')
        for (const who of [0, 1, 2]) await work(who)
      }
      assert.deepEqual(
        first,
        first.toSorted((a, b) => a - b),
      )
    }),
    { numRuns: 300 },
  )
})

test('what is remembered of others does not grow with all that comes', () => {
  const group = createGroup()
  const hand = createInHand()
  const turns = createTurns(hand, group.progress, ackWaitMs, { monotonicUs: () => 0 })
  for (let count = 0; count < 1000; count += 1) {
    // One to somebody else, and one here that cannot be read: whose turn it is does not matter for it, so nobody looks.
    group.deliver()
    const delivery = group.deliver()
    const cleared = turns.arrives(delivery)
    const rest = { alone: false, event: undefined, failures: 0, reason: 'unreadable', arrivedUs: 0, renewedUs: 0 }
    hand.add({ ...rest, delivery, cleared })
    hand.drop(() => true)
  }
  assert.ok(turns.gaps.length <= 2, `received ${turns.gaps.length}`)
})

test('of two who wait for each other, because the server was restarted and its word fell behind, one lets go and the other one goes on', async () => {
  const group = createGroup()
  const newReceiver = (): { readonly hand: ReturnType<typeof createInHand>; readonly turns: Turns } => {
    const hand = createInHand()
    const fallenBehind = async (): Promise<Progress> => ({
      ...(await group.progress()),
      acknowledged: { turn: 0, sequence: 0 },
    })
    return { hand, turns: createTurns(hand, fallenBehind, ackWaitMs, { monotonicUs: () => 0 }) }
  }
  const [one, other] = [newReceiver(), newReceiver()]
  const receive = ({ hand, turns }: typeof one, delivery: Delivery): void => {
    const cleared = turns.arrives(delivery)
    const rest = { alone: false, event: undefined, failures: 0, reason: undefined, arrivedUs: 0, renewedUs: 0 }
    hand.add({ ...rest, delivery, cleared })
  }
  group.deliver()
  group.acknowledge(1)
  for (const each of [one, other, one, other]) receive(each, group.deliver())
  for (const { hand, turns } of [one, other]) {
    await turns.look(undefined)
    assert.deepEqual([turns.fellBehind, turns.elsewhere, hand.waiting.some(({ cleared }) => cleared)], [true, 2, false])
  }
  for (const { delivery } of other.hand.drop(() => true)) receive(one, group.deliver(delivery.sequence))
  await one.turns.look(undefined)
  await other.turns.look(undefined)
  assert.deepEqual([one.turns.elsewhere, other.turns.elsewhere], [0, 4])
  assert.deepEqual(
    one.hand.waiting.map(({ delivery }) => delivery.sequence),
    [2, 3, 4, 5],
  )
})
