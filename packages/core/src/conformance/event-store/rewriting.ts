// Changing what is stored: privileged, in one step with the record of it, and without moving anything else.
import assert from 'node:assert/strict'
import type { Commit } from '../../stores/commit.ts'
import { deletedEventType } from '../../stores/event/event-store.ts'
import type { EventRewrite } from '../../stores/event/event-store.ts'
import { refused } from '../refused.ts'
import { auditEntry, commit, oneTo, stored, stream, tenant, wholeLog } from './given.ts'
import type { EventStoreCase } from './given.ts'

const group = 'rewriting'
const needs = 'rewriting'
const audit = [auditEntry('StoreEvent.Update', '{"by":"root"}')]
const record = (fields: Partial<Commit> = {}): Commit => commit({ commandType: 'Store.Rewrite', audit, ...fields })

export const rewritingCases: readonly EventStoreCase[] = [
  {
    group,
    needs,
    name: 'changed data is what everybody reads, and nothing else of the event changes',
    run: async ({ store }) => {
      const given = commit({ streams: [stream('a', 'any', ['1', '2', '3'])] })
      await stored(store, given)
      await stored(store, commit({ streams: [stream('a'), stream('b')] }))
      const before = await wholeLog(store)
      const by = record({ tenant: 'system' })
      const key = { tenant, commandId: given.commandId, index: 1 }
      const verdict = await store.rewrite({ ...key, data: '{"new":-0}', record: by })
      assert.deepEqual(verdict, { verdict: 'stored', commitNo: 3, position: 5, firstVersions: [] })
      const expected = before.map((event) => (event.position === 2 ? { ...event, data: '{"new":-0}' } : event))
      assert.deepEqual(await wholeLog(store), expected)
      assert.deepEqual(await store.get(key), expected[1])
      assert.deepEqual((await store.readStream({ tenant, aggregateType: 'Order', aggregateId: 'a' }))[1], expected[1])
      assert.deepEqual((await store.list({ before: 3, order: 'newest' })).items[0], expected[1])
      assert.equal((await store.header('system', by.commandId))?.commandType, 'Store.Rewrite')
      assert.deepEqual((await store.parts('system', by.commandId))?.audit, audit)
    },
  },
  {
    group,
    needs,
    name: 'a deleted event keeps its place, and loses type and data',
    run: async ({ store }) => {
      const given = commit({ streams: [stream('a', 'any', ['1', '"hidden-text"', '3'])] })
      await stored(store, given)
      const before = await wholeLog(store)
      const key = { tenant, commandId: given.commandId, index: 1 }
      assert.equal((await store.rewrite({ ...key, data: undefined, record: record() }))?.verdict, 'stored')
      const log = await wholeLog(store)
      assert.deepEqual(log[1], { ...(before[1] as object), type: deletedEventType, data: 'null' })
      assert.deepEqual([log[0], log[2]], [before[0], before[2]])
      assert.ok(!JSON.stringify(log).includes('hidden-text'))
      assert.equal(await store.total({ types: [deletedEventType] }), 1)
      assert.deepEqual(await store.versions([{ tenant, aggregateType: 'Order', aggregateId: 'a' }]), [3])
    },
  },
  {
    group,
    needs,
    name: 'an event that is missing or deleted is absent, and nothing is recorded of it',
    run: async ({ store }) => {
      const given = commit({ streams: [stream('a')] })
      await stored(store, given)
      const own = { tenant, commandId: given.commandId, index: 0 }
      await store.rewrite({ ...own, data: undefined, record: record() })
      const by = record()
      for (const key of [own, { ...own, index: 1 }, { ...own, tenant: 'other' }, { ...own, commandId: 'missing' }]) {
        assert.equal(await store.rewrite({ ...key, data: '2', record: by }), undefined)
        assert.equal(await store.rewrite({ ...key, data: undefined, record: by }), undefined)
      }
      assert.equal(await store.header(tenant, by.commandId), undefined)
      const receipt = await stored(store, commit({ streams: [stream('a', 1)] }))
      assert.deepEqual([receipt.commitNo, receipt.position, receipt.firstVersions], [3, 2, [2]])
    },
  },
  {
    group,
    needs,
    name: 'a record that is not stored leaves the event as it is',
    run: async ({ store }) => {
      const given = commit({ streams: [stream('a')] })
      await stored(store, given)
      const key = { tenant, commandId: given.commandId, index: 0 }
      const by = record()
      await store.rewrite({ ...key, data: '"first"', record: by })
      const again = await store.rewrite({ ...key, data: '"second"', record: by })
      assert.equal(again?.verdict, 'duplicate')
      const reads = [{ aggregateType: 'Order', aggregateId: 'a', version: 7 }]
      assert.equal((await store.rewrite({ ...key, data: '"third"', record: record({ reads }) }))?.verdict, 'conflict')
      assert.equal((await store.get(key))?.data, '"first"')
    },
  },
  {
    group,
    needs,
    name: 'a record without an audit entry, or with events, is refused, and so is data that cannot be stored',
    run: async ({ store }) => {
      const given = commit({ streams: [stream('a')] })
      await stored(store, given)
      const rewrite = (fields: Partial<EventRewrite>): Promise<unknown> =>
        store.rewrite({ tenant, commandId: given.commandId, index: 0, data: '2', record: record(), ...fields })
      await assert.rejects(rewrite({ record: record({ audit: [] }) }), /audit entry/)
      await assert.rejects(rewrite({ record: record({ streams: [stream('b')] }) }), /no streams/)
      await assert.rejects(rewrite({ index: -1 }), RangeError)
      await refused('invalid_output', [rewrite({ data: '"\ud800"' }), rewrite({ data: '"\0"' }), rewrite({ data: '' })])
      await refused('payload_too_large', [rewrite({ data: `"${'x'.repeat(1024 * 1024)}"` })])
      await refused('invalid_key', [rewrite({ commandId: '' }), rewrite({ record: record({ commandId: '' }) })])
      assert.equal((await wholeLog(store))[0]?.data, '{}')
      assert.equal((await store.list({})).items.length, 1)
    },
  },
  {
    group,
    needs,
    name: 'commits that run meanwhile get their places as if nothing were rewritten',
    run: async ({ store }) => {
      const first = commit({ streams: [stream('a')] })
      await stored(store, first)
      const commits = oneTo(120).map((i) =>
        stored(store, commit({ streams: [stream(`s${i % 5}`, 'any', ['1', '2'])] })),
      )
      const rewrites = oneTo(10).map((i) =>
        store.rewrite({ tenant, commandId: first.commandId, index: 0, data: String(i), record: record() }),
      )
      await Promise.all([...commits, ...rewrites])
      const log = await wholeLog(store)
      assert.deepEqual(
        log.map(({ position }) => position),
        oneTo(241),
      )
      const versions = log.filter(({ aggregateId }) => aggregateId === 's1').map(({ version }) => version)
      assert.deepEqual(versions, oneTo(48))
      const { commitNo } = await stored(store, commit({ streams: [stream('a', 1)] }))
      assert.equal(commitNo, 132)
    },
  },
]

