// The relay's cursor and what it keeps with it, in one step: under the newest token, from where the cursor is, or not at all.
import assert from 'node:assert/strict'
import type { Settlement } from '../../stores/outbox/outbox-store.ts'
import { commit, oneTo, stored, stream } from '../event-store/given.ts'
import { dead, heldAs, holds, message, messagesOf, nowUs, place, sends, sendsEach, settled, waiting } from './given.ts'
import type { OutboxStoreCase } from './given.ts'

const group = 'settling'
const nothing = { sent: [], held: [] }
export const settlingCases: readonly OutboxStoreCase[] = [
  {
    group,
    name: 'the cursor is where the last settlement put it; messages stay readable behind it',
    run: async ({ events, outbox }) => {
      const all = await sendsEach(events, [messagesOf('a', ['1']), messagesOf('a', ['2', '3']), messagesOf('b', ['4'])])
      await settled(outbox, { to: 1, sent: [] })
      assert.equal(await outbox.cursor(), 1)
      await settled(outbox, { to: 3 })
      assert.equal(await outbox.cursor(), 3)
      assert.deepEqual(await outbox.after(0, 100), all)
      await holds(outbox, [])
    },
  },
  {
    group,
    name: 'a settlement keeps messages with all their facts, and others beside them',
    run: async ({ events, outbox }) => {
      const [one, two, three] = await sends(events, messagesOf('a', ['1', '2', '3']))
      const facts = { lastError: 'broker_unavailable < Error ECONNREFUSED', lastAttemptAt: nowUs - 1 }
      const first = waiting(two, nowUs + 5, facts)
      await settled(outbox, { to: 1, held: [first] })
      await holds(outbox, [heldAs(two, first)])
      const changed = dead(two, { lastError: 'payload_too_large', lastAttemptAt: nowUs })
      await settled(outbox, { held: [changed, waiting(three, nowUs, { attempts: 0 })] })
      await holds(outbox, [heldAs(two, changed), heldAs(three, waiting(three, nowUs, { attempts: 0 }))])
      await settled(outbox, { sent: [place(two)], held: [waiting(one, nowUs)] })
      await holds(outbox, [heldAs(one, waiting(one, nowUs)), heldAs(three, waiting(three, nowUs, { attempts: 0 }))])
      await settled(outbox, { sent: [place(one), place(three)] })
      await holds(outbox, [])
    },
  },
  {
    group,
    name: 'facts that a later settlement does not have are gone',
    run: async ({ events, outbox }) => {
      const [one] = await sends(events, [message()])
      await settled(outbox, { to: 1, held: [waiting(one, nowUs, { lastError: 'Error', lastAttemptAt: 1 })] })
      await settled(outbox, { held: [waiting(one, nowUs)] })
      await holds(outbox, [heldAs(one, waiting(one, nowUs))])
    },
  },
  {
    group,
    name: 'an older token than was ever settled with is refused and changes nothing; the same one and newer ones are kept',
    run: async ({ events, outbox }) => {
      const [one] = await sendsEach(events, [messagesOf('a', ['1']), messagesOf('a', ['2'])])
      const held = [waiting(one, nowUs)]
      await settled(outbox, { fencingToken: 5, to: 1, held })
      const late: Settlement = { fencingToken: 4, from: 1, to: 2, sent: [place(one)], held: [] }
      assert.equal(await outbox.settle(late), false)
      assert.equal(await outbox.cursor(), 1)
      await holds(outbox, [heldAs(one, waiting(one, nowUs))])
      await settled(outbox, { fencingToken: 5 })
      await settled(outbox, { fencingToken: 9, to: 2 })
      assert.equal(await outbox.settle({ ...late, fencingToken: 8, from: 2 }), false)
      await holds(outbox, [heldAs(one, waiting(one, nowUs))])
    },
  },
  {
    group,
    name: 'a settlement from another cursor is refused, changes nothing, and its token counts for nothing',
    run: async ({ events, outbox }) => {
      const [one] = await sendsEach(
        events,
        oneTo(5).map((each) => messagesOf('a', [String(each)])),
      )
      await settled(outbox, { fencingToken: 2, to: 3 })
      for (const from of [0, 2, 4]) {
        const other = { fencingToken: 7, from, to: 5, sent: [], held: [dead(one)] }
        assert.equal(await outbox.settle(other), false)
      }
      assert.equal(await outbox.cursor(), 3)
      await holds(outbox, [])
      await settled(outbox, { fencingToken: 2, to: 4 })
    },
  },
  {
    group,
    name: 'of settlements from one cursor at once exactly one is kept, as a whole',
    run: async ({ events, outbox }) => {
      const all = await sendsEach(
        events,
        oneTo(20).map((each) => messagesOf('a', [String(each), `-${each}`])),
      )
      const tries = oneTo(20).map((to) => {
        const held = all.filter(({ commitNo }) => commitNo === to).map((each) => waiting(each, to))
        return outbox.settle({ fencingToken: 1, from: 0, to, sent: [], held })
      })
      const kept = (await Promise.all(tries)).flatMap((isKept, at) => (isKept ? [at + 1] : []))
      assert.equal(kept.length, 1)
      assert.equal(await outbox.cursor(), kept[0])
      const of = all.filter(({ commitNo }) => commitNo === kept[0])
      await holds(
        outbox,
        of.map((each) => heldAs(each, waiting(each, kept[0] ?? 0))),
      )
    },
  },
  {
    group,
    needs: 'shared',
    name: 'of settlements by several processes exactly one is kept',
    run: async ({ events, outbox, another }) => {
      await sendsEach(
        events,
        oneTo(8).map((each) => messagesOf('a', [String(each)])),
      )
      const outboxes = [outbox, (await another()).outbox, (await another()).outbox]
      for (let from = 0; from < 8; from += 1) {
        const tries = outboxes.map((each) => each.settle({ fencingToken: 1, from, to: from + 1, ...nothing }))
        assert.equal((await Promise.all(tries)).filter(Boolean).length, 1)
      }
      for (const each of outboxes) assert.equal(await each.cursor(), 8)
    },
  },
  {
    group,
    name: 'places that have no message, and sent ones that are not held, are passed over',
    run: async ({ events, outbox }) => {
      const [one] = await sends(events, [message()])
      await stored(events, commit({ streams: [stream('a')] }))
      const held = [waiting({ commitNo: 2, index: 0 }, nowUs), dead({ commitNo: 1, index: 1 })]
      await settled(outbox, { to: 2, sent: [place(one)], held })
      assert.equal(await outbox.cursor(), 2)
      await holds(outbox, [])
    },
  },
  {
    group,
    name: 'numbers that are none, places beyond the cursor and places named twice are refused, and nothing is kept',
    run: async ({ events, outbox }) => {
      const [one, two] = await sendsEach(events, [messagesOf('a', ['1']), messagesOf('a', ['2'])])
      const good: Settlement = { fencingToken: 1, from: 0, to: 1, sent: [], held: [waiting(one, nowUs)] }
      const bad: readonly Settlement[] = [
        { ...good, fencingToken: 0 },
        { ...good, from: -1 },
        { ...good, from: 2 },
        { ...good, to: 1.5 },
        { ...good, sent: [place(one)] },
        { ...good, sent: [place(two)] },
        { ...good, held: [waiting(two, nowUs)] },
        { ...good, held: [waiting(one, nowUs), dead(one)] },
        { ...good, held: [waiting(one, -1)] },
        { ...good, held: [waiting(one, nowUs, { attempts: -1 })] },
        { ...good, held: [waiting(one, nowUs, { lastAttemptAt: 0.5 })] },
      ]
      for (const each of bad) await assert.rejects(() => outbox.settle(each), RangeError)
      await assert.rejects(
        () => outbox.settle({ ...good, held: [waiting(one, nowUs, { state: 'sent' as never })] }),
        Error,
      )
      assert.equal(await outbox.cursor(), 0)
      await holds(outbox, [])
    },
  },
  {
    group,
    needs: 'durable',
    name: 'cursor, held messages and tokens outlive the process, and a fork leaves them as they are',
    run: async ({ events, outbox, reopen }) => {
      const [one] = await sendsEach(events, [messagesOf('a', ['1']), messagesOf('a', ['2'])])
      const facts = waiting(one, nowUs, { lastError: 'Error', lastAttemptAt: nowUs })
      await settled(outbox, { fencingToken: 3, to: 2, held: [facts] })
      const again = await reopen()
      await again.events.fork()
      assert.equal(await again.outbox.cursor(), 2)
      await holds(again.outbox, [heldAs(one, facts)])
      assert.equal(await again.outbox.settle({ fencingToken: 2, from: 2, to: 2, ...nothing }), false)
    },
  },
  {
    group,
    needs: 'rewriting',
    name: 'an emptied log has no messages, and its cursor is before what comes; the token stays',
    run: async ({ events, outbox }) => {
      const [one] = await sendsEach(
        events,
        oneTo(5).map((each) => messagesOf('a', [String(each)])),
      )
      await settled(outbox, { fencingToken: 3, to: 5, held: [waiting(one, nowUs)] })
      await events.reset()
      assert.equal(await outbox.cursor(), 0)
      assert.deepEqual(await outbox.after(0, 100), [])
      await holds(outbox, [])
      const next = await sends(events, [message()])
      assert.deepEqual(await outbox.after(0, 100), next)
      assert.equal(await outbox.settle({ fencingToken: 2, from: 0, to: 1, ...nothing }), false)
    },
  },
]
