// Reading: one stream in both directions, the whole log by commits, versions, headers.
import assert from 'node:assert/strict'
import { auditEntry, commit, fresh, oneTo, stored, stream, tenant, wholeLog } from './given.ts'
import type { EventStoreCase } from './given.ts'

const group = 'reading'
const name = { tenant, aggregateType: 'Order', aggregateId: 'a' }
const texts = (count: number): readonly string[] => oneTo(count).map(String)

export const readingCases: readonly EventStoreCase[] = [
  {
    group,
    name: 'an event has every field that it was stored with',
    run: async ({ store }) => {
      const recordedAt = 1_790_000_000_123_456
      await stored(store, commit({ streams: [stream('other')] }))
      const given = commit({
        recordedAt,
        context: '{"identity":"alice"}',
        streams: [
          stream('z'),
          {
            aggregateType: 'Order',
            aggregateId: 'a',
            expectation: 'any',
            events: [{ type: 'Order.Placed', schemaVersion: 3, data: '{"pence":1}' }],
          },
        ],
      })
      await stored(store, given)
      const expected = {
        position: 3,
        commitNo: 2,
        commandId: given.commandId,
        index: 1,
        ...name,
        version: 1,
        type: 'Order.Placed',
        schemaVersion: 3,
        data: '{"pence":1}',
        context: '{"identity":"alice"}',
        recordedAt,
      }
      assert.deepEqual([...(await store.readStream(name))], [expected])
      assert.deepEqual((await wholeLog(store))[2], expected)
    },
  },
  {
    group,
    name: 'a stream is read in pages, forwards and backwards',
    run: async ({ store }) => {
      for (const i of oneTo(5))
        await stored(store, commit({ streams: [stream('a', (i - 1) * 5, texts(5)), stream('b')] }))
      const versions = async (read: object): Promise<readonly number[]> =>
        (await store.readStream({ ...name, ...read })).map(({ version }) => version)
      assert.deepEqual(await versions({}), oneTo(25))
      assert.deepEqual(await versions({ limit: 3 }), [1, 2, 3])
      assert.deepEqual(await versions({ after: 3, limit: 3 }), [4, 5, 6])
      assert.deepEqual(await versions({ after: 23, limit: 3 }), [24, 25])
      assert.deepEqual(await versions({ after: 25 }), [])
      assert.deepEqual(await versions({ after: 99 }), [])
      assert.deepEqual(await versions({ backwards: true, limit: 3 }), [25, 24, 23])
      assert.deepEqual(await versions({ backwards: true, after: 23, limit: 3 }), [22, 21, 20])
      assert.deepEqual(await versions({ backwards: true, after: 3 }), [2, 1])
      assert.deepEqual(await versions({ backwards: true, after: 1 }), [])
      assert.deepEqual(await versions({ backwards: true, after: 99, limit: 1 }), [25])
    },
  },
  {
    group,
    name: 'a page of a stream has 100 events by default and 10,000 at most; other limits are refused',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('a', 'any', texts(10_050))] }))
      assert.equal((await store.readStream(name)).length, 100)
      assert.equal((await store.readStream({ ...name, limit: 10_000 })).length, 10_000)
      for (const limit of [0, -1, 1.5, 10_001, Number.NaN]) {
        await assert.rejects(store.readStream({ ...name, limit }), RangeError)
        await assert.rejects(store.readAll({ after: 0, limit }), RangeError)
      }
    },
  },
  {
    group,
    name: 'a stream of large events comes whole, in pages that may be shorter than asked for; only an empty page is its end',
    run: async ({ store }) => {
      const large = JSON.stringify('x'.repeat(900_000))
      for (const i of oneTo(12)) await stored(store, commit({ streams: [stream('a', i - 1, [large])] }))
      for (const limit of [50, 500]) {
        const up: number[] = []
        for (;;) {
          const page = await store.readStream({ ...name, after: up.at(-1) ?? 0, limit })
          if (page.length === 0) break
          assert.ok(page.every(({ data }) => data === large))
          up.push(...page.map(({ version }) => version))
        }
        assert.deepEqual(up, oneTo(12))
        const down: number[] = []
        for (;;) {
          const page = await store.readStream({ ...name, backwards: true, after: down.at(-1), limit })
          if (page.length === 0) break
          down.push(...page.map(({ version }) => version))
        }
        assert.deepEqual(down, oneTo(12).toReversed())
      }
    },
  },
  {
    group,
    name: 'a stream that does not exist is empty and at version 0',
    run: async ({ store }) => {
      assert.deepEqual(await store.readStream({ ...name, aggregateId: `missing-${fresh()}` }), [])
      assert.deepEqual(await store.readStream({ ...name, backwards: true }), [])
      assert.deepEqual(await store.versions([name]), [0])
      assert.deepEqual(await store.versions([]), [])
    },
  },
  {
    group,
    name: 'versions come in the order of the question, also for a stream that is asked for twice',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('a', 'any', texts(3)), stream('b')] }))
      assert.deepEqual(
        await store.versions([{ ...name, aggregateId: 'b' }, name, { ...name, aggregateId: 'c' }, name]),
        [1, 3, 0, 3],
      )
    },
  },
  {
    group,
    name: 'a page of the log ends on a commit boundary, so it may go over its limit',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('a', 'any', texts(2))] }))
      await stored(store, commit({ streams: [stream('a', 'any', texts(4)), stream('b')] }))
      await stored(store, commit({ streams: [stream('a')] }))
      const positions = async (after: number, limit: number): Promise<readonly number[]> =>
        (await store.readAll({ after, limit })).map(({ position }) => position)
      assert.deepEqual(await positions(0, 1), [1, 2])
      assert.deepEqual(await positions(0, 2), [1, 2])
      assert.deepEqual(await positions(0, 3), oneTo(7))
      assert.deepEqual(await positions(2, 1), [3, 4, 5, 6, 7])
      assert.deepEqual(await positions(2, 6), [3, 4, 5, 6, 7, 8])
      assert.deepEqual(await positions(4, 1), [5, 6, 7])
      assert.deepEqual(await positions(8, 10), [])
      assert.deepEqual(await positions(99, 10), [])
    },
  },
  {
    group,
    name: 'pages of any size make the same log',
    run: async ({ store }) => {
      await Promise.all(
        oneTo(60).map((i) => stored(store, commit({ streams: [stream(`s${i % 4}`, 'any', texts(1 + (i % 5)))] }))),
      )
      const whole = await store.readAll({ after: 0, limit: 10_000 })
      assert.deepEqual(
        whole.map(({ position }) => position),
        oneTo(await store.head()),
      )
      for (const limit of [1, 2, 7, 100]) assert.deepEqual(await wholeLog(store, limit), whole)
    },
  },
  {
    group,
    name: 'who reads while others write sees a prefix of the log that only grows',
    run: async ({ store }) => {
      const writing = Promise.all(
        oneTo(300).map((i) => stored(store, commit({ streams: [stream(`s${i % 20}`, 'any', ['1', '2'])] }))),
      )
      let seen = 0
      while (seen < 600) {
        const page = await store.readAll({ after: seen, limit: 50 })
        assert.deepEqual(
          page.map(({ position }) => position),
          oneTo(page.length).map((i) => seen + i),
        )
        seen += page.length
        assert.equal(seen % 2, 0)
      }
      await writing
    },
  },
  {
    group,
    name: 'a header is found by its command id with every field; an unknown one is absent',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('a')] }))
      const given = commit({
        streams: [stream('a', 1, ['1', '2'])],
        outcome: 'rejected',
        commandType: 'Order.Cancel',
        answer: '{"code":"late"}',
        version: 2,
        fingerprint: 'print',
        context: '{"session":"s"}',
      })
      await stored(store, given)
      assert.deepEqual(await store.header(tenant, given.commandId), {
        tenant,
        commandId: given.commandId,
        commandType: 'Order.Cancel',
        outcome: 'rejected',
        answer: '{"code":"late"}',
        version: 2,
        fingerprint: 'print',
        commitNo: 2,
        position: 3,
        eventCount: 2,
        recordedAt: given.recordedAt,
        context: '{"session":"s"}',
      })
      const bare = commit({ outcome: 'timed_out' })
      await stored(store, bare)
      const header = await store.header(tenant, bare.commandId)
      assert.deepEqual(
        [header?.outcome, header?.answer, header?.fingerprint, header?.eventCount, header?.position],
        ['timed_out', undefined, undefined, 0, 3],
      )
      assert.equal(await store.header(tenant, 'missing'), undefined)
    },
  },
  {
    group,
    name: 'what was stored beside the events is found by command id, in its order',
    run: async ({ store }) => {
      const messages = [
        { key: 'Order/a', type: 'Order.Sent', schemaVersion: 2, data: '{"a":1}' },
        { key: '€'.repeat(512), type: 'Order.Told', schemaVersion: 1, data: String.raw`"\u0000"` },
      ]
      const jobs = [
        { type: 'Order.Remind', data: '{"b":-0}' },
        { type: 'Order.Remind', data: '{}' },
      ]
      const audit = [auditEntry('Order.Place', '{"by":"alice"}')]
      const given = commit({ streams: [stream('a')], messages, jobs, audit })
      await stored(store, given)
      const later = commit({ messages: [{ key: ' ', type: 'Order.Sent', schemaVersion: 1, data: '2' }] })
      await stored(store, later)
      assert.deepEqual(await store.parts(tenant, given.commandId), { messages, jobs, audit })
      assert.deepEqual(await store.parts(tenant, later.commandId), { messages: later.messages, jobs: [], audit: [] })
      assert.equal(await store.parts('other', given.commandId), undefined)
    },
  },
]
