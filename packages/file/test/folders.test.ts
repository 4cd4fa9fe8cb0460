import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { DataStore, ErrorCode } from '@gesta/core/ports'
import { openDataFolder } from '../src/data-folder.ts'
import { createFileDataStore } from '../src/data-store.ts'
import { fileData } from '../src/index.ts'
import { orderedNames } from '../src/ordered-names.ts'
import { newFolder, runtime } from './place.ts'

const at = { tenant: 't', bucket: 'b', object: 'o' }
const one = { ...at, contentType: 'text/plain', content: Buffer.from('one') }
const is = (code: ErrorCode) => (error: unknown) => isGestaError(error, code)
const open = (path: string, readOnly = false): Promise<DataStore> => fileData(path, { readOnly }).open(runtime)

describe('a folder of a data store', () => {
  test('is made when it is missing, and its files can be read by people', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'deep', 'data')
    await using store = await open(path)
    await store.set({ ...one, tenant: 'acme', bucket: 'Reports', object: '2026-11.csv' })
    assert.deepEqual((await readdir(path)).sort(), ['gesta-data.json', 'objects', 'writing'])
    const text = await readFile(join(path, 'objects', 't-acme', 'b-%52eports', 'o-2026-11.csv'), 'utf8')
    assert.match(text, /^gesta object 1\n\{"tenant":"acme","bucket":"Reports","object":"2026-11.csv",.*\}\none$/)
  })

  test('with other files, and a file, are refused and left alone', async () => {
    await using folder = await newFolder()
    await writeFile(join(folder.path, 'letter.txt'), 'mine')
    await assert.rejects(open(folder.path), is('store_foreign'))
    assert.deepEqual(await readdir(folder.path), ['letter.txt'])
    await assert.rejects(open(join(folder.path, 'letter.txt')), is('store_unavailable'))
  })

  test('of a newer version, or with a damaged mark, is refused', async () => {
    await using folder = await newFolder()
    await (await open(folder.path))[Symbol.asyncDispose]()
    const mark = join(folder.path, 'gesta-data.json')
    await writeFile(mark, '{"format":2}')
    await assert.rejects(open(folder.path), is('store_newer'))
    for (const text of ['', '{}', '{"format":"1"}', 'null']) {
      await writeFile(mark, text)
      await assert.rejects(open(folder.path), is('store_foreign'), text)
    }
  })

  test('that was begun and not finished is finished', async () => {
    await using folder = await newFolder()
    await mkdir(join(folder.path, 'writing'))
    await using store = await open(folder.path)
    assert.equal(await store.total(), 0)
  })

  test('may hold files of others, which are no objects', async () => {
    await using folder = await newFolder()
    await using store = await open(folder.path)
    await store.set(one)
    const bucket = join(folder.path, 'objects', 't-t', 'b-b')
    for (const path of [bucket, join(bucket, '..'), join(bucket, '..', '..')])
      await writeFile(join(path, '.DS_Store'), '')
    await mkdir(join(folder.path, 'objects', 'other', 'b-b'), { recursive: true })
    assert.deepEqual(await store.usage(), { buckets: 1, objects: 1, bytes: 3 })
    assert.equal((await store.list({ tenant: 't' }, { withTotal: true })).total, 1)
    assert.equal(await store.delete(at), true)
    await store.set(one)
  })

  test('has no folder for a bucket without objects', async () => {
    await using folder = await newFolder()
    await using store = await open(folder.path)
    await store.set(one)
    await store.set({ ...one, object: 'p' })
    await store.delete(at)
    assert.deepEqual(await readdir(join(folder.path, 'objects', 't-t')), ['b-b'])
    await store.delete({ ...at, object: 'p' })
    assert.deepEqual(await readdir(join(folder.path, 'objects')), [])
  })
})

describe('a file of an object', () => {
  test('that is damaged is told, by its path, and can be replaced', async () => {
    await using folder = await newFolder()
    await using store = await open(folder.path)
    await store.set(one)
    const path = join(folder.path, 'objects', 't-t', 'b-b', 'o-o')
    const whole = await readFile(path)
    const broken = [
      Buffer.alloc(0),
      Buffer.from('hello'),
      whole.subarray(0, 40),
      whole.subarray(0, whole.length - 1),
      Buffer.concat([whole, Buffer.from('x')]),
      Buffer.from('gesta object 1\n{"half\n'),
      Buffer.from(`gesta object 1\n${'x'.repeat(20_000)}`),
    ]
    for (const bytes of broken) {
      await writeFile(path, bytes)
      const calls = [
        store.get(at),
        store.head(at),
        store.copy(at, { bucket: 'c', object: 'c' }),
        store.list({ tenant: 't' }),
      ]
      for (const result of await Promise.allSettled(calls)) {
        assert.ok(result.status === 'rejected' && isGestaError(result.reason, 'store_foreign'))
        assert.equal(result.reason.facts['path'], path)
      }
    }
    await store.set(one)
    assert.equal((await store.get(at))?.bytes, 3)
  })
})

