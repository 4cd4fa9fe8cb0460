import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { command, integrationEvent } from '@gesta/core'
import {
  createMemoryTopicBus,
  createRegistry,
  emitIntegration,
  executeCommandToOutbox,
  registerCommand,
  registerIntegrationEvent,
  runEventRelay,
  runEventWorker,
} from '@gesta/core/registry'
import { z } from 'zod'
import { fileSeen, openFileOutbox } from '../src/index.ts'
import { newFolder } from './place.ts'

const pay = command('Order.Pay', { input: z.object({ n: z.int() }) })
const Paid = integrationEvent('Order.Paid', z.object({ n: z.int() }))
const backoff = { firstMs: 1, maxMs: 5 }

describe('an outbox in a file', () => {
  test('takes what commands emit; a worker drains it into subscribers', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'outbox.jsonl')
    const registry = createRegistry()
    registerCommand(registry, pay, ({ n }, recorder) => emitIntegration(recorder, Paid({ n })))
    const seen: number[] = []
    let failures = 2
    registerIntegrationEvent(registry, Paid, ({ n }) => {
      if (n === 2 && failures-- > 0) throw new Error('not now')
      seen.push(n)
    })
    {
      await using outbox = await openFileOutbox(path)
      for (const n of [1, 2, 3]) await executeCommandToOutbox(registry, outbox, pay({ n }))
      assert.deepEqual(seen, [])
    }
    // After a restart.
    await using outbox = await openFileOutbox(path)
    outbox.close()
    await runEventWorker(registry, outbox, { backoff })
    assert.deepEqual([...new Set(seen)], [1, 2, 3])
    assert.equal((await outbox.info()).items, 0)
  })

  test('is drained by a relay into a bus; a worker that is started again skips what it has dealt with', async () => {
    await using folder = await newFolder()
    const seenIds = fileSeen(join(folder.path, 'seen.jsonl'))
    const stored = [1, 2, 3, 1, 4].map((n) => ({
      id: `paid-${n}`,
      category: 'integration' as const,
      type: 'Order.Paid',
      value: { n },
    }))
    const seen: number[] = []
    await using bus = createMemoryTopicBus()
    for (const events of [stored.slice(0, 2), stored.slice(2)]) {
      await using mails = await bus.subscribe('orders', 'mails')
      await using outbox = await openFileOutbox(join(folder.path, 'outbox.jsonl'))
      await outbox.storeEvents(events, { context: {}, signal: new AbortController().signal })
      outbox.close()
      await runEventRelay(outbox, bus.publisher('orders', { source: 'shop' }))
      const registry = createRegistry()
      const drain = new AbortController()
      registerIntegrationEvent(registry, Paid, ({ n }, { event }) => {
        assert.equal(event.source, 'shop')
        seen.push(n)
        if (n === events.at(-1)?.value.n) drain.abort()
      })
      await runEventWorker(registry, mails, { drain: drain.signal, seen: seenIds, subscription: 'mails' })
    }
    assert.deepEqual(seen, [1, 2, 3, 4])
  })
})
