// What the registry's observer is told of a worker.
import assert from 'node:assert/strict'
import { kept, newStage, placed, playing } from './given.ts'
import type { EventWorkerCase } from './given.ts'

const group = 'observing'
export const observingCases: readonly EventWorkerCase[] = [
  {
    group,
    name: 'every event is observed as it is received, published, and its batch acknowledged, in the role of the worker',
    run: async ({ run }) => {
      const { registry, diary, observed, runtime, subscribe } = newStage()
      subscribe()
      observed.length = 0
      const paid = { ...placed(2), category: 'integration', type: 'Order.Paid' } as const
      await run(registry, playing(kept(diary, placed(1), paid)), { runtime, role: 'cron' })
      const labels = { kind: 'event', eventCategory: 'domain', contract: 'Order.Placed', role: 'cron' }
      const ofPaid = { ...labels, eventCategory: 'integration', contract: 'Order.Paid' }
      assert.deepEqual(observed, [
        { name: 'gesta.contract.worker.receive', labels },
        { name: 'gesta.contract.worker.receive', labels: ofPaid },
        { name: 'gesta.contract.publish.event', labels },
        { name: 'gesta.contract.publish.event', labels: ofPaid },
        { name: 'gesta.contract.worker.ack', labels },
        { name: 'gesta.contract.worker.ack', labels: ofPaid },
      ])
    },
  },
  {
    group,
    name: 'what is skipped and what is given back is observed; without a hook there is nothing to observe',
    run: async ({ run }) => {
      const { registry, diary, observed, runtime, subscribe } = newStage()
      subscribe((n) => {
        if (n === 2) throw new Error('boom')
      })
      observed.length = 0
      await run(registry, playing({ events: [placed(1)] }, kept(diary, placed(1), placed(2))), { runtime })
      assert.deepEqual(
        observed.map(({ name }) => name.replace('gesta.contract.', '')),
        'worker.receive publish.event worker.receive worker.receive worker.dedup_skip publish.event worker.nack worker.nack'.split(
          ' ',
        ),
      )
    },
  },
]
