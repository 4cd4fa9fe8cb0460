import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { BackendRuntime, OpenBackend } from '@gesta/core/ports'
import { cacheFile } from '../src/cache-file.ts'
import { dataFile } from '../src/data-file.ts'
import { sqlite } from '../src/index.ts'
import { logFile } from '../src/log-file.ts'
import { openSideFile } from '../src/side-file.ts'
import type { SideFile } from '../src/side-file.ts'
import { createSideThread } from '../src/side-stores.ts'
import { runChild } from './children/run.ts'
import { oneTo } from './commits.ts'
import { newFolder, runtime } from './place.ts'

const at = (key: string): { tenant: string; key: string } => ({ tenant: 't', key })
const object = (name: string): { tenant: string; bucket: string; object: string } => ({
  tenant: 't',
  bucket: 'b',
  object: name,
})

/** A runtime whose time stands still until it is set. */
function standingStill(): { nowUs: number; readonly runtime: BackendRuntime } {
  const time = { nowUs: 1_767_323_045_000_000, runtime }
  return Object.assign(time, { runtime: { ...runtime, clock: { ...runtime.clock, nowUs: () => time.nowUs } } })
}
async function keysOf({ cache }: OpenBackend): Promise<readonly string[]> {
  return (await cache.list('t', { limit: 1000 })).items.map(({ key }) => key)
}

describe('the cache on SQLite', () => {
  test('drops what was written the longest ago when it has no room, also after it was opened again', async () => {
    await using folder = await newFolder()
    const backend = sqlite(join(folder.path, 'shop.db'), { cacheBytesMax: 65_536 })
    {
      await using opened = await backend.open(runtime)
      for (const number of oneTo(250)) await opened.cache.set(at(`${number}`.padStart(3, '0')), `"${'x'.repeat(1000)}"`)
      // Written again, it is new.
      await opened.cache.set(at('200'), '1')
      assert.ok(Number((await opened.cache.info()).details['bytes']) <= 65_536)
    }
    await using opened = await backend.open(runtime)
    for (const number of oneTo(20)) await opened.cache.set(at(`new-${number}`), `"${'x'.repeat(1000)}"`)
    const keys = await keysOf(opened)
    assert.ok(keys.includes('200') && keys.includes('new-1') && !keys.includes('001') && !keys.includes('190'))
    assert.ok(Number((await opened.cache.info()).details['bytes']) <= 65_536)
  })

  test('drops what has expired before anything else', async () => {
    await using folder = await newFolder()
    const time = standingStill()
    await using opened = await sqlite(join(folder.path, 'shop.db'), { cacheBytesMax: 65_536 }).open(time.runtime)
    await opened.cache.set(at('old'), `"${'x'.repeat(1000)}"`)
    for (const number of oneTo(60))
      await opened.cache.set(at(`short-${number}`), `"${'x'.repeat(950)}"`, { ttlMs: 1000 })
    time.nowUs += 1_000_000
    for (const number of oneTo(30)) await opened.cache.set(at(`new-${number}`), `"${'x'.repeat(1000)}"`)
    assert.deepEqual(new Set(await keysOf(opened)), new Set(['old', ...oneTo(30).map((number) => `new-${number}`)]))
  })

  test('does not keep what has no room at all, nor the value before it', async () => {
    await using folder = await newFolder()
    await using opened = await sqlite(join(folder.path, 'shop.db'), { cacheBytesMax: 65_536 }).open(runtime)
    await opened.cache.set(at('a'), '1')
    await opened.cache.set(at('b'), '1')
    await opened.cache.set(at('a'), `"${'x'.repeat(70_000)}"`)
    assert.deepEqual(await keysOf(opened), ['b'])
  })

  test('counts time by the clock that it was given, to the microsecond', async () => {
    await using folder = await newFolder()
    const time = standingStill()
    await using opened = await sqlite(join(folder.path, 'shop.db')).open(time.runtime)
    await opened.cache.set(at('a'), '1', { ttlMs: 1000 })
    time.nowUs += 999_999
    assert.equal(await opened.cache.get(at('a')), '1')
    assert.equal((await opened.cache.list('t')).items[0]?.expiresInMs, 1)
    time.nowUs += 1
    assert.equal(await opened.cache.get(at('a')), undefined)
    assert.equal(await opened.cache.total(), 0)
    assert.equal(await opened.cache.delete(at('a')), false)
  })
})

