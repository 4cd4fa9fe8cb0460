import assert from 'node:assert/strict'
import test from 'node:test'
import type { SqliteEventStore } from '../src/event-store.ts'
import type { SqliteReadModelStore } from '../src/read-model-store.ts'
import { commitOf, isStored, newStore, oneTo } from './commits.ts'

test('a writer thread that dies is replaced, and every command is stored once', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  const events = backend.events as SqliteEventStore
  const heard: number[] = []
  using _ = events.onAppend((group) => heard.push(...group.map(({ receipt }) => receipt.position)))
  let next = 0
  let alive = true
  const client = async (): Promise<void> => {
    while (alive) {
      next += 1
      const verdict = await events.commit(commitOf(`c${next}`, `order-${next % 30}`))
      assert.ok(isStored(verdict), JSON.stringify(verdict))
    }
  }
  const clients = Promise.all(Array.from({ length: 8 }, client))
  for (const killed of oneTo(4)) {
    const before = next
    while (next < before + 100 * killed) await new Promise(setImmediate)
    await events.writer.thread.worker()?.terminate()
  }
  alive = false
  await clients
  assert.equal(await events.head(), next)
  const log = await events.readAll({ after: 0, limit: 10_000 })
  assert.deepEqual(
    log.map(({ position }) => position),
    oneTo(next),
  )
  assert.equal(new Set(log.map(({ commandId }) => commandId)).size, next)
  assert.deepEqual(heard, oneTo(next))
})

test('a question that cannot be sent to a thread fails alone: no other caller is given its answer', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  for (const name of ['alice', 'bob']) await backend.events.commit(commitOf(name, name, { tenant: name }))
  const unsendable = { tenant: 'alice', describe: () => 'a function' }
  const listOf = async (tenant: string): Promise<readonly string[]> =>
    (await backend.events.list({ tenant })).items.map(({ commandId }) => commandId)
  await assert.rejects(backend.events.list(unsendable))
  assert.deepEqual(await Promise.all([listOf('alice'), listOf('bob')]), [['alice'], ['bob']])
})

test('a read of the log does not wait for the lists that were asked before', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  const { events, commandLog } = backend
  for (const i of oneTo(300)) await events.commit(commitOf(`c${i}`, `order-${i}`))
  const rare = { workspace: 'none', attributes: { a: 'b' } }
  let overtaken = false
  // One thread answers in the order of the calls, so there it would never be so.
  for (let tried = 0; !overtaken && tried < 50; tried += 1) {
    let open = 40
    const done = (): void => void (open -= 1)
    const lists = oneTo(10).flatMap(() => [
      events.list(rare).then(done),
      events.total(rare).then(done),
      events.uniqueValues('workspace').then(done),
      commandLog.list({ sender: 'nobody' }).then(done),
    ])
    assert.equal((await events.readAll({ after: 299 })).length, 1)
    overtaken = open > 0
    await Promise.all(lists)
  }
  assert.ok(overtaken)
})

test('a view thread that dies is replaced, and a flush that it had done counts as done', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  const readModels = backend.readModels as SqliteReadModelStore
  const view = await readModels.open({ name: 'orders', modelVersion: 1, generation: 0 })
  const at = (position: number) => ({ incarnation: 'i', position, eventId: position === 0 ? '' : `e${position}` })
  let ended: Promise<unknown> | undefined
  for (const position of oneTo(60)) {
    const writes = oneTo(20).map((i) => ({ tenant: 't', key: `k${i}`, value: String(position) }))
    const flushing = view.flush({ expected: at(position - 1), next: at(position), writes })
    // Ended at one moment after the other: before, while and after the thread does it.
    if (position % 6 === 0) {
      await Promise.race([flushing, new Promise((resolve) => setTimeout(resolve, position / 100))])
      ended = readModels.thread.worker()?.terminate()
    }
    assert.equal(await flushing, true)
    assert.deepEqual(await view.checkpoint(), at(position))
  }
  await ended
  assert.deepEqual(
    (await view.list('t', {})).rows,
    oneTo(20).map(() => '60'),
  )
})

test('an idle store does not keep its process alive, and an open one can be left without closing', async () => {
  const { spawnSync } = await import('node:child_process')
  await using store = await newStore()
  const source = `
    import { sqlite } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
    import { runtime } from ${JSON.stringify(new URL('place.ts', import.meta.url).href)}
    import { commitOf } from ${JSON.stringify(new URL('commits.ts', import.meta.url).href)}
    const { events } = await sqlite(${JSON.stringify(store.path)}).open(runtime)
    console.log((await events.commit(commitOf('c', 'a'))).verdict, (await events.readAll({ after: 0 })).length)
  `
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--conditions=gesta-source', '--input-type=module', '--eval', source],
    { encoding: 'utf8', timeout: 20_000 },
  )
  assert.deepEqual([stdout.trim(), status], ['stored 1', 0], stderr)
})
