// How a worker ends: cancelled, with the reason; drained, in peace.
import assert from 'node:assert/strict'
import { createMemorySeenStore } from '../../stores/seen/memory-seen-store.ts'
import { kept, newStage, placed, playing, rejectsWith, settledWork } from './given.ts'
import type { EventWorkerCase } from './given.ts'

const group = 'stopping'
const reason = new Error('enough')
export const stoppingCases: readonly EventWorkerCase[] = [
  {
    group,
    name: 'a worker that is cancelled before it begins receives nothing, and rejects with the reason',
    run: async ({ run }) => {
      const { registry, diary, runtime } = newStage()
      const source = playing(kept(diary, placed(1)))
      await rejectsWith(run(registry, source, { runtime, signal: AbortSignal.abort(reason) }), reason)
      assert.equal(source.received, 0)
    },
  },
  {
    group,
    name: 'a worker that is cancelled while it waits for a batch rejects at once, also when its source does not listen',
    run: async ({ run }) => {
      const { registry, runtime } = newStage()
      const cancel = new AbortController()
      const source = playing('wait')
      const work = run(registry, source, { runtime, signal: cancel.signal })
      await settledWork()
      cancel.abort(reason)
      await rejectsWith(work, reason)
      assert.equal(source.signals[0]?.aborted, true)
    },
  },
  {
    group,
    name: 'a worker that is cancelled while it waits to try again rejects at once, and leaves no timer behind',
    run: async ({ run }) => {
      const { registry, diary, runtime, waits, wake, subscribe } = newStage('endless')
      subscribe(() => {
        throw new Error('boom')
      })
      const cancel = new AbortController()
      const work = run(registry, playing(kept(diary, placed(1)), kept(diary, placed(2))), {
        runtime,
        signal: cancel.signal,
      })
      await settledWork()
      assert.equal(waits.length, 1)
      cancel.abort(reason)
      await rejectsWith(work, reason)
      wake()
      assert.deepEqual(diary, ['placed 1', 'nack'])
    },
  },
  {
    group,
    name: 'a worker that is cancelled while a subscriber runs waits for it, and neither acknowledges nor gives back',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      const cancel = new AbortController()
      const gate = Promise.withResolvers<void>()
      subscribe(async (_, { signal }) => {
        await gate.promise
        diary.push(signal.aborted ? 'told' : 'not told')
      })
      const source = playing(kept(diary, placed(1), placed(2)))
      const work = run(registry, source, { runtime, signal: cancel.signal })
      await settledWork()
      cancel.abort(reason)
      await settledWork()
      assert.deepEqual(diary, ['placed 1'])
      gate.resolve()
      await rejectsWith(work, reason)
      assert.deepEqual(diary, ['placed 1', 'told'])
      assert.equal(source.signals[0]?.aborted, true)
    },
  },
  {
    group,
    name: 'who cancels is told the reason, whatever failed because of it',
    run: async ({ run }) => {
      for (const step of ['deliver', 'ack', 'nack', 'receive'] as const) {
        const { registry, diary, runtime, subscribe } = newStage()
        const cancel = new AbortController()
        const break_ = (): never => {
          cancel.abort(reason)
          throw new Error('broken')
        }
        subscribe(() => {
          if (step === 'deliver') break_()
          if (step === 'nack') throw new Error('boom')
        })
        const batch = kept(diary, placed(1))
        const source = playing({
          ...batch,
          ack: async () => (step === 'ack' ? break_() : undefined),
          nack: async () => (step === 'nack' ? break_() : undefined),
        })
        const given = step === 'receive' ? { receiveEventBatch: async () => break_() } : source
        await rejectsWith(run(registry, given, { runtime, signal: cancel.signal }), reason)
      }
    },
  },
  {
    group,
    name: 'a worker that is drained while it waits for a batch resolves',
    run: async ({ run }) => {
      const { registry, runtime } = newStage()
      const drain = new AbortController()
      const source = playing('wait')
      const work = run(registry, source, { runtime, drain: drain.signal })
      await settledWork()
      drain.abort()
      await work
      assert.equal(source.signals[0]?.aborted, true)
    },
  },
  {
    group,
    name: 'a worker that is drained with a batch in hand finishes it: dispatched, acknowledged, marked; and receives no other',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      const drain = new AbortController()
      subscribe((n, { signal }) => {
        if (n === 1) drain.abort()
        assert.equal(signal.aborted, false)
      })
      const seen = createMemorySeenStore()
      const source = playing(kept(diary, placed(1), placed(2)), kept(diary, placed(3)))
      await run(registry, source, { runtime, drain: drain.signal, seen, subscription: 's' })
      assert.deepEqual([diary, source.received, await seen.total()], [['placed 1', 'placed 2', 'ack'], 1, 2])
    },
  },
  {
    group,
    name: 'a worker that is drained while it waits to try again resolves, and one that was drained before takes nothing',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage('endless')
      subscribe(() => {
        throw new Error('boom')
      })
      const drain = new AbortController()
      const source = playing(kept(diary, placed(1)), kept(diary, placed(2)))
      const work = run(registry, source, { runtime, drain: drain.signal })
      await settledWork()
      drain.abort()
      await work
      await run(registry, source, { runtime, drain: drain.signal })
      assert.deepEqual([diary, source.received], [['placed 1', 'nack'], 1])
    },
  },
  {
    group,
    name: 'who drains and then loses patience cancels',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      const [drain, cancel] = [new AbortController(), new AbortController()]
      subscribe(() => {
        drain.abort()
        cancel.abort(reason)
      })
      const source = playing(kept(diary, placed(1), placed(2)))
      const work = run(registry, source, { runtime, drain: drain.signal, signal: cancel.signal })
      await rejectsWith(work, reason)
      assert.deepEqual(diary, ['placed 1'])
    },
  },
  {
    group,
    name: 'the signal of a batch aborts when the worker is through with it, and not before',
    run: async ({ run }) => {
      const { registry, diary, runtime, subscribe } = newStage()
      const states: (boolean | undefined)[] = []
      const source = playing(kept(diary, placed(1)), kept(diary, placed(2)))
      subscribe((n) => void states.push(source.signals[n - 1]?.aborted))
      await run(registry, source, { runtime })
      assert.deepEqual(states, [false, false])
      assert.deepEqual(
        source.signals.map(({ aborted }) => aborted),
        [true, true, true],
      )
    },
  },
]
