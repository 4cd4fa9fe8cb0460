// Stored events as administrators see and change them: nobody's personal data is shown, and what is written anew is sealed as before.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memory, systemContext, systemTenant } from '@gesta/core'
import {
  StoreEventDeleteCommand as remove,
  StoreEventRead as list,
  StoreEventUpdateCommand as update,
} from '../../src/runtime-domain/store-events.ts'
import type { StoreEventItem } from '../../src/runtime-domain/store-events.ts'
import type { StorePage } from '../../src/runtime-domain/store-pages.ts'
import { clerk, read, runtimePlace, Written } from './runtime-place.ts'
import type { RuntimePlace } from './runtime-place.ts'

const why = { reason: 'a ticket asks for it' }
const rewriting = (): Promise<RuntimePlace> => runtimePlace({ store: memory({ allowRewriting: true }) })

async function written(place: RuntimePlace): Promise<readonly StoreEventItem[]> {
  const page = (await place.ask(list({ tenant: 'acme', types: [Written.type] }))) as StorePage<StoreEventItem>
  return page.items
}

describe('stored events', () => {
  test('are listed by what is asked, page by page, and got by their id', async () => {
    await using place = await runtimePlace()
    for (const id of ['a', 'b', 'c']) await place.note(id)
    const items = await written(place)
    assert.deepEqual(
      items.map(({ aggregateId }) => aggregateId),
      ['a', 'b', 'c'],
    )
    const first = (await place.ask(list({ tenant: 'acme', limit: 2 }))) as StorePage<StoreEventItem>
    const { cursor } = first
    const second = (await place.ask(list({ tenant: 'acme', limit: 2, cursor }))) as StorePage<StoreEventItem>
    assert.deepEqual([...first.items, ...second.items], items)
    const [one] = items
    assert.deepEqual(await place.ask(list({ tenant: 'acme', eventId: one?.eventId })), { items: [one] })
    assert.deepEqual(await place.ask(list({ tenant: 'rival', eventId: one?.eventId })), { items: [] })
    assert.equal(await place.ask(list({ eventId: 'no event' })), 'invalid_key')
    assert.equal(await place.ask(list({ cursor: 'no cursor' })), 'invalid_cursor')
  })

  test('that are sealed stay sealed, and nothing of a person is shown', async () => {
    await using place = await runtimePlace()
    await place.note('a')
    const [item] = await written(place)
    assert.equal(item?.sealed, true)
    assert.deepEqual(item.data, { text: 'text of a', author: '[personal]' })
    assert.doesNotMatch(JSON.stringify(item), /Ann/)
  })

  test('that are sealed as a whole are shown without data', async () => {
    const encryption = {
      secrets: [{ id: 'test', secret: 'a secret of tests, which seals nothing real' }],
      payloads: 'all',
    }
    await using place = await runtimePlace({ encryption } as never)
    await place.note('a')
    const [item] = await written(place)
    assert.equal(item?.sealed, true)
    assert.equal(item.data, undefined)
  })

  test('are not changed where the store does not allow it', async () => {
    await using place = await runtimePlace()
    await place.note('a')
    const [item] = await written(place)
    const { tenant = '', eventId = '' } = item ?? {}
    const data = { text: 'new', author: 'Bea' }
    assert.equal(await place.ask(update({ tenant, eventId, data, ...why })), 'store_read_only')
    assert.equal(await place.ask(remove({ tenant, eventId, ...why })), 'store_read_only')
    assert.deepEqual(await written(place), [item])
  })

  test('are written anew, sealed as before, with an entry in the audit log', async () => {
    await using place = await rewriting()
    await place.note('a')
    const [item] = await written(place)
    const { tenant = '', eventId = '' } = item ?? {}
    const data = { text: 'new', author: 'Bea' }
    assert.deepEqual(await place.ask(update({ tenant, eventId, data, ...why })), { changed: 1 })
    const [changed] = await written(place)
    assert.deepEqual({ ...changed }, { ...item, data: { text: 'new', author: '[personal]' } })
    const { running } = place
    await place.done(running.readModels.control('Note').restore({ fromZero: true }))
    await place.clock.advance(5_000)
    await place.done(running.caughtUp())
    assert.deepEqual(await place.ask(read({ noteId: 'a' }), clerk), { text: 'new' })
    const page = await place.done(running.audit.list(systemContext(), { tenant: systemTenant, order: 'oldest' }))
    const entries = page.items.filter(({ resource }) => resource === `event/${tenant}/${eventId}`)
    assert.deepEqual(
      entries.map(({ action }) => action),
      ['StoreEvent.Update.Intent', 'StoreEvent.Update'],
    )
    assert.doesNotMatch(JSON.stringify(page.items), /Bea/)
    const records = await place.done(running.commandLog.list({ commandType: update.type }))
    assert.equal(records.items.length, 1)
    assert.doesNotMatch(JSON.stringify(records.items), /Bea/)
  })

  test('are written anew only with data that fit, and only when they are there', async () => {
    await using place = await rewriting()
    await place.note('a')
    const [item] = await written(place)
    const { tenant = '', eventId = '' } = item ?? {}
    assert.equal(await place.ask(update({ tenant, eventId, data: { text: 1 }, ...why })), 'invalid_input')
    assert.equal(await place.ask(update({ tenant, eventId, ...why } as never)), 'invalid_input')
    assert.equal(await place.ask(update({ tenant, eventId, data: {}, reason: '' })), 'invalid_input')
    const elsewhere = { tenant: 'rival', eventId, data: { text: 'new', author: 'Bea' } }
    assert.deepEqual(await place.ask(update({ ...elsewhere, ...why })), { changed: 0 })
    assert.deepEqual(await written(place), [item])
  })

  test('of gesta itself are neither changed nor deleted', async () => {
    await using place = await rewriting()
    await place.done(place.running.erase({ tenant: 'acme', subject: 'a', ...why }))
    const page = (await place.ask(list({ tenant: 'acme', domains: ['Gesta'] }))) as StorePage<StoreEventItem>
    const eventId = page.items[0]?.eventId ?? ''
    assert.equal(await place.ask(remove({ tenant: 'acme', eventId, ...why })), 'store_read_only')
    assert.equal(await place.ask(update({ tenant: 'acme', eventId, data: {}, ...why })), 'store_read_only')
  })

  test('are deleted, which leaves their place', async () => {
    await using place = await rewriting()
    await place.note('a')
    const [item] = await written(place)
    const { tenant = '', eventId = '' } = item ?? {}
    assert.deepEqual(await place.ask(remove({ tenant, eventId, ...why })), { changed: 1 })
    assert.deepEqual(await place.ask(remove({ tenant, eventId, ...why })), { changed: 0 })
    const anew = update({ tenant, eventId, data: { text: 'new', author: 'Bea' }, ...why })
    assert.equal(await place.ask(anew), 'data_gone')
    const page = (await place.ask(list({ tenant, eventId }))) as StorePage<StoreEventItem>
    const [left] = page.items
    assert.equal(left?.deleted, true)
    assert.equal(left.position, item?.position)
    assert.equal(left.data, undefined)
  })
})
