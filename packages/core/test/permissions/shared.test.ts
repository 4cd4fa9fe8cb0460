// Revocation across processes: the other one did it, and this one was not told.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Directory } from '@gesta/core'
import type { PermissionOptions } from '@gesta/core'
import type { EventStore } from '../../src/stores/event/event-store.ts'
import { createSharedStore } from './shared-store.ts'
import type { Process, SharedStore } from './shared-store.ts'
import {
  ann,
  ask,
  end,
  grant,
  inAcme,
  inSystem,
  look,
  revoke,
  sign,
  teamDirectory,
  teams,
  work,
  workDomain,
} from './team-domain.ts'

interface Pair {
  readonly store: SharedStore
  /** Where permissions change. */
  readonly here: Process
  /** Where they are asked for. */
  readonly there: Process
  set(message: typeof grant | typeof revoke, permission?: string): Promise<unknown>
  stop(): Promise<void>
}
async function pair(
  permissions: PermissionOptions = {},
  directory: Directory = teamDirectory,
  wrap?: (events: EventStore) => Partial<EventStore>,
): Promise<Pair> {
  const store = await createSharedStore()
  const here = await store.process([teams, workDomain()], { directory })
  const there = await store.process([teams, workDomain()], { directory, permissions }, wrap)
  return {
    store,
    here,
    there,
    set: (message, permission = 'Work.*') =>
      here.does(here.running.dispatch(message({ identity: 'ann', permission }), { context: inAcme })),
    stop: async () => {
      await there[Symbol.asyncDispose]()
      await here[Symbol.asyncDispose]()
    },
  }
}
async function withPair(run: (apps: Pair) => Promise<void>, ...more: Parameters<typeof pair>): Promise<void> {
  const apps = await pair(...more)
  try {
    await run(apps)
  } finally {
    await apps.stop()
  }
}
const denied = { code: 'permission_denied' }

describe('a permission that another process grants and revokes', () => {
  test('is there at once and gone at once, for queries and commands', () =>
    withPair(async ({ there, set }) => {
      const caller = there.running.as(ann)
      for (let round = 0; round < 3; round++) {
        await assert.rejects(there.does(caller.query(ask())), denied)
        await assert.rejects(there.does(caller.dispatch(work({}))), denied)
        await set(grant)
        assert.equal(await there.does(caller.query(ask())), 'answer')
        assert.ok((await there.does(caller.dispatch(work({})))).ok)
        await set(revoke)
      }
      await set(grant)
      assert.ok((await there.does(caller.dispatch(work({})))).ok)
      await set(revoke)
      await assert.rejects(there.does(caller.dispatch(work({}))), denied, 'the condition of its commit tells')
    }))

  test('so are sessions that end', () =>
    withPair(async ({ here, there }) => {
      const caller = there.running.as(ann)
      assert.equal(await there.does(caller.query(look())), 'seen')
      assert.ok((await there.does(caller.dispatch(sign({})))).ok)
      await here.does(here.running.dispatch(end({ kind: 'session', id: 's-1' }), { context: inSystem }))
      await assert.rejects(there.does(caller.dispatch(sign({}))), denied)
      await assert.rejects(there.does(caller.query(look())), denied)
    }))

  test('a command that fails or is rejected tells nothing to who was revoked', () =>
    withPair(async ({ there, set }) => {
      const caller = there.running.as(ann)
      await set(grant)
      assert.equal((await there.does(caller.dispatch(work({ desk: 'closed' })))).ok, false)
      await assert.rejects(there.does(caller.dispatch(work({ desk: 'broken' }))), { message: 'the desk is broken' })
      await set(revoke)
      await assert.rejects(there.does(caller.dispatch(work({ desk: 'closed' }))), denied)
      await set(grant)
      assert.equal(await there.does(caller.query(ask())), 'answer')
      await set(revoke)
      await assert.rejects(there.does(caller.dispatch(work({ desk: 'broken' }))), denied)
    }))

  test('a repetition under a name is asked anew before the first outcome is given back', () =>
    withPair(async ({ there, set }) => {
      await set(grant)
      const named = { context: ann, commandId: 'c-1' }
      const keyed = { context: ann, idempotencyKey: 'k-1' }
      for (const options of [named, keyed]) assert.ok((await there.does(there.running.dispatch(work({}), options))).ok)
      for (const options of [named, keyed]) assert.ok((await there.does(there.running.dispatch(work({}), options))).ok)
      await set(revoke)
      for (const options of [named, keyed])
        await assert.rejects(there.does(there.running.dispatch(work({}), options)), denied)
    }))
})

