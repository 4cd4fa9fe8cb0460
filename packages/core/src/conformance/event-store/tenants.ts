// Tenants do not meet in any key: the same ids in two tenants are different things.
import assert from 'node:assert/strict'
import { commit, read, stored, stream } from './given.ts'
import type { EventStoreCase } from './given.ts'

const group = 'tenants'
export const tenantCases: readonly EventStoreCase[] = [
  {
    group,
    name: 'the same stream, command id and key in two tenants are stored twice and read apart',
    run: async ({ store }) => {
      const idempotency = { sender: 'alice', key: 'key', fingerprint: 'print' }
      for (const tenant of ['left', 'right', '']) {
        await stored(
          store,
          commit({
            tenant,
            commandId: 'same',
            streams: [stream('a', 'noStream', [`"${tenant}"`])],
            idempotency,
            answer: `"${tenant}"`,
          }),
        )
      }
      assert.equal(await store.head(), 3)
      for (const tenant of ['left', 'right', '']) {
        const events = await store.readStream({ tenant, aggregateType: 'Order', aggregateId: 'a' })
        assert.deepEqual(
          events.map(({ data, version }) => [data, version]),
          [[`"${tenant}"`, 1]],
        )
        assert.equal((await store.header(tenant, 'same'))?.answer, `"${tenant}"`)
        assert.equal(
          (await store.headerByKey({ tenant, sender: 'alice', commandType: 'Order.Change', key: 'key' }))?.header
            .answer,
          `"${tenant}"`,
        )
      }
      assert.equal(await store.header('other', 'same'), undefined)
    },
  },
  {
    group,
    name: 'a stream of another tenant is no stream for expectations and conditions',
    run: async ({ store }) => {
      await stored(store, commit({ tenant: 'left', streams: [stream('a', 'any', ['1', '2'])] }))
      await stored(store, commit({ tenant: 'right', streams: [stream('b')], reads: [read('a', 0)] }))
      const verdict = await store.commit(commit({ tenant: 'right', streams: [stream('a', 'exists')] }))
      assert.ok(verdict.verdict === 'conflict' && verdict.actual === 0)
      const name = { aggregateType: 'Order', aggregateId: 'a' }
      assert.deepEqual(
        await store.versions([
          { tenant: 'right', ...name },
          { tenant: 'left', ...name },
        ]),
        [0, 2],
      )
    },
  },
  {
    group,
    name: 'texts that only together look alike do not meet',
    run: async ({ store }) => {
      await stored(store, commit({ tenant: 'a', commandId: 'b', streams: [stream('bc', 'noStream', ['1'], 'a')] }))
      await stored(store, commit({ tenant: 'a', commandId: 'c', streams: [stream('c', 'noStream', ['1'], 'ab')] }))
      await stored(store, commit({ tenant: 'ab', commandId: 'c', streams: [stream('c', 'noStream', ['1'], 'b')] }))
      // Case and trailing space are part of a key.
      await stored(store, commit({ tenant: 'A', commandId: 'b', streams: [stream('bc', 'noStream', ['1'], 'a')] }))
      await stored(store, commit({ tenant: 'a', commandId: 'b ', streams: [stream('bc ', 'noStream', ['1'], 'a')] }))
    },
  },
]
