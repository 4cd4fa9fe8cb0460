import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createBatchTurns } from '../../src/registry/batch-turns.ts'
import type { BatchSupply, BatchTurns } from '../../src/registry/batch-turns.ts'
import { settled } from '../fake-clock.ts'

const { signal } = new AbortController()
const draft = (n: number) => ({ id: `${n}`, category: 'domain', type: 'A.B', value: n }) as const

/** Turns over a list of numbers, one at a time; `take` answers after a turn of the event loop. */
function turnsOver(list: number[], taking: { now: number; most: number } = { now: 0, most: 0 }): BatchTurns {
  const supply: BatchSupply = {
    take: async () => {
      taking.now += 1
      taking.most = Math.max(taking.most, taking.now)
      await settled()
      taking.now -= 1
      const [n] = list
      if (n === undefined) return undefined
      return {
        events: [draft(n)],
        ack: async () => void list.splice(list.indexOf(n), list.includes(n) ? 1 : 0),
        nack: async () => undefined,
      }
    },
  }
  return createBatchTurns(supply)
}

describe('turns over a list', () => {
  test('are taken by one receiver at a time, and the list is never asked twice at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 4 }), async (scheduler, receivers) => {
        const list = [1, 2, 3, 4, 5, 6]
        const taking = { now: 0, most: 0 }
        const turns = turnsOver(list, taking)
        const end = new AbortController()
        const seen: unknown[] = []
        let out = 0
        const receive = async (): Promise<void> => {
          while (!end.signal.aborted) {
            const batch = await turns.receiveEventBatch({ signal: end.signal }).catch(() => undefined)
            if (batch === undefined) return
            out += 1
            assert.equal(out, 1)
            await scheduler.schedule(Promise.resolve())
            seen.push(batch.events[0]?.value)
            out -= 1
            await batch.ack?.({ signal })
            if (list.length === 0) end.abort()
          }
        }
        const all = Promise.all(Array.from({ length: receivers }, receive))
        while (list.length > 0) {
          await settled()
          if (scheduler.count() > 0) await scheduler.waitOne()
        }
        await all
        assert.deepEqual([seen, taking.most], [[1, 2, 3, 4, 5, 6], 1])
      }),
      { numRuns: 30 },
    )
  })

  test('are not lost when what comes comes while the list is being asked', async () => {
    const list: number[] = []
    const turns = turnsOver(list)
    const waiting = turns.receiveEventBatch({ signal })
    list.push(1)
    turns.wake()
    assert.equal((await waiting)?.events[0]?.value, 1)
  })

  test('go to the next receiver when one leaves, before or after it got a batch', async () => {
    const list = [1]
    const turns = turnsOver(list)
    const leaver = new AbortController()
    const leaving = turns.receiveEventBatch({ signal: leaver.signal })
    const waiting = turns.receiveEventBatch({ signal })
    leaver.abort()
    await assert.rejects(leaving)
    const batch = await waiting
    const gone = new AbortController()
    await batch?.nack?.(new Error('not now'), { signal })
    await turns.receiveEventBatch({ signal: gone.signal })
    const next = turns.receiveEventBatch({ signal })
    gone.abort()
    assert.equal((await next)?.events[0]?.value, 1)
  })

  test('stay with a receiver whose acknowledgement failed, until it leaves', async () => {
    let failures = 1
    const turns = createBatchTurns({
      take: async () => ({
        events: [draft(1)],
        ack: async () => {
          if (failures-- > 0) throw new Error('disk')
        },
        nack: async () => undefined,
      }),
    })
    const receiver = new AbortController()
    const batch = await turns.receiveEventBatch({ signal: receiver.signal })
    let given = false
    const next = turns.receiveEventBatch({ signal }).then((found) => {
      given = true
      return found
    })
    await assert.rejects(batch?.ack?.({ signal }) ?? Promise.resolve(), /disk/)
    await settled()
    assert.equal(given, false)
    receiver.abort()
    assert.equal((await next)?.events.length, 1)
  })

  test('that fail wake those who wait, so that they see for themselves', async () => {
    let failures = 1
    const turns = createBatchTurns({
      take: async () => {
        await settled()
        if (failures-- > 0) throw new Error('disk')
        return 'drained'
      },
    })
    const first = turns.receiveEventBatch({ signal })
    const second = turns.receiveEventBatch({ signal })
    await assert.rejects(first, /disk/)
    assert.equal(await second, undefined)
  })
})