describe('the epochs of several processes', () => {
  test('are read once for all queries that wait, in a read that began after they came', async () => {
    const gate: { open?: () => void; begun: number } = { begun: 0 }
    const slow = (events: EventStore): Partial<EventStore> => ({
      readTails: async (read) => {
        gate.begun++
        await new Promise<void>((resolve) => (gate.open = resolve))
        return events.readTails(read)
      },
    })
    await withPair(
      async ({ there, set, store }) => {
        const openAll = async (): Promise<void> => {
          for (let at = 0; at < 40; at++) {
            gate.open?.()
            await store.clock.advance(10)
          }
        }
        const caller = there.running.as(ann)
        await set(grant)
        const first = caller.query(ask())
        await openAll()
        assert.equal(await first, 'answer')
        const before = gate.begun
        const one = caller.query(ask())
        await store.clock.advance(1)
        const crowd = Array.from({ length: 64 }, () => caller.query(ask()))
        await store.clock.advance(1)
        assert.equal(gate.begun - before, 1, 'one is under way, and everybody else waits for the next')
        await openAll()
        assert.deepEqual([...new Set([await one, ...(await Promise.all(crowd))])], ['answer'])
        assert.equal(gate.begun - before, 2)
      },
      {},
      teamDirectory,
      slow,
    )
  })

  test('are not read for commands whose permission is known', () =>
    withPair(async ({ there, set }) => {
      await set(grant)
      const caller = there.running.as(ann)
      await there.does(caller.dispatch(work({})))
      const { reads } = there
      await there.does(caller.dispatch(work({})))
      assert.equal(there.reads, reads)
      await there.does(caller.query(ask()))
      assert.equal(there.reads, reads + 1)
    }))

  test('may be as old as staleMs for queries, and never for commands or denials', () =>
    withPair(
      async ({ there, set, store }) => {
        const caller = there.running.as(ann)
        await assert.rejects(there.does(caller.query(ask())), denied)
        await set(grant)
        assert.equal(await there.does(caller.query(ask())), 'answer')
        await set(revoke)
        await assert.rejects(there.does(caller.dispatch(work({}))), denied)
        await set(grant)
        assert.equal(await there.does(caller.query(ask())), 'answer')
        const { reads } = there
        assert.equal(await there.does(caller.query(ask())), 'answer')
        assert.equal(there.reads, reads)
        await store.clock.advance(10_001)
        await set(revoke)
        await assert.rejects(there.does(caller.query(ask())), denied)
      },
      { staleMs: 10_000 },
    ))
})

describe('a stale answer of a directory', () => {
  test('is never kept: permissions that change while they are looked up are looked up again', async () => {
    const changes: (() => Promise<unknown>)[] = []
    const slow: Directory = {
      ...teamDirectory,
      group: async (tenant, id, looking) => {
        const answer = await teamDirectory.group(tenant, id, looking)
        await changes.shift()?.()
        return answer
      },
    }
    await withPair(
      async ({ here, there, set }) => {
        const caller = there.running.as(ann)
        await set(grant)
        changes.push(() =>
          here.running.dispatch(revoke({ identity: 'ann', permission: 'Work.*' }), {
            context: inAcme,
            role: undefined,
          }),
        )
        await assert.rejects(there.does(caller.query(ask())), denied)
        await assert.rejects(there.does(caller.query(ask())), denied)
      },
      {},
      slow,
    )
  })
})
