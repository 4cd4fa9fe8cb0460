// What is destroyed is looked for in the bytes of every file beside the store.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { copyFile, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { Snapshot, StoredCredential, WrappedKey } from '@gesta/core/ports'
import { keyFile } from '../src/key-file.ts'
import { sqlite } from '../src/index.ts'
import { openSideFile } from '../src/side-file.ts'
import { oneTo } from './commits.ts'
import { newFolder, runtime } from './place.ts'

/** All bytes of the files in a folder, as text of one character per byte. */
async function bytesIn(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => !name.endsWith('.lock'))
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
  return files.join('\n')
}
function keyOf(index: number): WrappedKey {
  const subject = `subject-${(index * 7919) % 10_007}`
  const wrapped = randomBytes(24 + (index % 40)).toString('base64')
  return { tenant: 't', subject, keyId: `key-${index}`, wrappedBy: 'w', wrapped, createdAt: 1 }
}

test('the bytes of a shredded key are in no file any more, nor in the write-ahead log, whatever happened to its page', async () => {
  await using folder = await newFolder()
  await using backend = await sqlite(join(folder.path, 'shop.db')).open(runtime)
  const keys = oneTo(600).map(keyOf)
  for (const key of keys) await backend.keys.putIfAbsent(key)
  const before = await bytesIn(folder.path)
  assert.ok(keys.every(({ wrapped }) => before.includes(wrapped)))

  const gone = keys.filter((_, index) => index % 3 !== 0)
  for (const key of gone.slice(0, 60)) await backend.keys.shred(key, 'reason', 1)
  await backend.keys.replay(
    gone.slice(60).map((key, index) => ({ ...key, number: index + 1, reason: 'r', shreddedAt: 1 })),
  )
  const after = await bytesIn(folder.path)
  assert.deepEqual(
    gone.filter(({ wrapped }) => after.includes(wrapped)),
    [],
  )
  assert.ok(keys.filter((_, index) => index % 3 === 0).every(({ wrapped }) => after.includes(wrapped)))
  assert.equal((await stat(join(folder.path, 'shop.db.keys-wal'))).size, 0)

  await backend.keys.reset()
  const empty = await bytesIn(folder.path)
  assert.ok(!keys.some(({ wrapped }) => empty.includes(wrapped)))
})

test('a key that was shredded just before its process ended is overwritten when the store is opened again', async () => {
  await using folder = await newFolder()
  const [path, copy] = [join(folder.path, 'ended'), join(folder.path, 'shop.db')]
  const key = keyOf(1)
  using db = openSideFile(path, keyFile)
  keyFile.operations(db).putIfAbsent(key)
  // The transaction of a shredding, and no more: as if the process ended before it could cut the write-ahead log.
  db.exec('DELETE FROM keys')
  for (const ending of ['', '-wal']) await copyFile(path + ending, `${copy}.keys${ending}`)
  assert.ok((await readFile(`${copy}.keys-wal`, 'latin1')).includes(key.wrapped))
  await using backend = await sqlite(copy).open(runtime)
  assert.equal(await backend.keys.get(key), undefined)
  for (const ending of ['', '-wal'])
    assert.ok(!(await readFile(`${copy}.keys${ending}`, 'latin1')).includes(key.wrapped))
})

test('a shredding that cannot cut the write-ahead log says so, and can be made again', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  await using backend = await sqlite(path).open(runtime)
  const key = keyOf(1)
  await backend.keys.putIfAbsent(key)
  using other = new DatabaseSync(`${path}.keys`, { readOnly: true })
  const reading = other.prepare('SELECT * FROM keys').iterate()
  reading.next()
  await assert.rejects(backend.keys.shred(key, 'reason', 1), (error) => {
    assert.ok(isGestaError(error, 'store_unavailable'), String(error))
    assert.match(error.message, /remove again/)
    return true
  })
  assert.equal(await backend.keys.get(key), 'shredded')
  reading.return?.()
  assert.equal((await backend.keys.shred(key, 'reason', 2)).shreddedAt, 1)
  assert.ok(!(await bytesIn(folder.path)).includes(key.wrapped))
})

test('the bytes of removed credentials are in no file any more, however they were removed', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  const texts = oneTo(120).map(() => randomBytes(40).toString('base64'))
  const of = (at: number): StoredCredential => ({
    tenant: 't',
    kind: 'password',
    id: `id-${at}`,
    subject: `subject-${at % 10}`,
    version: 1,
    sealedBy: 's',
    sealed: texts[at] ?? '',
    expiresAt: at % 10 === 3 ? 5 : undefined,
    writtenAt: 1,
  })
  await using backend = await sqlite(path).open(runtime)
  const { credentials } = backend
  for (const at of texts.keys()) await credentials.put(of(at), 0)
  const before = await bytesIn(folder.path)
  assert.ok(texts.every((text) => before.includes(text)))

  await credentials.put({ ...of(4), sealed: 'bmV3' }, 1)
  for (const at of texts.keys()) if (at % 10 === 1) await credentials.remove(of(at))
  await credentials.removeOf('t', 'subject-2')
  await credentials.removeExpired(100)
  const after = await bytesIn(folder.path)
  const gone = (at: number): boolean => [1, 2, 3].includes(at % 10) || at === 4
  assert.deepEqual(
    texts.filter((text, at) => after.includes(text) === gone(at)),
    [],
  )
  assert.equal((await stat(`${path}.credentials-wal`)).size, 0)
})

test('the bytes of a removed snapshot with personal data are in no file any more', async () => {
  await using folder = await newFolder()
  await using backend = await sqlite(join(folder.path, 'shop.db')).open(runtime)
  const snapshots = oneTo(60).map((index): Snapshot => ({
    tenant: 't',
    aggregateType: 'Customer',
    aggregateId: `customer-${index}`,
    stateVersion: 1,
    version: 1,
    incarnation: 'log',
    eventId: 'command.0',
    state: JSON.stringify(randomBytes(index * 100).toString('hex')),
    personal: index % 2 === 0,
    takenAt: 1,
  }))
  for (const snapshot of snapshots) await backend.snapshots.save(snapshot)
  // A state that a later one replaced is overwritten too.
  await backend.snapshots.save({ ...(snapshots[1] as Snapshot), version: 2, state: '"later"' })
  await backend.snapshots.deletePersonal('t')
  const after = await bytesIn(folder.path)
  for (const { state, personal } of snapshots) {
    const [first, last] = [state.slice(1, 60), state.slice(-60, -1)]
    assert.deepEqual([after.includes(first), after.includes(last)], [!personal, !personal])
  }
})
