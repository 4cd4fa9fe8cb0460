import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { playSeenSteps, runSeenStoreSuite, seenSteps } from '@gesta/core/conformance/seen-store'
import type { SeenStorePlace } from '@gesta/core/conformance/seen-store'
import type { SeenStore } from '@gesta/core/ports'
import { createSqliteSeenStore } from '../src/seen-store.ts'
import { createSideThread } from '../src/side-stores.ts'
import { sqlite } from '../src/index.ts'
import { newFolder, runtime } from './place.ts'

const idsMax = 20

/** A seen store with a small bound, with a thread of its own. */
function openSeen(path: string): SeenStore {
  const side = createSideThread(path)
  const store = createSqliteSeenStore(side.store('seen'), idsMax)
  return {
    ...store,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      await side.close()
    },
  }
}
async function newPlace(): Promise<SeenStorePlace> {
  const folder = await newFolder()
  return {
    idsMax,
    open: async () => openSeen(join(folder.path, 'store.db')),
    remove: async () => folder[Symbol.asyncDispose](),
  }
}

runSeenStoreSuite(test, newPlace, {
  counted: true,
  durable: true,
  shared: 'one process at a time has a store open',
})

describe('a seen store on SQLite', () => {
  test('holds what a list would hold, whatever is marked in whatever order, however often it is opened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 40 }), async (numbers) => {
        const place = await newPlace()
        let store = await place.open()
        try {
          await playSeenSteps(store, idsMax, seenSteps(numbers), async () => {
            await store[Symbol.asyncDispose]()
            store = await place.open()
            return store
          })
        } finally {
          await store[Symbol.asyncDispose]()
          await place.remove()
        }
      }),
      { numRuns: 15 },
    )
  })

  test('is offered by the backend, in a file beside the store', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'shop.db')
    {
      await using backend = await sqlite(path).open(runtime)
      await backend.seen.mark('s', ['a'])
    }
    await using again = await sqlite(path).open(runtime)
    assert.deepEqual([...(await again.seen.seen('s', ['a', 'b']))], ['a'])
    assert.equal((await again.seen.info()).details['idsMax'], 10_000)
  })
})
