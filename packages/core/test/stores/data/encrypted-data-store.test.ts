import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { isGestaError } from '@gesta/core'
import { dataSteps, playDataSteps } from '../../../src/conformance/data-store/index.ts'
import type { DataStore, NewObject } from '../../../src/stores/data/data-store.ts'
import { encryptedDataStore } from '../../../src/stores/data/encrypted-data-store.ts'
import { createMemoryDataStore } from '../../../src/stores/data/memory-data-store.ts'
import { newKeyring } from '../key/secrets.ts'
import { runtime } from '../runtime.ts'

const at = { tenant: 't', bucket: 'letters', object: 'a' }
const letter = (content: string): NewObject => ({
  ...at,
  contentType: 'text/plain; charset=utf-8',
  content: Buffer.from(content),
})
const textAt = async (store: DataStore, key = at): Promise<string> =>
  Buffer.from((await store.get(key))?.content ?? []).toString('latin1')

describe('a sealed data store', () => {
  test('shows what a map would hold, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), (numbers) =>
        playDataSteps(
          encryptedDataStore(createMemoryDataStore(runtime.clock), newKeyring().keyring),
          dataSteps(numbers),
        ),
      ),
      { numRuns: 50 },
    )
  })

  test('holds nothing that can be read, and tells size, type and hash of what it was given', async () => {
    const inner = createMemoryDataStore(runtime.clock)
    const store = encryptedDataStore(inner, newKeyring().keyring)
    const head = await store.set({ ...letter('Dear Ann'), isPublic: true })
    assert.deepEqual(
      [head.bytes, head.contentType, head.hash, head.isPublic],
      [8, 'text/plain; charset=utf-8', hash('sha256', 'Dear Ann'), true],
    )
    assert.deepEqual(await store.head(at), head)
    assert.deepEqual((await store.list({ tenant: 't' })).items, [head])
    const { content, ...found } = (await store.get(at)) ?? { content: undefined }
    assert.deepEqual(found, head)
    assert.deepEqual(content, Uint8Array.from(Buffer.from('Dear Ann')))
    const stored = await inner.get(at)
    assert.doesNotMatch(await textAt(inner), /Ann/)
    assert.notEqual(stored?.hash, head.hash)
    assert.equal((await store.usage('t')).bytes, 8 + 28)
  })

  test('copies under the new name, and nothing opens under another one', async () => {
    const inner = createMemoryDataStore(runtime.clock)
    const store = encryptedDataStore(inner, newKeyring().keyring)
    const head = await store.set(letter('Dear Ann'))
    const copied = await store.copy(at, { bucket: 'archive', object: 'b' })
    assert.deepEqual([copied?.hash, copied?.contentType], [head.hash, head.contentType])
    assert.equal(await textAt(store, { ...at, bucket: 'archive', object: 'b' }), 'Dear Ann')
    await inner.copy(at, { bucket: 'letters', object: 'moved' })
    for (const read of [store.get({ ...at, object: 'moved' }), store.head({ ...at, object: 'moved' })]) {
      await assert.rejects(read, (error) => {
        assert.ok(isGestaError(error, 'payload_unreadable'))
        assert.match(error.message, /the object moved of the bucket letters/)
        return true
      })
    }
    assert.equal(await store.copy({ ...at, object: 'none' }, { bucket: 'b', object: 'o' }), undefined)
  })

  test('takes bytes over when the call is made', async () => {
    const store = encryptedDataStore(createMemoryDataStore(runtime.clock), newKeyring().keyring)
    const content = Buffer.from('first')
    const setting = store.set({ ...letter(''), content })
    content.fill(120)
    await setting
    assert.equal(await textAt(store), 'first')
  })

  test('reads what was stored before it was sealed, and what is empty', async () => {
    const inner = createMemoryDataStore(runtime.clock)
    const before = await inner.set(letter('before'))
    const store = encryptedDataStore(inner, newKeyring().keyring)
    assert.equal(await textAt(store), 'before')
    assert.deepEqual(await store.head(at), before)
    assert.equal((await store.set(letter(''))).bytes, 0)
    assert.equal(await textAt(store), '')
  })

  test('does not give out what another key sealed', async () => {
    const inner = createMemoryDataStore(runtime.clock)
    await encryptedDataStore(inner, newKeyring().keyring).set(letter('Dear Ann'))
    const { keyring } = newKeyring()
    await assert.rejects(encryptedDataStore(inner, keyring).get(at), (error) =>
      isGestaError(error, 'payload_unreadable'),
    )
  })

  test('refuses what a data store refuses, and a content type without room for its mark', async () => {
    const store = encryptedDataStore(createMemoryDataStore(runtime.clock), newKeyring().keyring)
    for (const wrong of [{ object: '' }, { contentType: 'none' }, { contentType: `a/${'b'.repeat(159)}` }])
      await assert.rejects(store.set({ ...letter('x'), ...wrong }), (error) => isGestaError(error, 'invalid_key'))
    const most = `a/${'b'.repeat(158)}`
    assert.equal((await store.set({ ...letter('x'), contentType: most })).contentType, most)
  })
})
