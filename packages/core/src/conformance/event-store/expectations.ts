// Optimistic concurrency: what a commit expects of the streams it writes and of those it only read.
import assert from 'node:assert/strict'
import type { Expectation, ReadCondition, Verdict } from '../../stores/commit.ts'
import { commit, oneTo, read, refused, stored, stream, tenant, wholeLog } from './given.ts'
import type { EventStoreCase } from './given.ts'

const group = 'expectations'
const onNew: readonly [Expectation, boolean][] = [
  ['any', true],
  ['noStream', true],
  [0, true],
  ['exists', false],
  [1, false],
  [2, false],
]
const onVersionTwo: readonly [Expectation, boolean][] = [
  ['any', true],
  ['exists', true],
  [2, true],
  ['noStream', false],
  [0, false],
  [1, false],
  [3, false],
]

/** A condition on a stream of a tenant. */
const elsewhere = (of: string, aggregateId: string, version: number): ReadCondition => {
  return { ...read(aggregateId, version), tenant: of }
}
/** `of`: the tenant that the condition names. */
const conflict = (aggregateId: string, expected: number, actual: number, of?: string): Verdict => {
  const name = { aggregateType: 'Order', aggregateId, ...(of !== undefined && { tenant: of }) }
  return { verdict: 'conflict', stream: name, expected, actual }
}

