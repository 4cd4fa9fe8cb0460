import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { playSeenSteps, runSeenStoreSuite, seenSteps } from '@gesta/core/conformance/seen-store'
import type { SeenStorePlace } from '@gesta/core/conformance/seen-store'
import type { SeenStore } from '@gesta/core/ports'
import { postgres } from '../src/index.ts'
import { quoted } from '../src/options.ts'
import { createPool } from '../src/pool.ts'
import { createPostgresSeenStore } from '../src/seen-store.ts'
import { createStoreAccess } from '../src/store-access.ts'
import { newSchema, runtime, skip } from './place.ts'

const idsMax = 20

/** A seen store with a small bound, over connections of its own. */
function openSeen({ url, schema }: Awaited<ReturnType<typeof newSchema>>): SeenStore {
  const server = { url, applicationName: 'gesta test', connectTimeoutMs: 10_000, answerTimeoutMs: 30_000 }
  const pool = createPool({ server, place: schema, connectionsMax: 4, ...runtime, retryForMs: 5_000 })
  const store = createPostgresSeenStore(createStoreAccess(pool, quoted(schema)), idsMax)
  return {
    ...store,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      await pool.close()
    },
  }
}
async function newPlace(): Promise<SeenStorePlace> {
  const schema = await newSchema()
  await (await postgres(schema).open(runtime))[Symbol.asyncDispose]()
  return { idsMax, open: async () => openSeen(schema), remove: async () => undefined }
}

describe('on PostgreSQL', { skip }, () => {
  runSeenStoreSuite(test, newPlace, { counted: true, durable: true, shared: true })

  test('a seen store holds what a list would hold, whatever is marked in whatever order', async () => {
    const place = await newPlace()
    await using store = await place.open()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 40 }), async (numbers) => {
        await store.reset()
        await playSeenSteps(store, idsMax, seenSteps(numbers))
      }),
      { numRuns: 15 },
    )
  })

  test('the backend offers one, with the bound that all seen stores have', async () => {
    await using backend = await postgres(await newSchema()).open(runtime)
    await backend.seen.mark('s', ['a'])
    assert.deepEqual(await backend.seen.seen('s', ['a', 'b']), new Set(['a']))
    assert.equal((await backend.seen.info()).details['idsMax'], 10_000)
  })
})
