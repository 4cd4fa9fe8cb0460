// What operators do: dead messages are sent again or dropped, sent ones are sent again, old ones are removed.
import assert from 'node:assert/strict'
import { commit, oneTo, stored, stream } from '../event-store/given.ts'
import {
  datas,
  dead,
  everyMessage,
  heldAs,
  holds,
  message,
  messagesOf,
  nowUs,
  place,
  sends,
  sendsEach,
  settled,
  waiting,
} from './given.ts'
import type { OutboxStoreCase } from './given.ts'

const group = 'repairing'
export const repairingCases: readonly OutboxStoreCase[] = [
  {
    group,
    name: 'dead messages that are requeued wait as at first, due at once; others are left alone',
    run: async ({ events, outbox }) => {
      const [one, two, three, four] = await sends(events, messagesOf('a', ['1', '2', '3', '4']))
      const facts = { lastError: 'Error', lastAttemptAt: nowUs - 1 }
      await settled(outbox, { to: 1, held: [dead(one, facts), waiting(two, nowUs + 7, facts), dead(three, facts)] })
      const places = [
        place(one),
        place(one),
        place(two),
        place(four),
        { commitNo: 1, index: 9 },
        { commitNo: 2, index: 0 },
      ]
      assert.equal(await outbox.requeue(places, nowUs), 1)
      const again = heldAs(one, waiting(one, nowUs, { attempts: 0 }))
      await holds(outbox, [again, heldAs(two, waiting(two, nowUs + 7, facts)), heldAs(three, dead(three, facts))])
      assert.deepEqual(datas(await outbox.due(nowUs, 100)), ['1'])
      assert.equal(await outbox.requeue([], nowUs), 0)
    },
  },
  {
    group,
    name: 'all dead messages that a filter finds are requeued, however many',
    run: async ({ events, outbox }) => {
      const lists = oneTo(30).map((each) => oneTo(40).map(() => message({ key: `key-${each % 3}` })))
      const all = await sendsEach(events, lists)
      await settled(outbox, { to: 30, held: all.map((each) => dead(each)) })
      assert.equal(await outbox.requeue({ state: 'waiting' }, nowUs), 0)
      assert.equal(await outbox.requeue({ key: 'key-1' }, nowUs), 400)
      assert.deepEqual([await outbox.total({ state: 'waiting' }), await outbox.total({ state: 'dead' })], [400, 800])
      assert.equal(await outbox.total({ state: 'waiting', key: 'key-1' }), 400)
      assert.equal(await outbox.requeue({}, nowUs), 800)
    },
  },
  {
    group,
    name: 'a dead message that is discarded is gone for good; what waits or was sent is left alone',
    run: async ({ events, outbox }) => {
      const [one, two, three] = await sends(events, messagesOf('a', ['1', '2', '3']), { streams: [stream('a')] })
      await settled(outbox, { to: 1, held: [dead(one), waiting(two, nowUs)] })
      assert.equal(await outbox.discard([place(one), place(two), place(three), { commitNo: 3, index: 0 }]), 1)
      await holds(outbox, [heldAs(two, waiting(two, nowUs))])
      assert.deepEqual(await everyMessage(outbox), [two, three])
      assert.equal(await outbox.discard([place(one)]), 0)
      assert.equal(await outbox.resend({ fromPosition: 0, toPosition: 100 }, nowUs), 1)
      assert.deepEqual(
        (await outbox.list({})).items.map(({ index }) => index),
        [1, 2],
      )
    },
  },
  {
    group,
    name: 'sent messages of a range of positions wait again, both ends included; held and unsent ones are left alone',
    run: async ({ events, outbox }) => {
      const all = []
      for (const number of oneTo(8))
        all.push(
          ...(await sends(events, messagesOf('a', [String(number)]), { streams: [stream('a', 'any', ['1', '2'])] })),
        )
      // Positions 2, 4, ..., 16. The last two commits are not sent yet.
      const [, two, three] = all as [never, (typeof all)[0], (typeof all)[0]]
      await settled(outbox, { to: 6, held: [dead(two), waiting(three, nowUs + 9)] })
      assert.equal(await outbox.resend({ fromPosition: 3, toPosition: 10 }, nowUs), 2)
      assert.deepEqual(
        (await outbox.list({})).items.map(({ data, state, attempts, dueAt }) => [data, state, attempts, dueAt]),
        [
          ['2', 'dead', 10, nowUs],
          ['3', 'waiting', 1, nowUs + 9],
          ['4', 'waiting', 0, nowUs],
          ['5', 'waiting', 0, nowUs],
        ],
      )
      assert.equal(await outbox.resend({ fromPosition: 3, toPosition: 10 }, nowUs), 0)
      assert.equal(await outbox.resend({ fromPosition: 12, toPosition: 1_000_000 }, nowUs), 1)
      assert.equal(await outbox.cursor(), 6)
      assert.deepEqual(datas(await outbox.after(6, 100)), ['7', '8'])
    },
  },
  {
    group,
    name: 'a commit without events has the position of what is before it',
    run: async ({ events, outbox }) => {
      await sends(events, messagesOf('a', ['1']))
      await stored(events, commit({ streams: [stream('a', 'any', ['1', '2'])] }))
      await sends(events, messagesOf('a', ['2']))
      await settled(outbox, { to: 3 })
      assert.equal(await outbox.resend({ fromPosition: 1, toPosition: 1 }, nowUs), 0)
      assert.equal(await outbox.resend({ fromPosition: 2, toPosition: 2 }, nowUs), 1)
      assert.deepEqual(datas((await outbox.list({})).items), ['2'])
      assert.equal(await outbox.resend({ fromPosition: 0, toPosition: 0 }, nowUs), 1)
    },
  },
  {
    group,
    name: 'sent messages that were recorded before a time are removed, from the oldest on and no more than asked for; held ones stay',
    run: async ({ events, outbox }) => {
      const all = []
      for (const number of oneTo(8))
        all.push(...(await sends(events, messagesOf('a', [String(number)]), { recordedAt: number })))
      const [one, two] = all as [(typeof all)[0], (typeof all)[0]]
      await settled(outbox, { to: 7, held: [dead(one), waiting(two, nowUs)] })
      assert.equal(await outbox.prune(6, 2), 2)
      assert.deepEqual(datas(await outbox.after(0, 100)), ['1', '2', '5', '6', '7', '8'])
      assert.equal(await outbox.prune(6, 10_000), 1)
      assert.equal(await outbox.prune(6, 10_000), 0)
      assert.equal(await outbox.prune(nowUs, 10_000), 2)
      assert.deepEqual(datas(await outbox.after(0, 100)), ['1', '2', '8'])
      assert.deepEqual(datas((await outbox.list({})).items), ['1', '2'])
      assert.equal(await outbox.cursor(), 7)
      assert.equal(await outbox.resend({ fromPosition: 0, toPosition: 100 }, nowUs), 0)
      await settled(outbox, { to: 8, sent: [place(two)] })
      assert.equal(await outbox.prune(nowUs, 10_000), 2)
    },
  },
]
