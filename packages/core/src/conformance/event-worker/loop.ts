// Receiving, dispatching and acknowledging, in this order.
import assert from 'node:assert/strict'
import { isContractError } from '../../registry/contract-error.ts'
import { createRegistry } from '../../registry/registry.ts'
import { createMemorySeenStore } from '../../stores/seen/memory-seen-store.ts'
import { kept, newStage, placed, playing } from './given.ts'
import type { EventWorkerCase } from './given.ts'

const group = 'loop'
export const loopCases: readonly EventWorkerCase[] = [
  {
    group,
    name: 'a source that is closed ends the worker',
    run: async ({ run }) => {
      const { registry, runtime } = newStage()
      const source = playing()
      await run(registry, source, { runtime })
      assert.equal(source.received, 1)
    },
  },
  {
    group,
    name: 'batches are dispatched one after the other, their events in order, each batch acknowledged after its last event',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe()
      await run(registry, playing(kept(diary, placed(2), placed(1)), kept(diary, placed(3))), { runtime })
      assert.deepEqual(diary, ['placed 2', 'placed 1', 'ack', 'placed 3', 'ack'])
    },
  },
  {
    group,
    name: 'ids are marked as seen after the batch was acknowledged',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe()
      const store = createMemorySeenStore()
      const seen = {
        ...store,
        mark: async (subscription: string, ids: readonly string[]) => {
          diary.push(`mark ${subscription} ${ids.join(' ')}`)
          await store.mark(subscription, ids)
        },
      }
      const source = playing(kept(diary, placed(1), placed(2)))
      await run(registry, source, { runtime, seen, subscription: 'mails' })
      assert.deepEqual(diary, ['placed 1', 'placed 2', 'ack', 'mark mails event-1 event-2'])
    },
  },
  {
    group,
    name: 'a batch without an ack hook has nothing to acknowledge, and its ids are marked',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe()
      const source = playing({ events: [placed(1)] }, { events: [placed(1), placed(2)] })
      await run(registry, source, { runtime })
      assert.deepEqual(diary, ['placed 1', 'placed 2'])
    },
  },
  {
    group,
    name: 'an empty batch is acknowledged, and the next one is received',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe()
      await run(registry, playing(kept(diary), { events: [] }, kept(diary, placed(1))), { runtime })
      assert.deepEqual(diary, ['ack', 'placed 1', 'ack'])
    },
  },
  {
    group,
    name: 'an event that nobody subscribes to is acknowledged',
    run: async ({ run }) => {
      const { registry, diary, runtime } = newStage()
      await run(registry, playing(kept(diary, placed(1))), { runtime })
      assert.deepEqual(diary, ['ack'])
    },
  },
  {
    group,
    name: 'subscribers of the role worker run unless another role is named, which runs its own',
    run: async ({ run }) => {
      for (const [role, lines] of [
        [undefined, ['placed 1', 'for workers']],
        ['cron', ['placed 1', 'for cron']],
      ] as const) {
        const { registry, diary, runtime, subscribe } = newStage()
        subscribe()
        subscribe(() => void diary.splice(-1, 1, 'for workers'), ['worker'])
        subscribe(() => void diary.splice(-1, 1, 'for cron'), ['cron'])
        await run(registry, playing({ events: [placed(1)] }), { runtime, role })
        assert.deepEqual(diary, lines)
      }
    },
  },
  {
    group,
    name: 'subscribers see the envelope, its trace and what caused them, beside what the worker was given',
    run: async ({ run }) => {
      const { registry, runtime, subscribe } = newStage()
      const seen: unknown[] = []
      subscribe((_, { event, context }) => void seen.push([event, context]))
      const traced = { ...placed(1), traceparent: '00-a-b-01', source: 'shop', publishedAt: '2026-01-02T03:04:05.000Z' }
      const context = { tenant: 'acme', traceparent: '00-c-d-01' }
      await run(registry, playing({ events: [traced, placed(2)] }), { runtime, context })
      assert.deepEqual(seen, [
        [
          { ...traced, schemaVersion: 1 },
          { tenant: 'acme', traceparent: '00-a-b-01', causationId: 'event-1' },
        ],
        [
          { ...placed(2), schemaVersion: 1 },
          { tenant: 'acme', traceparent: '00-c-d-01', causationId: 'event-2' },
        ],
      ])
    },
  },
  {
    group,
    name: 'presentation events are dropped: no subscriber sees one, and the rest of the batch is dispatched and acknowledged',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe()
      const seen = createMemorySeenStore()
      const shown = (n: number) =>
        ({ id: `shown-${n}`, category: 'presentation', type: 'Order.Shown', value: { n } }) as const
      const misnamed = { ...shown(2), type: 'Order.Placed' }
      const source = playing(kept(diary, shown(1), placed(1), misnamed, placed(2)), kept(diary, shown(3)))
      await run(registry, source, { runtime, seen, subscription: 's' })
      assert.deepEqual(diary, ['placed 1', 'placed 2', 'ack', 'ack'])
      assert.equal(await seen.total(), 2)
    },
  },
  {
    group,
    name: 'a registry or source that is missing is named, and a role or option that does not exist is refused',
    run: async ({ run }) => {
      const { runtime } = newStage()
      const nil = (error: unknown): boolean => isContractError(error, 'nil_handler')
      await assert.rejects(run(undefined as never, playing(), { runtime }), nil)
      await assert.rejects(run(createRegistry(), undefined as never, { runtime }), nil)
      await assert.rejects(run(createRegistry(), {} as never, { runtime }), nil)
      const source = playing({ events: [placed(1)] })
      for (const role of ['any', 'wroker', ''])
        await assert.rejects(
          run(createRegistry(), source, { runtime, role: role as never }),
          /role of web, api, worker/,
        )
      await assert.rejects(run(createRegistry(), source, { runtime, backof: {} } as never), /Did you mean "backoff"/)
      assert.equal(source.received, 0)
    },
  },
]
