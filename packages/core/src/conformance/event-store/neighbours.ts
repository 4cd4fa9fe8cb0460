// Commits that are stored together do not harm one another: each has its own verdict.
import assert from 'node:assert/strict'
import type { Commit, Verdict } from '../../stores/commit.ts'
import { commit, oneTo, refused, stored, stream, tenant, wholeLog } from './given.ts'
import type { EventStoreCase } from './given.ts'

const group = 'neighbours'
export const neighbourCases: readonly EventStoreCase[] = [
  {
    group,
    name: 'conflicts, duplicates and refused commits between good ones change nothing for the good ones',
    run: async ({ store }) => {
      const twin = commit({ streams: [stream('twin')] })
      await stored(store, twin)
      const given: { readonly commit: Commit; readonly expected: Verdict['verdict'] | 'refused' }[] = oneTo(120).map(
        (i) => {
          if (i % 4 === 1) return { commit: commit({ streams: [stream(`c${i}`, 'exists')] }), expected: 'conflict' }
          if (i % 4 === 2) return { commit: { ...twin, streams: [stream(`d${i}`)] }, expected: 'duplicate' }
          if (i % 4 === 3) return { commit: commit({ streams: [stream(`e${i}\0`)] }), expected: 'refused' }
          return { commit: commit({ streams: [stream(`good-${i}`, 'noStream', ['1', '2'])] }), expected: 'stored' }
        },
      )
      const results = await Promise.all(
        given.map((one) =>
          store.commit(one.commit).then(
            ({ verdict }) => verdict,
            () => 'refused' as const,
          ),
        ),
      )
      assert.deepEqual(
        results,
        given.map(({ expected }) => expected),
      )
      const log = await wholeLog(store)
      assert.deepEqual(
        log.map(({ position }) => position),
        oneTo(61),
      )
      assert.equal((await stored(store, commit())).commitNo, 32)
    },
  },
  {
    group,
    name: 'commits of many tenants and of both lanes, given at once, are all stored',
    run: async ({ store }) => {
      const receipts = await Promise.all(
        oneTo(300).map((i) =>
          store.commit(commit({ tenant: `tenant-${i % 9}`, streams: [stream(`s${i % 11}`)] }), {
            lane: i % 2 === 0 ? 'bulk' : 'normal',
          }),
        ),
      )
      assert.ok(receipts.every(({ verdict }) => verdict === 'stored'))
      assert.equal(await store.head(), 300)
    },
  },
  {
    group,
    name: 'a commit whose signal was aborted before it was given is not stored',
    run: async ({ store }) => {
      const reason = new Error('the caller left')
      const given = commit({ streams: [stream('a')] })
      await assert.rejects(store.commit(given, { signal: AbortSignal.abort(reason) }), (error) => error === reason)
      assert.equal(await store.header(tenant, given.commandId), undefined)
    },
  },
  {
    group,
    name: 'a commit whose signal aborts while it waits is stored or not, and the caller is told the truth',
    run: async ({ store }) => {
      const leaving = new AbortController()
      const given = oneTo(200).map((i) => commit({ commandId: `c${i}`, streams: [stream('hot')] }))
      const results = given.map((one) =>
        store.commit(one, { signal: leaving.signal }).then(
          () => true,
          (error: unknown) => error !== leaving.signal.reason,
        ),
      )
      leaving.abort()
      for (const [index, wasStored] of (await Promise.all(results)).entries()) {
        assert.equal((await store.header(tenant, given[index]?.commandId ?? '')) !== undefined, wasStored)
      }
    },
  },
  {
    group,
    name: 'a closed store refuses commits and reads',
    run: async ({ store }) => {
      await store[Symbol.asyncDispose]()
      await refused(store.commit(commit()), 'store_closed')
      await refused(store.readAll({ after: 0 }), 'store_closed')
      await refused(store.readStream({ tenant, aggregateType: 'Order', aggregateId: 'a' }), 'store_closed')
      await refused(store.head(), 'store_closed')
      await store[Symbol.asyncDispose]()
    },
  },
  {
    group,
    name: 'closing waits for the commits that were given',
    run: async ({ store }) => {
      const given = oneTo(50).map((i) => store.commit(commit({ streams: [stream(`s${i}`)] })))
      await store[Symbol.asyncDispose]()
      assert.ok((await Promise.all(given)).every(({ verdict }) => verdict === 'stored'))
    },
  },
]
