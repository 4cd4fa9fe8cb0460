// A log that was restored from a backup is forked: another incarnation, the same events.
import assert from 'node:assert/strict'
import { commit, stored, stream, wholeLog } from './given.ts'
import type { EventStoreCase } from './given.ts'

const group = 'forking'

export const forkingCases: readonly EventStoreCase[] = [
  {
    group,
    name: 'a fork has another incarnation, the same secret and the same events, and goes on',
    run: async ({ store }) => {
      const before = store.identity
      await stored(store, commit({ streams: [stream('a', 'noStream', ['1', '2'])] }))
      const log = await wholeLog(store)
      const after = await store.fork()
      assert.notEqual(after.incarnation, before.incarnation)
      assert.equal(after.secret, before.secret)
      assert.deepEqual(store.identity, after)
      assert.deepEqual(await wholeLog(store), log)
      const { position } = await stored(store, commit({ streams: [stream('a', 2)] }))
      assert.equal(position, 3)
    },
  },
  {
    group,
    needs: 'durable',
    name: 'a fork is found again when the store is opened again',
    run: async ({ store, reopen }) => {
      const { incarnation, secret } = await store.fork()
      const { identity } = await reopen()
      assert.deepEqual([identity.incarnation, identity.secret], [incarnation, secret])
    },
  },
]