export const expectationCases: readonly EventStoreCase[] = [
  {
    group,
    name: 'each expectation on a new stream: any, noStream and 0 are met, the others say what was there',
    run: async ({ store }) => {
      for (const [expectation, met] of onNew) {
        const verdict = await store.commit(commit({ streams: [stream(`new-${expectation}`, expectation)] }))
        assert.equal(verdict.verdict, met ? 'stored' : 'conflict', String(expectation))
        if (!met)
          assert.deepEqual(verdict, {
            verdict: 'conflict',
            stream: { aggregateType: 'Order', aggregateId: `new-${expectation}` },
            expected: expectation,
            actual: 0,
          })
      }
    },
  },
  {
    group,
    name: 'each expectation on a stream at version 2: any, exists and 2 are met, the others say what was there',
    run: async ({ store }) => {
      for (const [expectation, met] of onVersionTwo) {
        const id = `old-${expectation}`
        await stored(store, commit({ streams: [stream(id, 'any', ['1', '2'])] }))
        const verdict = await store.commit(commit({ streams: [stream(id, expectation)] }))
        assert.equal(verdict.verdict, met ? 'stored' : 'conflict', String(expectation))
        if (!met)
          assert.deepEqual(verdict, {
            verdict: 'conflict',
            stream: { aggregateType: 'Order', aggregateId: id },
            expected: expectation,
            actual: 2,
          })
      }
    },
  },
  {
    group,
    name: 'a stream that was only read must still be at its version',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('read', 'any', ['1', '2'])] }))
      await stored(store, commit({ streams: [stream('written')], reads: [read('read', 2)] }))
      const verdict = await store.commit(commit({ streams: [stream('written')], reads: [read('read', 1)] }))
      assert.deepEqual(verdict, {
        verdict: 'conflict',
        stream: { aggregateType: 'Order', aggregateId: 'read' },
        expected: 1,
        actual: 2,
      })
      assert.equal(await store.head(), 3)
    },
  },
  {
    group,
    name: 'a stream that was read while it did not exist must still not exist',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('written')], reads: [read('missing', 0)] }))
      const gone = await store.commit(commit({ streams: [stream('written')], reads: [read('missing', 1)] }))
      assert.deepEqual(gone, {
        verdict: 'conflict',
        stream: { aggregateType: 'Order', aggregateId: 'missing' },
        expected: 1,
        actual: 0,
      })
      await stored(store, commit({ streams: [stream('missing')] }))
      const came = await store.commit(commit({ streams: [stream('written')], reads: [read('missing', 0)] }))
      assert.deepEqual(came, {
        verdict: 'conflict',
        stream: { aggregateType: 'Order', aggregateId: 'missing' },
        expected: 0,
        actual: 1,
      })
    },
  },
  {
    group,
    name: 'a condition holds for a commit without events too, and for a stream that the commit writes',
    run: async ({ store }) => {
      assert.equal((await store.commit(commit({ reads: [read('a', 1)] }))).verdict, 'conflict')
      await stored(store, commit({ reads: [read('a', 0)] }))
      await stored(store, commit({ streams: [stream('a')], reads: [read('a', 0)] }))
      assert.equal((await store.commit(commit({ streams: [stream('a')], reads: [read('a', 0)] }))).verdict, 'conflict')
    },
  },
  {
    group,
    name: "a condition on another tenant's stream must be met there, whatever the commit's own tenant has of that name",
    run: async ({ store }) => {
      await stored(store, commit({ tenant: 'other', streams: [stream('epoch', 'any', ['1', '2'])] }))
      await stored(store, commit({ streams: [stream('epoch')] }))
      await stored(store, commit({ streams: [stream('a')], reads: [elsewhere('other', 'epoch', 2)] }))
      await stored(store, commit({ reads: [elsewhere('other', 'epoch', 2), read('epoch', 1)] }))
      const given = commit({ streams: [stream('a')], reads: [elsewhere('other', 'epoch', 1)] })
      assert.deepEqual(await store.commit(given), conflict('epoch', 1, 2, 'other'))
      assert.equal(await store.header(tenant, given.commandId), undefined)
      await stored(store, commit({ tenant: 'other', streams: [stream('epoch')] }))
      const moved = await store.commit(commit({ streams: [stream('a')], reads: [elsewhere('other', 'epoch', 2)] }))
      assert.deepEqual(moved, conflict('epoch', 2, 3, 'other'))
      const own = await store.commit(commit({ reads: [elsewhere('other', 'epoch', 3), read('epoch', 2)] }))
      assert.deepEqual(own, conflict('epoch', 2, 1))
      assert.equal(await store.head(), 5)
    },
  },
  {
    group,
    name: 'a condition that names the tenant of its commit is one on its own stream, also on one that it writes',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('a')] }))
      await stored(store, commit({ streams: [stream('a')], reads: [elsewhere(tenant, 'a', 1)] }))
      const verdict = await store.commit(commit({ streams: [stream('b')], reads: [elsewhere(tenant, 'a', 1)] }))
      assert.deepEqual(verdict, conflict('a', 1, 2, tenant))
    },
  },
  {
    group,
    name: 'a condition on a stream of a tenant that has nothing is met at version 0 alone',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('a')] }))
      await stored(store, commit({ streams: [stream('a')], reads: [elsewhere('nobody', 'a', 0)] }))
      const verdict = await store.commit(commit({ streams: [stream('a')], reads: [elsewhere('nobody', 'a', 2)] }))
      assert.deepEqual(verdict, conflict('a', 2, 0, 'nobody'))
    },
  },
  {
    group,
    name: 'the empty text is a tenant of its own in a condition, and not the tenant of the commit',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('a')] }))
      await stored(store, commit({ streams: [stream('b')], reads: [elsewhere('', 'a', 0)] }))
      assert.deepEqual(await store.commit(commit({ reads: [elsewhere('', 'a', 1)] })), conflict('a', 1, 0, ''))
      await stored(store, commit({ tenant: '', streams: [stream('a', 'any', ['1', '2'])] }))
      await stored(store, commit({ streams: [stream('b')], reads: [elsewhere('', 'a', 2), read('a', 1)] }))
      await stored(store, commit({ tenant: '', streams: [stream('b')], reads: [elsewhere(tenant, 'a', 1)] }))
      const given = commit({ tenant: '', streams: [stream('b')], reads: [elsewhere(tenant, 'a', 2)] })
      assert.deepEqual(await store.commit(given), conflict('a', 2, 1, tenant))
    },
  },
  {
    group,
    name: 'a condition whose tenant is no text that can be kept is refused',
    run: async ({ store }) => {
      for (const name of ['a\0b', '\ud800', 'x'.repeat(2_000)])
        await refused(store.commit(commit({ reads: [elsewhere(name, 'a', 0)] })), 'invalid_key')
      await stored(store, commit({ reads: [elsewhere("o'Brien ü", 'a', 0)] }))
    },
  },
  {
    group,
    name: 'of a commit that moves a stream and one of another tenant that has read it, the reader is first or told of it',
    run: async ({ store }) => {
      for (const i of oneTo(10)) {
        const [moved, reading] = await Promise.all([
          store.commit(commit({ tenant: 'other', streams: [stream('epoch', i - 1)] })),
          store.commit(commit({ streams: [stream('a')], reads: [elsewhere('other', 'epoch', i - 1)] })),
        ])
        assert.ok(moved.verdict === 'stored')
        if (reading.verdict === 'stored') assert.ok(reading.commitNo < moved.commitNo)
        else assert.deepEqual(reading, conflict('epoch', i - 1, i, 'other'))
      }
    },
  },
  {
    group,
    name: 'of many commits that expect the same version exactly one wins, version after version',
    run: async ({ store }) => {
      for (const version of oneTo(10)) {
        const verdicts = await Promise.all(
          oneTo(8).map(() => store.commit(commit({ streams: [stream('hot', version - 1)] }))),
        )
        assert.equal(verdicts.filter(({ verdict }) => verdict === 'stored').length, 1)
        for (const verdict of verdicts)
          if (verdict.verdict === 'conflict')
            assert.deepEqual([verdict.expected, verdict.actual], [version - 1, version])
      }
      const events = await store.readStream({ tenant, aggregateType: 'Order', aggregateId: 'hot' })
      assert.deepEqual(
        events.map(({ version }) => version),
        oneTo(10),
      )
    },
  },
  {
    group,
    name: 'many commits that expect nothing of one stream are all stored, one version after the other',
    run: async ({ store }) => {
      await Promise.all(oneTo(150).map(() => stored(store, commit({ streams: [stream('hot')] }))))
      assert.deepEqual(
        (await wholeLog(store)).map(({ version }) => version),
        oneTo(150),
      )
    },
  },
  {
    group,
    name: 'of two commits that each read what the other writes at most one is stored',
    run: async ({ store }) => {
      for (const i of oneTo(10)) {
        const verdicts = await Promise.all([
          store.commit(commit({ streams: [stream(`left-${i}`)], reads: [read(`right-${i}`, 0)] })),
          store.commit(commit({ streams: [stream(`right-${i}`)], reads: [read(`left-${i}`, 0)] })),
        ])
        assert.deepEqual(verdicts.map(({ verdict }) => verdict).sort(), ['conflict', 'stored'])
      }
    },
  },
]
