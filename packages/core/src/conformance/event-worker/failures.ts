// What fails, and what becomes of the batch and of the worker.
import assert from 'node:assert/strict'
import type { BatchFailure } from '../../delivery/batch-loop.ts'
import { isGestaError } from '../../errors/gesta-error.ts'
import { findContractError, isContractError } from '../../registry/contract-error.ts'
import { createMemorySeenStore } from '../../stores/seen/memory-seen-store.ts'
import { kept, newStage, placed, playing, rejectsWith } from './given.ts'
import type { EventWorkerCase } from './given.ts'

const group = 'failures'
const boom = new Error('boom')
const fail = (): never => {
  throw boom
}
export const failureCases: readonly EventWorkerCase[] = [
  {
    group,
    name: 'a failed acknowledgement stops the worker, and the batch is not marked as seen',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe()
      const seen = createMemorySeenStore()
      const lost = new Error('the acknowledgement was lost')
      const source = playing({ ...kept(diary, placed(1)), ack: () => Promise.reject(lost) }, kept(diary, placed(2)))
      await rejectsWith(run(registry, source, { runtime, seen, subscription: 's' }), lost)
      assert.deepEqual([diary, source.received, await seen.total()], [['placed 1'], 1, 0])
    },
  },
  {
    group,
    name: 'a failed acknowledgement of an empty batch stops the worker too',
    run: async ({ run }) => {
      const { registry, runtime } = newStage()
      await rejectsWith(run(registry, playing({ events: [], ack: async () => fail() }), { runtime }), boom)
    },
  },
  {
    group,
    name: 'a source that fails to deliver stops the worker with its error',
    run: async ({ run }) => {
      const { registry, runtime } = newStage()
      await rejectsWith(run(registry, playing(boom), { runtime }), boom)
    },
  },
  {
    group,
    name: 'a batch that fails and cannot be given back stops the worker with what failed, unacknowledged',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe((n) => (n === 2 ? fail() : undefined))
      const { events, ack } = kept(diary, placed(1), placed(2), placed(3))
      await assert.rejects(run(registry, playing({ events, ack }), { runtime }), (error) => {
        const found = findContractError(error, 'subscriber_failed')
        assert.deepEqual([found?.contract, found?.facts['eventId'], found?.cause], ['Order.Placed', 'event-2', boom])
        return true
      })
      assert.deepEqual(diary, ['placed 1', 'placed 2'])
    },
  },
  {
    group,
    name: 'when giving back fails too the worker stops, and both errors are found',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe(fail)
      const lost = new Error('lost')
      const source = playing({ ...kept(diary, placed(1)), nack: () => Promise.reject(lost) })
      await assert.rejects(run(registry, source, { runtime }), (error) => {
        assert.ok(isGestaError(error, 'nack_failed'))
        assert.ok(isContractError(error, 'subscriber_failed'))
        assert.ok(error.cause instanceof AggregateError)
        assert.deepEqual([error.cause.errors.length, error.cause.errors[1]], [2, lost])
        return true
      })
    },
  },
  {
    group,
    name: 'a batch that was given back does not stop the worker: it waits and goes on',
    run: async ({ run }) => {
      const { registry, diary, runtime, waits, subscribe } = newStage()
      subscribe((n) => (n === 1 ? fail() : undefined))
      await run(registry, playing(kept(diary, placed(1)), kept(diary, placed(2))), { runtime })
      assert.deepEqual(diary, ['placed 1', 'nack', 'placed 2', 'ack'])
      assert.equal(waits.length, 1)
    },
  },
  {
    group,
    name: 'the source is told why a batch comes back',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe(fail)
      const causes: unknown[] = []
      const nack = async (cause: unknown): Promise<void> => void causes.push(cause)
      await run(registry, playing({ ...kept(diary, placed(1)), nack }), { runtime })
      assert.equal(findContractError(causes[0], 'subscriber_failed')?.cause, boom)
    },
  },
  {
    group,
    name: 'waits grow with every failure in succession up to their bound, and begin anew after a success; an empty batch is neither',
    run: async ({ run }) => {
      const { registry, diary, runtime, waits, subscribe } = newStage()
      subscribe((n) => (n < 10 ? fail() : undefined))
      const batches = [1, 2, 3, 4, 0, 5, 10, 6].map((n) => (n === 0 ? kept(diary) : kept(diary, placed(n))))
      await run(registry, playing(...batches), { runtime, backoff: { firstMs: 100, maxMs: 1_000 } })
      // Half of what is allowed, because the randomness of this stage is one half.
      assert.deepEqual(waits, [50, 100, 200, 400, 500, 50])
    },
  },
  {
    group,
    name: 'a failure is told with attempt, wait, ids and a line that has nothing of the event; what listening throws is ignored',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe((n) => {
        throw new TypeError(`secret ${n}`)
      })
      const failures: BatchFailure[] = []
      const batch = kept(diary, placed(1), placed(2))
      await run(registry, playing(batch, batch), {
        runtime,
        backoff: { firstMs: 10, maxMs: 1_000 },
        onFailure: (failure) => {
          failures.push(failure)
          fail()
        },
      })
      assert.deepEqual(
        failures.map(({ cause, ...told }) => ({ ...told, found: isContractError(cause, 'subscriber_failed') })),
        [1, 2].map((attempt) => ({
          step: 'deliver',
          attempt,
          waitMs: 5 * attempt,
          eventIds: ['event-1', 'event-2'],
          error: 'subscriber_failed of Order.Placed < TypeError',
          found: true,
        })),
      )
    },
  },
  {
    group,
    name: 'what is no event, and an event that cannot be read here, fail their batch and nothing else',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe()
      const bad = [
        undefined,
        null,
        'text',
        {},
        { ...placed(1), category: 'other' },
        { ...placed(1), type: 1 },
        { ...placed(1), value: { n: 'one' } },
        { ...placed(1), id: 1 },
        { ...placed(1), id: 'x'.repeat(513) },
        { ...placed(1), audience: [' '] },
      ]
      await run(registry, playing(...bad.map((event) => kept(diary, event as never)), kept(diary, placed(2))), {
        runtime,
      })
      assert.deepEqual(diary, [...bad.map(() => 'nack'), 'placed 2', 'ack'])
    },
  },
  {
    group,
    name: 'an event of a version that is not known here is given back',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      subscribe()
      await run(registry, playing(kept(diary, { ...placed(1), schemaVersion: 2 })), { runtime })
      assert.deepEqual(diary, ['nack'])
    },
  },
]
