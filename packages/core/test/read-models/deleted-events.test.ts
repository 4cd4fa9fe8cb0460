// Events that were deleted keep their places: folds pass over them, and positions, versions and checkpoints go on as if nothing happened.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aggregate, createApp, domain, event, memory } from '@gesta/core'
import { z } from 'zod'
import type { Backend, OpenBackend } from '../../src/stores/backend.ts'
import { deletedEventType } from '../../src/stores/event/event-store.ts'
import type { StoredEvent } from '../../src/stores/event/event-store.ts'
import { runtime } from '../stores/runtime.ts'
import { accountDomain, deposit, get, open, withdraw } from '../account-domain.ts'

/** A store that outlives the apps on it; each of them builds views of its own. */
async function place(): Promise<{ readonly backend: Backend; readonly opened: OpenBackend }> {
  const opened = await memory({ allowRewriting: true }).open(runtime)
  return {
    opened,
    backend: {
      backend: 'memory',
      open: async () => ({
        ...opened,
        readModels: (await memory().open(runtime)).readModels,
        [Symbol.asyncDispose]: async () => undefined,
      }),
    },
  }
}

async function remove({ events }: OpenBackend, { tenant, commandId, index }: StoredEvent): Promise<void> {
  const header = { commandType: 'Store.Delete', outcome: 'accepted', answer: undefined } as const
  const record = {
    commandId: `delete-${commandId}`,
    tenant,
    context: '{}',
    recordedAt: 1,
    header: { ...header, version: undefined, fingerprint: undefined },
    streams: [],
    reads: [],
    idempotency: undefined,
    messages: [],
    jobs: [],
    audit: [{ action: 'StoreEvent.Delete', actor: 'root', resource: '', outcome: 'succeeded' as const, data: '{}' }],
  }
  const verdict = await events.rewrite({ tenant, commandId, index, data: undefined, record })
  assert.equal(verdict?.verdict, 'stored')
}

test('aggregates and read models pass over deleted events', async () => {
  const { backend, opened } = await place()
  const bank = createApp('bank', { domains: [accountDomain] })
  {
    await using running = await bank.start({ store: backend })
    await running.dispatch(open({ accountId: 'a', owner: 'alice' }))
    for (const pence of [1, 10, 100]) await running.dispatch(deposit({ accountId: 'a', pence }))
  }
  const [, , middle, last] = await opened.events.readAll({ after: 0 })
  for (const stored of [middle, last]) if (stored !== undefined) await remove(opened, stored)

  await using running = await bank.start({ store: backend })
  await running.caughtUp()
  assert.deepEqual(await running.query(get({ accountId: 'a' })), { balance: 1, version: 2 })
  // Versions count the deleted events too, so the next one does not collide with them.
  const withdrawn = await running.dispatch(withdraw({ accountId: 'a', pence: 1 }))
  assert.ok(withdrawn.ok && withdrawn.result.balance === 0)
  const refused = await running.dispatch(withdraw({ accountId: 'a', pence: 1 }))
  assert.ok(!refused.ok && refused.rejection.code === 'too_little')
  const seen = await running.query(get({ accountId: 'a' }), { after: withdrawn.token })
  assert.deepEqual(seen, { balance: 0, version: 5 })
  assert.equal(await opened.events.head(), 5)
})

test('the name of deleted events cannot be taken', () => {
  const Deleted = event(deletedEventType, z.object({}))
  const Thing = aggregate('Thing', () => 0).on(Deleted, (state) => state)
  const things = domain('Thing', { permissions: 'anonymous', handlers: [], aggregates: [Thing] })
  assert.throws(() => createApp('things', { domains: [things] }), /Gesta\.Deleted stands for events that were deleted/)
})