describe('the log of lines on SQLite', () => {
  test('keeps lines exactly as long as its retention says', async () => {
    await using folder = await newFolder()
    const time = standingStill()
    await using opened = await sqlite(join(folder.path, 'shop.db')).open(time.runtime)
    const append = (text: string): Promise<void> =>
      opened.log.append([{ level: 'info', at: time.nowUs, tenant: '', text }])
    await opened.log.setRetention(1000)
    await append('a')
    time.nowUs += 1_000_000
    await append('b')
    assert.equal(await opened.log.total(), 2)
    time.nowUs += 1
    await append('c')
    assert.equal(await opened.log.total(), 2)
  })

  test('ends a page early when its lines are large, and goes on from there', async () => {
    await using folder = await newFolder()
    await using opened = await sqlite(join(folder.path, 'shop.db')).open(runtime)
    const lines = oneTo(12).map((time) => ({
      level: 'info' as const,
      at: time,
      tenant: '',
      text: 'x'.repeat(1_000_000),
    }))
    await opened.log.append(lines)
    const first = await opened.log.list({ order: 'oldest' }, { limit: 100, withTotal: true })
    assert.ok(first.items.length < 12 && first.items.length > 1 && first.cursor !== undefined)
    assert.equal(first.total, 12)
    const times: number[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page = await opened.log.list({ order: 'oldest' }, cursor === '' ? {} : { cursor })
      times.push(...page.items.map((item) => item.at))
      cursor = page.cursor
    }
    assert.deepEqual(times, oneTo(12))
  })
})

describe('objects on SQLite', () => {
  test('that a killed process was told are stored are all there, and whole', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'shop.db')
    await using child = runChild('objects.ts', path)
    let stored = 0
    for await (const line of child.lines) {
      stored = Number(line)
      if (stored === 50) child.process.kill('SIGKILL')
    }
    await child.kill()
    await using opened = await sqlite(path).open(runtime)
    assert.ok(stored >= 50)
    for (const number of oneTo(stored)) {
      const found = await opened.data.get(object(String(number)))
      assert.deepEqual(Buffer.from(found?.content ?? []), Buffer.alloc(20_000 + number, String(number % 10)))
    }
  })

  test('are overwritten when they are deleted, as are lines', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'shop.db')
    await using opened = await sqlite(path).open(runtime)
    const secret = Buffer.from('something that has to go '.repeat(1000))
    await opened.data.set({ ...object('a'), contentType: 'text/plain', content: secret })
    await opened.log.append([{ level: 'info', at: 1, tenant: '', text: secret.toString() }])
    await opened.data.delete(object('a'))
    await opened.log.purge(2)
    for (const file of ['data', 'data-wal', 'log', 'log-wal'])
      assert.equal((await readFile(`${path}.${file}`)).includes('something that has to go'), false, file)
  })

  test('do not hold leases up: each kind of work has its own thread', async () => {
    await using folder = await newFolder()
    await using opened = await sqlite(join(folder.path, 'shop.db')).open(runtime)
    await Promise.all([opened.leases.total(), opened.data.total(), opened.cache.total()])
    const order: string[] = []
    const content = new Uint8Array(60 * 1024 * 1024)
    await Promise.all([
      opened.data.set({ ...object('a'), contentType: 'text/plain', content }).then(() => order.push('object')),
      opened.leases.acquire('name', 'owner', 1000).then(() => order.push('lease')),
      opened.cache.set(at('a'), '1').then(() => order.push('entry')),
    ])
    assert.equal(order.at(-1), 'object')
  })
})

describe('the files of data, cache and log', () => {
  test('flush what may not be lost, never wait for the rest, and overwrite what is removed', async () => {
    await using folder = await newFolder()
    const settings = (name: string, file: SideFile<unknown>): readonly unknown[] => {
      using db = openSideFile(join(folder.path, name), file)
      return ['synchronous', 'secure_delete'].map(
        (pragma) => Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0],
      )
    }
    const [normal, full] = [1, 2]
    assert.deepEqual(settings('data', dataFile), [full, 1])
    assert.deepEqual(settings('cache', cacheFile), [normal, 1])
    assert.deepEqual(settings('log', logFile), [normal, 1])
  })

  test('go on when their thread dies; what must not be repeated says that nobody knows', async () => {
    await using folder = await newFolder()
    const side = createSideThread(join(folder.path, 'shop.db'))
    const [data, log] = [side.store('data'), side.store('log')]
    const asked = data.call('set', { ...object('a'), contentType: 'text/plain', content: new Uint8Array(1000) }, 1)
    await side.thread.worker()?.terminate()
    assert.equal((await asked).bytes, 1000)
    const appended = log.callOnce('append', [{ level: 'info', at: 1, tenant: '', text: 'a' }], 1)
    const refused = assert.rejects(appended, (error) => isGestaError(error, 'store_unavailable'))
    await side.thread.worker()?.terminate()
    await refused
    assert.equal(await log.call('total', {}), 0)
    await side.close()
  })

  test('an unknown bound of the cache is refused', () => {
    assert.throws(
      () => sqlite('shop.db', { cacheBytesMax: 1 }),
      /cacheBytesMax to be a whole number of at least 65,536/,
    )
  })
})
