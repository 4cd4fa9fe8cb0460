import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileData } from '../src/index.ts'
import { runChild, runLimited } from './children/run.ts'
import { newFolder, runtime } from './place.ts'

const old = Buffer.alloc(500_000, 'o')
const at = (bucket: string): { tenant: string; bucket: string; object: string } => ({
  tenant: 't',
  bucket,
  object: 'o',
})
/** More than the steps that a write has. */
const stepsMax = 20

describe('a process that is killed while it writes', () => {
  test('leaves the old object or the new one, at every step, and nothing half-written for the next one', async () => {
    await using folder = await newFolder()
    let ended: NodeJS.Signals | null = 'SIGKILL'
    const seen = new Set<string>()
    for (let step = 0; ended !== null; step += 1) {
      assert.ok(step < stepsMax)
      const bucket = `bucket-${step}`
      {
        await using store = await fileData(folder.path).open(runtime)
        await store.set({ ...at(bucket), contentType: 'text/plain', content: old })
      }
      ended = await runChild('write.ts', folder.path, bucket, String(step)).ended
      await using store = await fileData(folder.path).open(runtime)
      assert.deepEqual(await readdir(join(folder.path, 'writing')), [])
      const found = await store.get(at(bucket))
      assert.ok(found)
      const isNew = found.contentType === 'text/csv'
      assert.deepEqual(Buffer.from(found.content), isNew ? Buffer.alloc(300_000, 'n') : old)
      assert.equal((await store.list({ tenant: 't', bucket })).items.length, 1)
      seen.add(isNew ? 'new' : 'old')
    }
    assert.deepEqual([...seen], ['old', 'new'])
  })

  test('leaves the object or no object when there was none', async () => {
    await using folder = await newFolder()
    for (const step of [0, 1, 3, 4, 5]) {
      await runChild('write.ts', folder.path, `bucket-${step}`, String(step)).ended
      await using store = await fileData(folder.path).open(runtime)
      const found = await store.get(at(`bucket-${step}`))
      assert.ok(found === undefined || found.bytes === 300_000)
      assert.deepEqual(await store.usage('t'), {
        buckets: (await store.list({ tenant: 't' })).items.length,
        objects: (await store.list({ tenant: 't' })).items.length,
        bytes: 300_000 * (await store.list({ tenant: 't' })).items.length,
      })
    }
  })
})

describe('two processes on one folder', () => {
  test('a reader sees whole objects while another process replaces them, and takes nothing from it when it opens', async () => {
    await using folder = await newFolder()
    await using child = runChild('overwrite.ts', folder.path)
    await child.firstLine
    const seen = new Set<number>()
    while (seen.size < 20) {
      // Opening sweeps what dead processes left; the writer is alive.
      await using store = await fileData(folder.path).open(runtime)
      const found = await store.get({ tenant: 't', bucket: 'b', object: 'o' })
      assert.ok(found)
      const letter = String.fromCodePoint(97 + ((found.bytes - 100_000) % 26))
      assert.deepEqual(Buffer.from(found.content), Buffer.alloc(found.bytes, letter))
      seen.add(found.bytes)
    }
  })
})

describe('a file that finds no room', () => {
  test('is store_full: the old object stays, nothing half-written is left, and the store goes on', async () => {
    await using folder = await newFolder()
    await using child = runLimited('limited.ts', folder.path)
    assert.equal((await child.firstLine).trim(), 'store_full')
    assert.equal(await child.ended, null)
    assert.deepEqual(await readdir(join(folder.path, 'writing')), [])
    await using store = await fileData(folder.path).open(runtime)
    assert.equal((await store.get({ tenant: 't', bucket: 'b', object: 'o' }))?.bytes, 5)
    assert.equal((await store.get({ tenant: 't', bucket: 'b', object: 'p' }))?.bytes, 7)
  })
})