export const emptyingCases: readonly EventStoreCase[] = [
  {
    group: 'emptying',
    needs,
    name: 'an emptied log begins anew, with another incarnation and secret',
    run: async ({ store }) => {
      const { incarnation, secret } = store.identity
      const idempotency = { sender: 'alice', key: 'key', fingerprint: 'print' }
      const given = commit({
        idempotency,
        streams: [stream('a', 'noStream', ['1', '2'])],
        messages: [{ key: 'Order/a', type: 'Order.Sent', schemaVersion: 1, data: '1' }],
        jobs: [{ type: 'Order.Remind', data: '1' }],
      })
      await stored(store, given)
      await store.reset()
      assert.notEqual(store.identity.incarnation, incarnation)
      assert.notEqual(store.identity.secret, secret)
      assert.match(store.identity.secret, /^[0-9a-f]{64}$/)
      assert.deepEqual([await store.head(), await store.total(), await wholeLog(store)], [0, 0, []])
      assert.equal(await store.header(tenant, given.commandId), undefined)
      assert.equal(await store.parts(tenant, given.commandId), undefined)
      assert.deepEqual((await store.list({})).items, [])
      assert.equal((await store.info()).items, 0)
      // The same command, key and stream are new ones.
      const receipt = await stored(store, given)
      assert.deepEqual([receipt.commitNo, receipt.position, receipt.firstVersions], [1, 2, [1]])
    },
  },
  {
    group: 'emptying',
    needs,
    name: 'audit entries stay, with the headers of their commands, in their order',
    run: async ({ store }) => {
      for (const i of oneTo(6)) {
        await stored(
          store,
          commit({ streams: [stream('a', 'any', ['1', '2'])], jobs: [{ type: 'Order.Remind', data: '1' }] }),
        )
        const fields = { commandId: `audited-${i}`, tenant: i % 2 === 0 ? tenant : 'other', streams: [stream('b')] }
        await stored(store, record({ ...fields, audit: [auditEntry('Order.Place', String(i))] }))
      }
      await store.reset()
      await store.reset()
      for (const i of oneTo(6)) {
        const of = i % 2 === 0 ? tenant : 'other'
        const header = await store.header(of, `audited-${i}`)
        assert.deepEqual([header?.commitNo, header?.position, header?.eventCount], [i, 0, 0])
        assert.deepEqual(await store.parts(of, `audited-${i}`), {
          messages: [],
          jobs: [],
          audit: [auditEntry('Order.Place', String(i))],
        })
        assert.equal(await store.get({ tenant: of, commandId: `audited-${i}`, index: 0 }), undefined)
      }
      const receipt = await stored(store, commit({ streams: [stream('b', 'noStream')] }))
      assert.deepEqual([receipt.commitNo, receipt.position], [7, 1])
      assert.equal((await store.commit(record({ commandId: 'audited-2' }))).verdict, 'duplicate')
    },
  },
  {
    group: 'emptying',
    needs,
    name: 'commits that run meanwhile are before it and gone, or after it and whole',
    run: async ({ store }) => {
      const commits = oneTo(100).map((i) =>
        stored(store, commit({ streams: [stream(`s${i % 3}`, 'any', ['1', '2'])] })),
      )
      const [, ...receipts] = await Promise.all([store.reset(), ...commits])
      const log = await wholeLog(store)
      assert.deepEqual(
        log.map(({ position }) => position),
        oneTo(log.length),
      )
      const after = receipts.filter(({ position }) => log.some((event) => event.position === position))
      assert.ok(after.length * 2 >= log.length)
      for (const name of ['s0', 's1', 's2']) {
        const versions = log.filter(({ aggregateId }) => aggregateId === name).map(({ version }) => version)
        assert.deepEqual(versions, oneTo(versions.length))
      }
    },
  },
]
