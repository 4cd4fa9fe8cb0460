// Objects come back as they were stored: their bytes, what is known of them, and nothing of their neighbours.
import assert from 'node:assert/strict'
import { objectBytesMax } from '../../stores/data/data-store.ts'
import { numbersOf } from '../random-numbers.ts'
import { refused } from '../refused.ts'
import { key, sha256, text, textAt } from './given.ts'
import type { DataStoreCase } from './given.ts'

const group = 'objects'
const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)

export const objectCases: readonly DataStoreCase[] = [
  {
    group,
    name: 'an object comes back with its bytes, type, publicity, size, hash and time',
    run: async ({ store }) => {
      const stored = await store.set({ ...key('a'), contentType: 'image/png', isPublic: true, content: everyByte })
      const { storedAt, ...head } = stored
      assert.deepEqual(head, {
        ...key('a'),
        contentType: 'image/png',
        isPublic: true,
        bytes: 256,
        hash: sha256(everyByte),
      })
      assert.ok(Number.isSafeInteger(storedAt) && storedAt > 0)
      assert.deepEqual(await store.head(key('a')), stored)
      const found = await store.get(key('a'))
      assert.deepEqual({ ...found, content: undefined }, { ...stored, content: undefined })
      assert.deepEqual(Uint8Array.from(found?.content ?? []), everyByte)
    },
  },
  {
    group,
    name: 'an object is not public unless it is said',
    run: async ({ store }) => {
      assert.equal((await store.set(text('a', key('a')))).isPublic, false)
      assert.equal((await store.head(key('a')))?.isPublic, false)
    },
  },
  {
    group,
    name: 'an object may be empty, and may be large',
    run: async ({ store }) => {
      const large = Uint8Array.from(numbersOf(1, 3_000_001))
      for (const [index, content] of [new Uint8Array(), large].entries()) {
        const at = key(`size-${index}`)
        const head = await store.set({ ...at, contentType: 'application/octet-stream', content })
        const found = await store.get(at)
        assert.deepEqual([head.bytes, found?.bytes, found?.content.byteLength], Array(3).fill(content.byteLength))
        assert.equal(sha256(found?.content ?? everyByte), sha256(content))
        assert.equal(head.hash, sha256(content))
      }
    },
  },
  {
    group,
    name: 'an object of exactly the limit is kept; one byte more is refused, and the old one stays',
    run: async ({ store }) => {
      const content = new Uint8Array(objectBytesMax + 1)
      const contentType = 'application/octet-stream'
      await store.set({ ...key('a'), contentType, content: content.subarray(1) })
      await refused('payload_too_large', [store.set({ ...key('a'), contentType: 'text/plain', content })])
      const found = await store.get(key('a'))
      assert.deepEqual([found?.contentType, found?.content.byteLength], [contentType, objectBytesMax])
    },
  },
  {
    group,
    name: 'an object is replaced whole, with its type and publicity',
    run: async ({ store }) => {
      await store.set({ ...text('a long first text', key('a')), isPublic: true })
      const second = await store.set({ ...key('a'), contentType: 'text/csv', content: everyByte.subarray(65, 68) })
      assert.deepEqual([second.contentType, second.isPublic, second.bytes], ['text/csv', false, 3])
      assert.deepEqual(await store.head(key('a')), second)
      assert.equal(await textAt(store, key('a')), 'ABC')
      assert.equal(await store.total(), 1)
    },
  },
  {
    group,
    name: 'bytes are taken over when the call is made, and given out as a copy',
    run: async ({ store }) => {
      const content = new TextEncoder().encode('first')
      // A part of a larger array, and a Buffer, whose slices are no copies.
      for (const given of [new Uint8Array([0, ...content, 0]).subarray(1, 6), Buffer.from('first')]) {
        const set = store.set({ ...key('a'), contentType: 'text/plain', content: given })
        given.fill(120)
        const { hash } = await set
        const found = await store.get(key('a'))
        assert.equal(hash, sha256(content))
        assert.deepEqual(Uint8Array.from(found?.content ?? []), content)
        found?.content.fill(120)
        assert.equal(await textAt(store, key('a')), 'first')
      }
    },
  },
  {
    group,
    name: 'what is not there is absent, and deleting it deletes nothing',
    run: async ({ store }) => {
      await store.set(text('a', key('a')))
      for (const at of [key('b'), key('a', 'other'), key('a', 'reports', 'tenant-2'), key('A'), key('a/')]) {
        assert.equal(await store.get(at), undefined)
        assert.equal(await store.head(at), undefined)
        assert.equal(await store.copy(at, { bucket: 'reports', object: 'copied' }), undefined)
        assert.equal(await store.delete(at), false)
      }
      assert.equal(await store.total(), 1)
    },
  },
  {
    group,
    name: 'a deleted object is gone, and its name is free again',
    run: async ({ store }) => {
      await store.set(text('one', key('a')))
      assert.equal(await store.delete(key('a')), true)
      assert.equal(await store.delete(key('a')), false)
      assert.equal(await store.get(key('a')), undefined)
      await store.set(text('two', key('a')))
      assert.equal(await textAt(store, key('a')), 'two')
    },
  },
  {
    group,
    name: 'a copy has bytes, type and publicity of the original, and is apart from it',
    run: async ({ store }) => {
      await store.set({ ...text('one', key('a')), isPublic: true })
      await store.set(text('overwritten', key('b', 'archive')))
      const copied = await store.copy(key('a'), { bucket: 'archive', object: 'b' })
      assert.deepEqual(
        [copied?.bucket, copied?.object, copied?.contentType, copied?.isPublic, copied?.bytes],
        ['archive', 'b', 'text/plain; charset=utf-8', true, 3],
      )
      assert.deepEqual(await store.head(key('b', 'archive')), copied)
      await store.set(text('two', key('a')))
      assert.equal(await textAt(store, key('b', 'archive')), 'one')
      assert.equal((await store.copy(key('a'), key('a')))?.bytes, 3)
      assert.equal(await textAt(store, key('a')), 'two')
    },
  },
  {
    group,
    name: 'of many writes to one name at once one stays, whole, and a reader sees one of them',
    run: async ({ store }) => {
      const contents = Array.from({ length: 12 }, (_, index) => String(index).repeat(40_000 + index))
      await store.set(text(contents[0] ?? '', key('a')))
      const writing = contents.map((content) => store.set(text(content, key('a'))))
      const reading = contents.map(() => store.get(key('a')))
      for (const found of await Promise.all(reading)) {
        assert.equal(found?.hash, sha256(found?.content ?? everyByte))
        assert.ok(contents.includes(new TextDecoder().decode(found?.content)))
      }
      await Promise.all(writing)
      assert.ok(contents.includes((await textAt(store, key('a'))) ?? ''))
    },
  },
]
