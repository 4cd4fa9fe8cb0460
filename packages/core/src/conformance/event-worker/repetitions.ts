// What was dealt with is not dispatched again: in a batch, over batches, and over workers that share a store.
import assert from 'node:assert/strict'
import { GestaError } from '../../errors/gesta-error.ts'
import { createMemorySeenStore } from '../../stores/seen/memory-seen-store.ts'
import type { BatchFailure } from '../../delivery/batch-loop.ts'
import { kept, newStage, placed, playing } from './given.ts'
import type { EventWorkerCase } from './given.ts'

const group = 'repetitions'
export const repetitionCases: readonly EventWorkerCase[] = [
  {
    group,
    name: 'an id that comes again, in the same batch or a later one, is skipped and acknowledged',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe()
      const source = playing(
        kept(diary, placed(1), placed(2), placed(3, 'event-1')),
        kept(diary, placed(4, 'event-2'), placed(5)),
        kept(diary, placed(6, 'event-5')),
      )
      await run(registry, source, { runtime })
      assert.deepEqual(diary, ['placed 1', 'placed 2', 'ack', 'placed 5', 'ack', 'ack'])
    },
  },
  {
    group,
    name: 'events without an id cannot be told apart, and are all dispatched',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      const ids: string[] = []
      subscribe((_, { event }) => void ids.push(event.id))
      const nameless = { category: 'domain', type: 'Order.Placed', value: { n: 1 } } as const
      await run(registry, playing(kept(diary, nameless, placed(2, ''), nameless)), { runtime })
      assert.deepEqual(diary, ['placed 1', 'placed 2', 'placed 1', 'ack'])
      assert.deepEqual(ids, ['made', 'made', 'made'])
    },
  },
  {
    group,
    name: 'a batch that failed is not marked: when it comes again, all of it is dispatched',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      let failures = 1
      subscribe((n) => {
        if (n === 2 && failures-- > 0) throw new Error('not now')
      })
      const batch = kept(diary, placed(1), placed(2))
      await run(registry, playing(batch, batch), { runtime })
      assert.deepEqual(diary, ['placed 1', 'placed 2', 'nack', 'placed 1', 'placed 2', 'ack'])
    },
  },
  {
    group,
    name: 'a worker that is started again with the same store and subscription goes on, another subscription begins',
    run: async ({ run }) => {
      const seen = createMemorySeenStore()
      for (const [subscription, lines] of [
        ['mails', ['placed 1']],
        ['mails', []],
        ['bills', ['placed 1']],
      ] as const) {
        const { registry, diary, runtime, subscribe } = newStage()
        subscribe()
        await run(registry, playing({ events: [placed(1)] }), { runtime, seen, subscription })
        assert.deepEqual(diary, lines)
      }
      // It was lent, so it is still open.
      assert.equal(await seen.total(), 2)
    },
  },
  {
    group,
    name: 'a store that is described is opened by the worker, and closed at its end, however that comes',
    run: async ({ run }) => {
      for (const play of [undefined, new Error('gone')]) {
        const { registry, runtime } = newStage()
        const store = createMemorySeenStore()
        const opened: unknown[] = []
        const seen = { backend: 'memory', open: async (given: unknown) => (opened.push(given), store) }
        const work = run(registry, play === undefined ? playing() : playing(play), { runtime, seen, subscription: 's' })
        await work.catch(() => undefined)
        assert.deepEqual(opened, [runtime])
        await assert.rejects(store.total())
      }
    },
  },
  {
    group,
    name: 'a store without a subscription is refused, because workers that share a name would skip each other’s events',
    run: async ({ run }) => {
      const { registry, runtime } = newStage()
      await assert.rejects(run(registry, playing(), { runtime, seen: createMemorySeenStore() }), /have a subscription/)
    },
  },
  {
    group,
    name: 'what comes again is marked again, so that it is remembered for longer',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe()
      const seen = createMemorySeenStore({ idsMax: 2 })
      const ids = ['event-1', 'event-2', 'event-1', 'event-3', 'event-1']
      const source = playing(...ids.map((id, n) => ({ events: [placed(n, id)] })))
      await run(registry, source, { runtime, seen, subscription: 's' })
      assert.deepEqual(diary, ['placed 0', 'placed 1', 'placed 3'])
    },
  },
  {
    group,
    name: 'a store that cannot be asked is a failed delivery: nothing is dispatched, and the batch is given back',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe()
      const store = createMemorySeenStore()
      let failures = 1
      const seen: typeof store = {
        ...store,
        seen: async (subscription, ids) => {
          if (failures-- > 0) throw new GestaError('store_unavailable', 'away')
          return store.seen(subscription, ids)
        },
      }
      const batch = kept(diary, placed(1))
      await run(registry, playing(batch, batch), { runtime, seen, subscription: 's' })
      assert.deepEqual(diary, ['nack', 'placed 1', 'ack'])
    },
  },
  {
    group,
    name: 'a store that cannot mark is told of, and the worker goes on: the batch is done',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe()
      const away = new GestaError('store_unavailable', 'away')
      const seen = { ...createMemorySeenStore(), mark: () => Promise.reject(away) }
      const failures: BatchFailure[] = []
      await run(registry, playing(kept(diary, placed(1)), kept(diary, placed(2))), {
        runtime,
        seen,
        subscription: 's',
        onFailure: (failure) => failures.push(failure),
      })
      assert.deepEqual(diary, ['placed 1', 'ack', 'placed 2', 'ack'])
      const told = { step: 'mark', attempt: 0, waitMs: 0, error: 'store_unavailable', cause: away }
      assert.deepEqual(failures, [
        { ...told, eventIds: ['event-1'] },
        { ...told, eventIds: ['event-2'] },
      ])
    },
  },
]
