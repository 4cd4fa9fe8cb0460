// One order: positions and commit numbers without gaps, whole commits, and notices in that order.
import assert from 'node:assert/strict'
import type { StoredCommit } from '../../stores/event/event-store.ts'
import { commit, oneTo, stored, stream, tenant, wholeLog } from './given.ts'
import type { EventStoreCase } from './given.ts'

const group = 'order'
export const orderCases: readonly EventStoreCase[] = [
  {
    group,
    name: 'a new log is empty and at position 0',
    run: async ({ store }) => {
      assert.equal(await store.head(), 0)
      assert.deepEqual(await store.readAll({ after: 0 }), [])
    },
  },
  {
    group,
    name: 'positions and commit numbers have no gaps, one commit after the other',
    run: async ({ store }) => {
      const first = await stored(store, commit({ streams: [stream('a', 'any', ['1', '2'])] }))
      const second = await stored(store, commit({ streams: [stream('a', 'any', ['3'])] }))
      const third = await stored(store, commit({ streams: [stream('b', 'any', ['4'])] }))
      assert.deepEqual([first.commitNo, second.commitNo, third.commitNo], [1, 2, 3])
      assert.deepEqual([first.position, second.position, third.position], [2, 3, 4])
      assert.deepEqual(
        (await wholeLog(store)).map(({ data }) => data),
        ['1', '2', '3', '4'],
      )
    },
  },
  {
    group,
    name: 'many commits at once leave no gap, and each lies together',
    run: async ({ store }) => {
      const receipts = await Promise.all(
        oneTo(200).map((i) =>
          stored(store, commit({ commandId: `c${i}`, streams: [stream(`s${i % 7}`, 'any', ['1', '2', '3'])] })),
        ),
      )
      assert.deepEqual(
        receipts.map(({ commitNo }) => commitNo).sort((a, b) => a - b),
        oneTo(200),
      )
      const log = await wholeLog(store, 70)
      assert.deepEqual(
        log.map(({ position }) => position),
        oneTo(600),
      )
      for (let at = 0; at < 600; at += 3) {
        const events = log.slice(at, at + 3)
        assert.equal(new Set(events.map(({ commandId }) => commandId)).size, 1)
        assert.deepEqual(
          events.map(({ index }) => index),
          [0, 1, 2],
        )
        assert.deepEqual(
          events.map(({ commitNo }) => commitNo),
          [at / 3 + 1, at / 3 + 1, at / 3 + 1],
        )
      }
    },
  },
  {
    group,
    name: 'a commit without events takes a commit number and no position',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('a')] }))
      const empty = await stored(store, commit({ outcome: 'rejected', answer: '{"code":"exists"}' }))
      assert.deepEqual([empty.commitNo, empty.position, empty.firstVersions], [2, 1, []])
      const next = await stored(store, commit({ streams: [stream('a')] }))
      assert.deepEqual([next.commitNo, next.position], [3, 2])
    },
  },
  {
    group,
    name: 'several streams of one commit are stored together, in the order in which they are named',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('b', 'any', ['0'])] }))
      const receipt = await stored(
        store,
        commit({
          streams: [stream('b', 1, ['1', '2']), stream('a', 'noStream', ['3']), stream('b', 'any', ['4'], 'Invoice')],
        }),
      )
      assert.deepEqual(receipt.firstVersions, [2, 1, 1])
      assert.equal(receipt.position, 5)
      const log = await wholeLog(store)
      assert.deepEqual(
        log.map(({ aggregateType, aggregateId, version }) => `${aggregateType} ${aggregateId} ${version}`),
        ['Order b 1', 'Order b 2', 'Order b 3', 'Order a 1', 'Invoice b 1'],
      )
    },
  },
  {
    group,
    name: 'if one stream of a commit conflicts, nothing of it is stored',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('taken')] }))
      const refused = commit({
        streams: [stream('free'), stream('taken', 'noStream'), stream('other')],
        messages: [{ key: 'Order/taken', type: 'Order.Sent', schemaVersion: 1, data: '{}' }],
      })
      assert.equal((await store.commit(refused)).verdict, 'conflict')
      assert.equal(await store.head(), 1)
      assert.deepEqual(await store.versions([{ tenant, aggregateType: 'Order', aggregateId: 'free' }]), [0])
      assert.equal(await store.header(tenant, refused.commandId), undefined)
      assert.equal(await store.parts(tenant, refused.commandId), undefined)
      assert.equal((await stored(store, commit())).commitNo, 2)
    },
  },
  {
    group,
    name: 'a listener hears of each commit once, in order, before its caller',
    run: async ({ store }) => {
      const heard: StoredCommit[] = []
      using _ = store.onAppend((together) => {
        assert.ok(together.length > 0)
        heard.push(...together)
      })
      await Promise.all(
        oneTo(100).map(async (i) => {
          const given = commit({ streams: i % 3 === 0 ? [] : [stream(`s${i % 5}`, i % 10 === 1 ? 'noStream' : 'any')] })
          const verdict = await store.commit(given)
          assert.equal(
            heard.some((one) => one.commit.commandId === given.commandId),
            verdict.verdict === 'stored',
          )
        }),
      )
      assert.deepEqual(
        heard.map(({ receipt }) => receipt.commitNo),
        oneTo(heard.length),
      )
      assert.equal(heard.at(-1)?.receipt.position, await store.head())
    },
  },
  {
    group,
    name: 'a listener that was disposed hears nothing more',
    run: async ({ store }) => {
      let heard = 0
      const listening = store.onAppend(() => (heard += 1))
      await stored(store, commit())
      listening[Symbol.dispose]()
      await stored(store, commit())
      assert.equal(heard, 1)
    },
  },
]
