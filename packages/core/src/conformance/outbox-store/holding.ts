// What is held is due when its time has come and nothing of its key waits before it.
import assert from 'node:assert/strict'
import { oneTo } from '../event-store/given.ts'
import { datas, dead, heldAs, messagesOf, nowUs, place, plain, sends, sendsEach, settled, waiting } from './given.ts'
import type { OutboxStoreCase } from './given.ts'

const group = 'holding'
export const holdingCases: readonly OutboxStoreCase[] = [
  {
    group,
    name: 'a waiting message is due from its time on, with its facts',
    run: async ({ events, outbox }) => {
      const [one] = await sends(events, messagesOf('a', ['1']))
      const facts = waiting(one, nowUs, { attempts: 3, lastError: 'Error', lastAttemptAt: nowUs - 9 })
      await settled(outbox, { to: 1, held: [facts] })
      assert.deepEqual(await outbox.due(nowUs - 1, 100), [])
      assert.deepEqual(plain(await outbox.due(nowUs, 100)), plain([heldAs(one, facts)]))
      assert.equal(await outbox.nextDue(), nowUs)
    },
  },
  {
    group,
    name: 'only the first waiting message of a key is due, though later ones have reached their time',
    run: async ({ events, outbox }) => {
      const [one, two, three] = await sendsEach(events, [messagesOf('a', ['1', '2']), messagesOf('a', ['3'])])
      await settled(outbox, { to: 2, held: [waiting(one, nowUs + 9), waiting(two, nowUs), waiting(three, nowUs)] })
      assert.deepEqual(await outbox.due(nowUs, 100), [])
      assert.equal(await outbox.nextDue(), nowUs + 9)
      assert.deepEqual(datas(await outbox.due(nowUs + 9, 100)), ['1'])
      await settled(outbox, { sent: [place(one)] })
      assert.deepEqual(datas(await outbox.due(nowUs, 100)), ['2'])
      assert.equal(await outbox.nextDue(), nowUs)
    },
  },
  {
    group,
    name: 'a dead message holds up nobody, is never due, and is no key that waits',
    run: async ({ events, outbox }) => {
      const [one, two] = await sends(events, messagesOf('a', ['1', '2']))
      await settled(outbox, { to: 1, held: [dead(one, { dueAt: 0 }), waiting(two, nowUs)] })
      assert.deepEqual(datas(await outbox.due(nowUs, 100)), ['2'])
      await settled(outbox, { sent: [place(two)] })
      assert.deepEqual(await outbox.due(nowUs, 100), [])
      assert.equal(await outbox.nextDue(), undefined)
      assert.deepEqual(await outbox.waitingKeys([{ tenant: one.tenant, key: 'a' }]), new Set())
    },
  },
  {
    group,
    name: 'what is due comes in the order of the messages, whatever their times, and no more than asked for',
    run: async ({ events, outbox }) => {
      const all = await sendsEach(
        events,
        oneTo(9).map((each) => messagesOf(`key-${each}`, [String(each)])),
      )
      await settled(outbox, { to: 9, held: all.map((each) => waiting(each, nowUs - each.commitNo)) })
      assert.deepEqual(datas(await outbox.due(nowUs, 100)), datas(all))
      assert.deepEqual(datas(await outbox.due(nowUs, 4)), ['1', '2', '3', '4'])
      assert.deepEqual(datas(await outbox.due(nowUs - 8, 100)), ['8', '9'])
      assert.equal(await outbox.nextDue(), nowUs - 9)
    },
  },
  {
    group,
    name: 'keys of different tenants are different keys',
    run: async ({ events, outbox }) => {
      const held = []
      for (const tenant of ['left', 'right', '']) {
        const [one, two] = await sends(events, messagesOf('a', [`"${tenant} 1"`, `"${tenant} 2"`]), { tenant })
        held.push(waiting(one, nowUs), waiting(two, nowUs))
      }
      await settled(outbox, { to: 3, held })
      assert.deepEqual(datas(await outbox.due(nowUs, 100)), ['"left 1"', '"right 1"', '" 1"'])
      const [first] = await outbox.due(nowUs, 1)
      await settled(outbox, { sent: [place(first ?? { commitNo: 1, index: 0 })] })
      assert.deepEqual(datas(await outbox.due(nowUs, 100)), ['"left 2"', '"right 1"', '" 1"'])
    },
  },
  {
    group,
    name: 'of many keys it is told which ones wait, by their place in the question; a key that is asked twice is told twice',
    run: async ({ events, outbox }) => {
      const keys = ['a', 'b', 'a ', 'A', '€'.repeat(512)]
      const all = await sends(events, keys.map((key) => messagesOf(key, ['1'])).flat(), { tenant: 'left' })
      await settled(outbox, { to: 1, held: [0, 2, 4].map((at) => waiting(all[at] ?? all[0], nowUs + 5)) })
      const asked = keys.map((key) => ({ tenant: 'left', key }))
      assert.deepEqual(await outbox.waitingKeys(asked), new Set([0, 2, 4]))
      assert.deepEqual(await outbox.waitingKeys(asked.map((each) => ({ ...each, tenant: 'right' }))), new Set())
      const [first] = asked as [(typeof asked)[0]]
      assert.deepEqual(await outbox.waitingKeys([first, { tenant: '', key: 'a' }, first]), new Set([0, 2]))
      assert.deepEqual(await outbox.waitingKeys([]), new Set())
      const many = oneTo(2000).map((each) => ({ tenant: 'left', key: each === 1999 ? 'a' : `other-${each}` }))
      assert.deepEqual(await outbox.waitingKeys(many), new Set([1998]))
    },
  },
]
