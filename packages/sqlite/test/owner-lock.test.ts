import assert from 'node:assert/strict'
import { mkdir, readdir, symlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { findGestaError } from '@gesta/core/ports'
import { sqlite } from '../src/index.ts'
import { commitOf, isStored, newStore, oneTo } from './commits.ts'
import { firstLine, runChild } from './children/run.ts'
import { runtime } from './place.ts'

const lockedBy = (pid: number | undefined) => (error: unknown) => {
  const found = findGestaError(error, 'store_locked')
  assert.ok(found, String(error))
  assert.deepEqual([found.facts['pid'], found.facts['host']], [pid, hostname()])
  assert.match(found.message, new RegExp(`process ${pid} on `))
  return true
}

test('a store that is open cannot be opened a second time in the same process', async () => {
  await using store = await newStore()
  {
    await using _ = await store.open()
    await assert.rejects(store.open(), lockedBy(process.pid))
    await assert.rejects(store.open(), lockedBy(process.pid))
  }
  await using again = await store.open()
  assert.ok(isStored(await again.events.commit(commitOf('c', 'a'))))
})

test('a second process is refused and told who has the store; it can open it when the first one is killed', async () => {
  await using store = await newStore()
  await using holder = runChild('hold.ts', store.path)
  assert.equal(await firstLine(holder), 'open')
  await assert.rejects(store.open(), lockedBy(holder.process.pid))
  await holder.kill()
  await using _ = await store.open()
})

test('of many that open at once exactly one gets the store', async () => {
  await using store = await newStore()
  const children = oneTo(4).map(() => runChild('hold.ts', store.path))
  try {
    const codes = await Promise.all(children.map(firstLine))
    assert.deepEqual(codes.sort(), ['open', 'store_locked', 'store_locked', 'store_locked'])
  } finally {
    await Promise.all(children.map((child) => child.kill()))
  }
})

test('all names of a file share its lock and its views, also before there is a file', async () => {
  await using store = await newStore()
  const folder = dirname(store.path)
  const names = [join(folder, 'link.db'), join(folder, 'linked', 'store.db'), join(folder, 'link-to-link.db')]
  await symlink('store.db', join(folder, 'link.db'))
  await symlink('.', join(folder, 'linked'))
  await symlink('link.db', join(folder, 'link-to-link.db'))
  for (const [at, name] of [...names, store.path].entries()) {
    await using backend = await sqlite(name).open(runtime)
    assert.equal(await backend.events.head(), at)
    assert.ok(isStored(await backend.events.commit(commitOf(`c${at}`, 'a'))))
    await backend.readModels.open({ name: 'orders', modelVersion: 1, generation: 0 })
    for (const other of [...names, store.path]) await assert.rejects(sqlite(other).open(runtime), lockedBy(process.pid))
  }
  assert.deepEqual((await readdir(folder)).sort(), [
    'link-to-link.db',
    'link.db',
    'linked',
    'store.db',
    'store.db.lock',
    'store.db.views',
  ])
})

test('a link that leads nowhere is refused', async () => {
  await using store = await newStore()
  const folder = join(dirname(store.path), 'links')
  await mkdir(folder)
  await symlink('missing/store.db', join(folder, 'lost.db'))
  await symlink('circle.db', join(folder, 'circle.db'))
  for (const name of ['lost.db', 'circle.db'])
    await assert.rejects(sqlite(join(folder, name)).open(runtime), (error) =>
      Boolean(findGestaError(error, 'store_unavailable')),
    )
})

test('a store that cannot be closed in one part closes the others, gives the lock back last, and then says so', async () => {
  await using store = await newStore()
  const { events, readModels, ...backend } = await store.open()
  const closeEvents = events[Symbol.asyncDispose]
  const closeReadModels = readModels[Symbol.asyncDispose]
  let closed = false
  Object.assign(readModels, {
    [Symbol.asyncDispose]: async () => {
      await closeReadModels()
      throw new Error('no way')
    },
  })
  Object.assign(events, {
    [Symbol.asyncDispose]: async () => {
      await sleep(50)
      await assert.rejects(store.open(), lockedBy(process.pid))
      await closeEvents()
      closed = true
    },
  })
  await assert.rejects(async () => backend[Symbol.asyncDispose](), /no way/)
  assert.ok(closed)
  await using _ = await store.open()
})