describe('what was half-written', () => {
  test('is removed when its process is gone or a day has passed, and left alone else', async () => {
    await using folder = await newFolder()
    await (await open(folder.path))[Symbol.asyncDispose]()
    const writing = join(folder.path, 'writing')
    const put = async (name: string, ageHours: number): Promise<void> => {
      const time = runtime.clock.nowUs() / 1_000_000 - ageHours * 3600
      await mkdir(join(writing, name))
      await writeFile(join(writing, name, 'file'), '')
      await utimes(join(writing, name), time, time)
    }
    await put('0123abcd.1.other-host', 23)
    await put('0123abcd.2.other-host', 25)
    await put('not-ours', 23)
    await put('not-ours-old', 25)
    await (await open(folder.path))[Symbol.asyncDispose]()
    assert.deepEqual((await readdir(writing)).sort(), ['0123abcd.1.other-host', 'not-ours'])
  })

  test('and vanishes under its writer is written again, as is the folder that it was for', async () => {
    await using folder = await newFolder()
    const vanishing = [join(folder.path, 'writing'), join(folder.path, 'objects'), join(folder.path, 'objects', 't-t')]
    const opened = await openDataFolder(folder.path, false, runtime.clock)
    await using store = createFileDataStore(opened, runtime.clock, (step) => {
      const path = step === 'rename' ? vanishing.pop() : undefined
      if (path !== undefined) rmSync(path, { recursive: true })
    })
    await store.set(one)
    assert.deepEqual(vanishing, [])
    assert.equal((await store.get(at))?.bytes, 3)
    assert.deepEqual(await readdir(join(folder.path, 'writing')), [])
  })

  test('and vanishes every time is given up', async () => {
    await using folder = await newFolder()
    const opened = await openDataFolder(folder.path, false, runtime.clock)
    await using store = createFileDataStore(opened, runtime.clock, (step) => {
      if (step === 'rename') rmSync(join(folder.path, 'writing'), { recursive: true })
    })
    await assert.rejects(store.set(one), is('store_unavailable'))
    assert.equal(await store.get(at), undefined)
  })
})

describe('a folder that is open for reading only', () => {
  test('answers every question, refuses every change by name, and is not changed', async () => {
    await using folder = await newFolder()
    {
      await using writer = await open(folder.path)
      await writer.set(one)
    }
    await mkdir(join(folder.path, 'writing', 'left'))
    await utimes(join(folder.path, 'writing', 'left'), 1, 1)
    await using store = await open(folder.path, true)
    assert.equal((await store.get(at))?.bytes, 3)
    assert.equal((await store.list({ tenant: 't' })).items.length, 1)
    const { readOnly, items } = await store.info()
    assert.deepEqual([readOnly, items], [true, 1])
    const changes = {
      set: store.set(one),
      copy: store.copy(at, { bucket: 'c', object: 'c' }),
      delete: store.delete(at),
      reset: store.reset(),
    }
    const results = await Promise.allSettled(Object.values(changes))
    for (const [index, operation] of Object.keys(changes).entries()) {
      const result = results[index]
      assert.ok(result?.status === 'rejected' && isGestaError(result.reason, 'store_read_only'))
      assert.deepEqual(result.reason.facts, { store: 'data', operation })
    }
    assert.deepEqual(await readdir(join(folder.path, 'writing')), ['left'])
  })

  test('must be one already', async () => {
    await using folder = await newFolder()
    await assert.rejects(open(folder.path, true), is('store_foreign'))
    await assert.rejects(open(join(folder.path, 'none'), true), is('store_unavailable'))
    assert.deepEqual(await readdir(folder.path), [])
  })
})

describe('the names in a folder', () => {
  test('come in order, however many there are', async () => {
    await using folder = await newFolder()
    const names = Array.from({ length: 25_000 }, (_, index) => `n${(index * 7919) % 25_000}`)
    for (let start = 0; start < names.length; start += 500)
      await Promise.all(names.slice(start, start + 500).map((name) => writeFile(join(folder.path, name), '')))
    const found: string[] = []
    for await (const { text } of orderedNames(
      folder.path,
      ({ name }) => name,
      (name) => name > 'n1',
    ))
      found.push(text)
    assert.deepEqual(found, names.filter((name) => name > 'n1').sort())
  })
})

describe('fileData()', () => {
  test('refuses an empty path and unknown options', () => {
    assert.throws(() => fileData(''), /path of a folder/)
    assert.throws(() => fileData('x', { readonly: true } as object), /Did you mean "readOnly"/)
  })
})
