// Any text is a name, and two texts are two names, whatever a file system or a collation thinks of them.
import assert from 'node:assert/strict'
import { badKeys, refused } from '../refused.ts'
import { key, text, textAt } from './given.ts'
import type { DataStoreCase } from './given.ts'

const group = 'names'

/** Names that are the same, or no names at all, on some file system, in some collation or in some pattern. */
const oddNames: readonly string[] = [
  'a',
  'A',
  ' a',
  'a ',
  'a.',
  'a..',
  '.',
  '..',
  '.a',
  '../a',
  '../../a',
  '/a',
  'a/',
  'a/b',
  'a\\b',
  'C:\\a',
  'con',
  'CON',
  'con.txt',
  'nul',
  'lpt1',
  'a:b',
  'a:b:c',
  'a%b',
  'a%2fb',
  'a_b',
  'a~b',
  'a*',
  '?',
  '"',
  "'",
  '<a>',
  '|',
  '-a',
  '--',
  'a\nb',
  '\u007f',
  '\u0001',
  'ä',
  'a\u0308',
  'ß',
  'ss',
  'ı',
  'İ',
  '\uffee',
  '\u{1f9fa}',
  'x'.repeat(255),
  'x'.repeat(511),
  'x'.repeat(512),
  '\u{1f9fa}'.repeat(256),
  '漢'.repeat(512),
  '__proto__',
  'constructor',
]

export const nameCases: readonly DataStoreCase[] = [
  {
    group,
    name: 'odd names are kept exactly and apart: of objects, buckets and tenants',
    run: async ({ store }) => {
      for (const [index, name] of oddNames.entries()) {
        await store.set(text(`object ${index}`, key(name)))
        await store.set(text(`bucket ${index}`, key('a', name)))
        await store.set(text(`tenant ${index}`, key('a', 'reports', name)))
      }
      for (const [index, name] of oddNames.entries()) {
        assert.equal(await textAt(store, key(name)), `object ${index}`, JSON.stringify(name))
        assert.equal(await textAt(store, key('a', name)), `bucket ${index}`, JSON.stringify(name))
        assert.equal(await textAt(store, key('a', 'reports', name)), `tenant ${index}`, JSON.stringify(name))
        assert.equal((await store.head(key('a', name)))?.bucket, name)
        assert.equal((await store.list({ tenant: name })).items[0]?.tenant, name)
      }
      assert.equal(await store.total(), oddNames.length * 3)
    },
  },
  {
    group,
    name: 'an app without tenants uses the empty one, which is a tenant like others',
    run: async ({ store }) => {
      await store.set(text('none', key('a', 'reports', '')))
      await store.set(text('one', key('a')))
      assert.equal(await textAt(store, key('a', 'reports', '')), 'none')
      assert.deepEqual([await store.total(''), await store.total(), await store.total('tenant-2')], [1, 2, 0])
    },
  },
  {
    group,
    name: 'a name that cannot be kept is refused wherever it stands, and nothing is stored',
    run: async ({ store }) => {
      for (const bad of badKeys) {
        const places = [key(bad), key('a', bad), ...(bad === '' ? [] : [key('a', 'reports', bad)])]
        for (const at of places) {
          await refused('invalid_key', [
            store.set(text('a', at)),
            store.get(at),
            store.head(at),
            store.delete(at),
            store.copy(at, { bucket: 'b', object: 'b' }),
          ])
        }
        await refused('invalid_key', [
          store.copy(key('a'), { bucket: bad, object: 'b' }),
          store.copy(key('a'), { bucket: 'b', object: bad }),
          store.list({ tenant: 'a', bucket: bad }),
        ])
        if (bad === '') continue
        await refused('invalid_key', [
          store.list({ tenant: bad }),
          store.list({ tenant: 'a', prefix: bad }),
          store.usage(bad),
          store.total(bad),
          store.reset(bad),
        ])
      }
      assert.equal(await store.total(), 0)
    },
  },
  {
    group,
    name: 'a content type that no header can carry is refused',
    run: async ({ store }) => {
      const types = [
        '',
        'text',
        'text/',
        '/plain',
        'text/plain\r\nx: y',
        'text/plain\0',
        'tëxt/plain',
        'a b/c',
        `a/${'b'.repeat(254)}`,
      ]
      await refused(
        'invalid_key',
        types.map((contentType) => store.set({ ...text('a', key('a')), contentType })),
      )
      assert.equal(await store.total(), 0)
      for (const contentType of ['text/html', 'application/vnd.api+json; charset="utf-8"', `a/${'b'.repeat(253)}`])
        assert.equal((await store.set({ ...text('a', key('a')), contentType })).contentType, contentType)
    },
  },
]
