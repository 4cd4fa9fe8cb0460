import assert from 'node:assert/strict'
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { playSeenSteps, runSeenStoreSuite, seenSteps } from '@gesta/core/conformance/seen-store'
import type { SeenStorePlace } from '@gesta/core/conformance/seen-store'
import { isGestaError } from '@gesta/core/ports'
import type { ErrorCode, SeenStore } from '@gesta/core/ports'
import { fileSeen } from '../src/index.ts'
import { newFolder, runtime } from './place.ts'

const idsMax = 20
const fails = (code: ErrorCode) => (error: unknown) => isGestaError(error, code)

async function newPlace(): Promise<SeenStorePlace> {
  const folder = await newFolder()
  return {
    idsMax,
    open: () => fileSeen(join(folder.path, 'seen.jsonl'), { idsMax }).open(runtime),
    remove: async () => folder[Symbol.asyncDispose](),
  }
}

runSeenStoreSuite(test, newPlace, { counted: true, durable: true, shared: 'one process has the file open' })

describe('a seen store in a file', () => {
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
      { numRuns: 40 },
    )
  })

  test('keeps its file small, however much is marked', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'seen.jsonl')
    const open = (): Promise<SeenStore> => fileSeen(path, { idsMax: 100 }).open(runtime)
    {
      await using store = await open()
      for (let first = 0; first < 20_000; first += 50)
        await store.mark(
          'mails',
          Array.from({ length: 50 }, (_, index) => `event-${first + index}`),
        )
    }
    assert.ok((await stat(path)).size < 100_000)
    await using store = await open()
    assert.deepEqual([await store.total(), (await store.seen('mails', ['event-19900'])).size], [100, 1])
  })

  test('goes on after a line that is torn or unknown, and keeps what it knows', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'seen.jsonl')
    await writeFile(path, '{"mark":"s","ids":["a"]}\nnonsense\n{"later":1}\n{"mark":"s","ids":["b"]}\n{"mark":"s","id')
    {
      await using store = await fileSeen(path).open(runtime)
      assert.deepEqual([...(await store.seen('s', ['a', 'b', 'c']))], ['a', 'b'])
      await store.mark('s', ['c'])
    }
    assert.match(await readFile(path, 'utf8'), /"ids":\["b"\]\}\n\{"mark":"s","ids":\["c"\]\}\n$/)
  })

  test('refuses a file that is something else, and leaves it alone', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'letter.txt')
    for (const text of ['Dear Sir,', '\nthank you.\n']) {
      await appendFile(path, text)
      await assert.rejects(fileSeen(path).open(runtime), fails('store_foreign'))
    }
    assert.equal(await readFile(path, 'utf8'), 'Dear Sir,\nthank you.\n')
  })

  test('belongs to one opener, until it is closed', async () => {
    await using folder = await newFolder()
    const seen = fileSeen(join(folder.path, 'seen.jsonl'))
    {
      await using _ = await seen.open(runtime)
      await assert.rejects(seen.open(runtime), fails('store_locked'))
    }
    await using _ = await seen.open(runtime)
  })

  test('refuses an empty path, bounds that are no whole numbers, and unknown options', () => {
    assert.throws(() => fileSeen(''), /path of a file/)
    assert.throws(() => fileSeen('x', { idsMax: 0 }), RangeError)
    assert.throws(() => fileSeen('x', { idMax: 1 } as object), /Did you mean "idsMax"/)
  })
})
