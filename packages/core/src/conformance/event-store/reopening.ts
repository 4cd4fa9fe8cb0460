// Opening again: what was acknowledged is there, and the log goes on where it was.
import assert from 'node:assert/strict'
import { commit, oneTo, read, stored, stream, tenant, wholeLog } from './given.ts'
import type { EventStoreCase } from './given.ts'

const group = 'reopening'
export const reopeningCases: readonly EventStoreCase[] = [
  {
    group,
    needs: 'durable',
    name: 'incarnation and secret stay the same',
    run: async ({ store, reopen }) => {
      const { incarnation, secret } = store.identity
      assert.match(secret, /^[0-9a-f]{64}$/)
      assert.ok(incarnation.length > 0)
      const opened = await reopen()
      assert.deepEqual(opened.identity, { incarnation, secret })
    },
  },
  {
    group,
    needs: 'durable',
    name: 'events, headers, keys and parts are all there',
    run: async ({ store, reopen }) => {
      const given = oneTo(40).map((i) =>
        commit({
          streams: [stream(`s${i % 3}`, 'any', ['1', '2'])],
          idempotency: { sender: 'alice', key: `k${i}`, fingerprint: `p${i}` },
          jobs: [{ type: 'Order.Remind', data: String(i) }],
        }),
      )
      await Promise.all(given.map((one) => stored(store, one)))
      const before = await wholeLog(store)
      const opened = await reopen()
      assert.deepEqual(await wholeLog(opened), before)
      for (const [index, one] of given.entries()) {
        assert.equal((await opened.commit(one)).verdict, 'duplicate')
        assert.equal(
          (await opened.headerByKey({ tenant, sender: 'alice', commandType: 'Order.Change', key: `k${index + 1}` }))
            ?.fingerprint,
          `p${index + 1}`,
        )
        assert.deepEqual((await opened.parts(tenant, one.commandId))?.jobs, one.jobs)
      }
    },
  },
  {
    group,
    needs: 'durable',
    name: 'positions, commit numbers and versions go on without a gap, after commits with and without events',
    run: async ({ store, reopen }) => {
      await stored(store, commit({ streams: [stream('a', 'any', ['1', '2'])] }))
      await stored(store, commit())
      const opened = await reopen()
      const receipt = await stored(opened, commit({ streams: [stream('a', 2)], reads: [read('b', 0)] }))
      assert.deepEqual([receipt.commitNo, receipt.position, receipt.firstVersions], [3, 3, [3]])
    },
  },
]
