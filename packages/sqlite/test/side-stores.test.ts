import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'
import { sqlite } from '../src/index.ts'
import { credentialFile } from '../src/credential-file.ts'
import { keyFile } from '../src/key-file.ts'
import { leaseFile } from '../src/lease-file.ts'
import { openSideFile } from '../src/side-file.ts'
import type { SideFile } from '../src/side-file.ts'
import { createSideThread } from '../src/side-stores.ts'
import { snapshotFile } from '../src/snapshot-file.ts'
import { commitOf, oneTo } from './commits.ts'
import { newFolder, runtime } from './place.ts'

const key = { tenant: 't', subject: 's', keyId: 'k', wrappedBy: 'w', wrapped: 'AAAA', createdAt: 1 }
const fails = (code: ErrorCode) => (error: unknown) => {
  assert.ok(isGestaError(error, code), String(error))
  return true
}

describe('side stores', () => {
  test('make no file and start no thread in an app that does not use them', async () => {
    await using folder = await newFolder()
    {
      await using backend = await sqlite(join(folder.path, 'shop.db')).open(runtime)
      await backend.events.commit(commitOf('c', 'a'))
      assert.ok(!(await readdir(folder.path)).some((name) => /\.(snapshots|leases|keys|credentials)/.test(name)))
    }
    const side = createSideThread(join(folder.path, 'shop.db'))
    side.store('keys')
    assert.equal(side.thread.worker(), undefined)
    await side.close()
  })

  test('have a file each beside the store, without a write-ahead log when they are closed', async () => {
    await using folder = await newFolder()
    {
      await using backend = await sqlite(join(folder.path, 'shop.db')).open(runtime)
      await backend.events.commit(commitOf('c', 'a'))
      await backend.keys.putIfAbsent(key)
      await backend.leases.acquire('name', 'owner', 1000)
      await backend.snapshots.total()
    }
    assert.deepEqual((await readdir(folder.path)).sort(), [
      'shop.db',
      'shop.db.keys',
      'shop.db.leases',
      'shop.db.lock',
      'shop.db.snapshots',
    ])
  })

  test('go on when their thread dies: what is harmless to repeat is asked once more', async () => {
    await using folder = await newFolder()
    const side = createSideThread(join(folder.path, 'shop.db'))
    const leases = side.store('leases')
    for (const round of oneTo(12)) {
      const asked = leases.call('acquire', `name-${round}`, 'owner', 60_000)
      // Ended at one moment after the other: before, while and after the thread does it.
      await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, round * 8))])
      await side.thread.worker()?.terminate()
      assert.equal((await asked)?.fencingToken, 1)
    }
    assert.equal(await leases.call('total'), 12)
    await side.close()
  })

  test('say that nobody knows when their thread dies during what must not be repeated', async () => {
    await using folder = await newFolder()
    const side = createSideThread(join(folder.path, 'shop.db'))
    const keys = side.store('keys')
    await keys.call('total', undefined)
    const asked = keys.callOnce('shred', key, 'reason', 1)
    const refused = assert.rejects(asked, fails('store_unavailable'))
    await side.thread.worker()?.terminate()
    await refused
    assert.equal(await keys.call('total', undefined), 0)
    await side.close()
  })

  test('that are closed answer no more, while others of the thread do', async () => {
    await using folder = await newFolder()
    const side = createSideThread(join(folder.path, 'shop.db'))
    const [keys, leases] = [side.store('keys'), side.store('leases')]
    await keys[Symbol.asyncDispose]()
    await assert.rejects(keys.call('total', undefined), fails('store_closed'))
    await assert.rejects(keys.callOnce('total', undefined), fails('store_closed'))
    assert.equal(await leases.call('total'), 0)
    await side.close()
  })

  test('refuse a file of another kind, another program and a newer version, and leave it alone', async () => {
    await using folder = await newFolder()
    const open = async (name: string, make: (path: string) => unknown): Promise<void> => {
      const path = join(folder.path, name)
      await make(`${path}.keys`)
      const side = createSideThread(path)
      try {
        await side.store('keys').call('total', undefined)
      } finally {
        await side.close()
      }
    }
    const sql = (statements: string) => (path: string) => {
      using db = new DatabaseSync(path)
      db.exec(statements)
    }
    await assert.rejects(
      open('letter', (path) => writeFile(path, 'This is a letter, not a database. '.repeat(50))),
      fails('store_foreign'),
    )
    await assert.rejects(open('other', sql('CREATE TABLE letters (text TEXT)')), fails('store_foreign'))
    await assert.rejects(
      open('leases', (path) => openSideFile(path, leaseFile).close()),
      fails('store_foreign'),
    )
    await assert.rejects(
      open('newer', (path) => {
        openSideFile(path, keyFile).close()
        sql("INSERT INTO migrations SELECT module, 2, 'later', checksum, 1 FROM migrations")(path)
      }),
      fails('store_newer'),
    )
    // What was refused once is looked at again: somebody may have put the right file there.
    const side = createSideThread(join(folder.path, 'fixed'))
    await writeFile(join(folder.path, 'fixed.keys'), 'This is a letter, not a database. '.repeat(50))
    await assert.rejects(side.store('keys').call('total', undefined), fails('store_foreign'))
    await writeFile(join(folder.path, 'fixed.keys'), '')
    assert.equal(await side.store('keys').call('total', undefined), 0)
    await side.close()
  })

  test('flush keys, credentials and tokens to the disk, and overwrite what is removed of keys, credentials and snapshots', async () => {
    await using folder = await newFolder()
    const settings = (name: string, file: SideFile<unknown>): readonly unknown[] => {
      using db = openSideFile(join(folder.path, name), file)
      return ['synchronous', 'secure_delete', 'journal_mode'].map((pragma) =>
        Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {}).at(0),
      )
    }
    const [normal, full] = [1, 2]
    assert.deepEqual(settings('keys', keyFile), [full, 1, 'wal'])
    assert.deepEqual(settings('credentials', credentialFile), [full, 1, 'wal'])
    assert.deepEqual(settings('leases', leaseFile).at(0), full)
    assert.deepEqual(settings('snapshots', snapshotFile), [normal, 1, 'wal'])
    assert.ok(existsSync(join(folder.path, 'keys')))
  })
})
