// What the permissions of the command log, the objects, the cache and the log lines open: each does what its table says.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as cache from '../../src/runtime-domain/store-cache.ts'
import * as commands from '../../src/runtime-domain/store-commands.ts'
import type { StoreCommandItem } from '../../src/runtime-domain/store-commands.ts'
import * as logs from '../../src/runtime-domain/store-logs.ts'
import type { StoreLogItem } from '../../src/runtime-domain/store-logs.ts'
import * as objects from '../../src/runtime-domain/store-objects.ts'
import type { StoreDataItem } from '../../src/runtime-domain/store-objects.ts'
import type { StorePage } from '../../src/runtime-domain/store-pages.ts'
import { runtimePlace, write } from './runtime-place.ts'

const why = { reason: 'a ticket asks for it' }
const place = { tenant: 'acme', bucket: 'invoices', object: '2026/1' }

describe('the command log', () => {
  test('is listed without what is about a person, redacted and purged', async () => {
    await using app = await runtimePlace()
    await app.note('a')
    const ask = async (): Promise<readonly StoreCommandItem[]> => {
      const asked = commands.StoreCommandRead({ tenant: 'acme', commandType: write.type })
      return ((await app.ask(asked)) as StorePage<StoreCommandItem>).items
    }
    const [item] = await ask()
    assert.equal(item?.status, 'accepted')
    assert.deepEqual(JSON.parse(item.payload ?? ''), { noteId: 'a', text: 'text of a', author: '[personal]' })
    const { tenant, commandId } = item
    assert.deepEqual(await app.ask(commands.StoreCommandRead({ tenant, commandId })), { items: [item] })
    assert.deepEqual(await app.ask(commands.StoreCommandUpdateCommand({ tenant, commandId, ...why })), { changed: 1 })
    assert.equal((await ask())[0]?.payload, undefined)
    const before = '2030-01-01T00:00:00Z'
    assert.deepEqual(await app.ask(commands.StoreCommandDeleteCommand({ before, tenant, ...why })), { changed: 1 })
    assert.deepEqual(await ask(), [])
  })
})

describe('the data store', () => {
  test('takes, shows and deletes objects', async () => {
    await using app = await runtimePlace()
    const content = Buffer.from('number one').toString('base64')
    const object = { ...place, contentType: 'text/plain', content, ...why }
    assert.deepEqual(await app.ask(objects.StoreDataUpdateCommand(object)), { changed: 1 })
    const listed = (await app.ask(objects.StoreDataRead({ tenant: 'acme' }))) as StorePage<StoreDataItem>
    assert.deepEqual(
      listed.items.map(({ object: name, bytes, content: shown }) => [name, bytes, shown]),
      [['2026/1', 10, undefined]],
    )
    const one = (await app.ask(objects.StoreDataRead({ ...place, withContent: true }))) as StorePage<StoreDataItem>
    assert.equal(one.items[0]?.content, content)
    assert.equal(await app.ask(objects.StoreDataUpdateCommand({ ...object, content: 'no base64!' })), 'invalid_input')
    assert.deepEqual(await app.ask(objects.StoreDataDeleteCommand({ ...place, ...why })), { changed: 1 })
    assert.deepEqual(await app.ask(objects.StoreDataDeleteCommand({ ...place, ...why })), { changed: 0 })
    const records = await app.done(app.running.commandLog.list({ commandType: 'StoreData.Update' }))
    assert.doesNotMatch(JSON.stringify(records.items), new RegExp(content))
  })

  test('gives no object whose bytes are too many for a message', async () => {
    await using app = await runtimePlace()
    const content = new Uint8Array(4 * 1024 * 1024 + 1)
    await app.done(app.running.stores.data.set({ ...place, contentType: 'text/plain', content }))
    assert.equal(await app.ask(objects.StoreDataRead({ ...place, withContent: true })), 'payload_too_large')
    assert.equal(typeof (await app.ask(objects.StoreDataRead(place))), 'object')
  })
})

describe('the cache', () => {
  test('takes, shows and deletes values, and is emptied', async () => {
    await using app = await runtimePlace()
    const set = (tenant: string, key: string): Promise<unknown> =>
      app.ask(cache.StoreCacheUpdateCommand({ tenant, key, value: '{"a":1}', ttlMs: 60_000, ...why }))
    for (const key of ['a', 'b', 'c']) assert.deepEqual(await set('acme', key), { changed: 1 })
    await set('rival', 'a')
    const page = (await app.ask(cache.StoreCacheRead({ tenant: 'acme', prefix: 'b' }))) as StorePage<object>
    assert.equal(page.items.length, 1)
    const one = { tenant: 'acme', key: 'a', value: '{"a":1}' }
    assert.deepEqual(await app.ask(cache.StoreCacheRead({ tenant: 'acme', key: 'a' })), { items: [one] })
    const remove = cache.StoreCacheDeleteCommand
    assert.deepEqual(await app.ask(remove({ tenant: 'acme', key: 'a', ...why })), { changed: 1 })
    assert.deepEqual(await app.ask(remove({ tenant: 'acme', ...why })), { changed: 2 })
    assert.deepEqual(await app.ask(remove({ ...why })), { changed: 1 })
    assert.deepEqual(await app.ask(cache.StoreCacheRead({ tenant: 'rival' })), { items: [] })
  })
})

describe('the log store', () => {
  test('is searched, kept for so long, and purged', async () => {
    await using app = await runtimePlace()
    const { log } = app.running.stores
    const at = app.clock.nowUs()
    const line = (text: string, level: 'info' | 'error') => ({ level, at, tenant: 'acme', text })
    await app.done(log.append([line('all is well', 'info'), line('nothing is well', 'error')]))
    const found = (await app.ask(logs.StoreLogRead({ level: 'error', tenant: 'acme' }))) as StorePage<StoreLogItem>
    assert.deepEqual(
      found.items.map(({ text }) => text),
      ['nothing is well'],
    )
    const { id = 0 } = found.items[0] ?? {}
    assert.deepEqual(await app.ask(logs.StoreLogRead({ id })), { items: found.items })
    assert.deepEqual(await app.ask(logs.StoreLogUpdateCommand({ keptMs: 86_400_000, ...why })), { changed: 1 })
    assert.equal(await app.done(log.retention()), 86_400_000)
    const before = '2030-01-01T00:00:00Z'
    assert.deepEqual(await app.ask(logs.StoreLogDeleteCommand({ before, tenant: 'acme', ...why })), { changed: 2 })
  })
})
