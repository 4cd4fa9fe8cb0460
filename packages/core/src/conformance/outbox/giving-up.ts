// How often an event is tried, and what becomes of it then.
import assert from 'node:assert/strict'
import { GestaError } from '../../errors/gesta-error.ts'
import { forEver, nextBatch, numberOf, numbersFrom, placed, placedFrom, take } from '../event-source/given.ts'
import { store } from './given.ts'
import type { OpenOutbox, OutboxCase } from './given.ts'

const signal = forEver()
/** Receives until only `good` events are left to come; batches with another one fail. The numbers in the order of their success. */
async function drain(outbox: OpenOutbox, count: number, isBad: (n: number) => boolean): Promise<readonly number[]> {
  const done: number[] = []
  while (done.length < count) {
    const batch = await nextBatch(outbox)
    const numbers = batch.events.map(numberOf)
    if (numbers.some(isBad)) await batch.nack?.(new Error('refused'), { signal })
    else {
      await batch.ack?.({ signal })
      done.push(...numbers)
    }
  }
  return done
}

const group = 'giving up'
export const givingUpCases: readonly OutboxCase[] = [
  {
    group,
    needs: 'limited',
    name: 'an event that always fails is given up after as many failures as are allowed, and what follows it is delivered',
    run: async ({ outbox, attemptsMax }) => {
      await store(outbox, [placed(1)])
      await store(outbox, [placed(2)])
      let attempts = 0
      for (;;) {
        const batch = await nextBatch(outbox)
        if (!batch.events.some((event) => numberOf(event) === 1)) {
          assert.deepEqual(batch.events.map(numberOf), [2])
          await batch.ack?.({ signal })
          break
        }
        attempts += 1
        await batch.nack?.(new Error('refused'), { signal })
      }
      assert.equal(attempts, attemptsMax)
      assert.equal(await outbox.givenUp(), 1)
    },
  },
  {
    group,
    needs: 'limited',
    name: 'an event that always fails takes no neighbour with it, and the others keep their order',
    run: async ({ outbox }) => {
      await store(outbox, placedFrom(1, 150))
      const isBad = (n: number): boolean => n === 70 || n === 120
      const done = await drain(outbox, 148, isBad)
      assert.deepEqual(
        done,
        numbersFrom(1, 150).filter((n) => !isBad(n)),
      )
      assert.equal(await outbox.givenUp(), 2)
    },
  },
  {
    group,
    needs: 'limited',
    name: 'what the other side could not be reached for is no attempt',
    run: async ({ outbox, attemptsMax }) => {
      await store(outbox, [placed(1)])
      for (let round = 0; round < 3 * attemptsMax; round += 1) {
        const cause = new GestaError(round % 2 === 0 ? 'broker_unavailable' : 'store_unavailable', 'away')
        await (await nextBatch(outbox)).nack?.(new Error('failed', { cause }), { signal })
      }
      assert.deepEqual((await take(outbox, 1)).map(numberOf), [1])
      assert.equal(await outbox.givenUp(), 0)
    },
  },
  {
    group,
    needs: 'limited',
    name: 'attempts are counted over restarts: giving up comes no later',
    run: async ({ outbox, reopen, attemptsMax }) => {
      await store(outbox, [placed(1)])
      let opened = outbox
      for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
        await (await nextBatch(opened)).nack?.(new Error('refused'), { signal })
        if (attempt === 1) opened = await reopen()
      }
      await store(opened, [placed(2)])
      assert.deepEqual((await take(opened, 1)).map(numberOf), [2])
      assert.equal(await opened.givenUp(), 1)
      assert.equal(await (await reopen()).givenUp(), 1)
    },
  },
]
