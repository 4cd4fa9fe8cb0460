// What the app is made of: everything for callers of the tenant SYSTEM, elsewhere what the caller may run, and nothing more.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { systemContext } from '@gesta/core'
import * as asked from '../../src/runtime-domain/contracts.ts'
import type { ListPage, MessageRow, PermissionRow } from '../../src/runtime-domain/rows.ts'
import { clerk, operator, reader, root, runtimePlace } from './runtime-place.ts'

const lists = [
  asked.PermissionList,
  asked.CommandList,
  asked.QueryList,
  asked.EventList,
  asked.JobList,
  asked.AggregateList,
  asked.ReadModelList,
  asked.StoreList,
  asked.CommandHandlerList,
  asked.QueryHandlerList,
  asked.EventHandlerList,
]
const forEverybody = new Set<string>([
  'Runtime.PermissionList',
  'Runtime.CommandList',
  'Runtime.QueryList',
  'Runtime.EventList',
])
type Named = ListPage<{ readonly name: string; readonly domain?: string }>
const namesOf = (page: unknown): readonly string[] => (page as Named).items.map(({ name }) => name)

describe('the lists', () => {
  test('name everything that the app has, sorted by name, for callers of the tenant SYSTEM', async () => {
    await using place = await runtimePlace()
    for (const list of lists) {
      for (const caller of [root, operator, systemContext()]) {
        const page = (await place.ask(list({ limit: 1_000 }), caller)) as Named
        assert.equal(page.items.length, page.total, list.type)
        assert.deepEqual(namesOf(page), namesOf(page).toSorted(), list.type)
        assert.ok(page.total > 0, list.type)
      }
    }
    assert.deepEqual(namesOf(await place.ask(asked.JobList({}))), ['Note.Remind'])
    assert.deepEqual(namesOf(await place.ask(asked.AggregateList({}))), ['Note'])
    assert.deepEqual(namesOf(await place.ask(asked.ReadModelList({}))), ['Note'])
    assert.deepEqual(namesOf(await place.ask(asked.EventHandlerList({}))), ['Note', 'Note.Tell'])
    assert.deepEqual(namesOf(await place.ask(asked.EventList({ domain: 'Note' }))), ['Note.Shown', 'Note.Written'])
  })

  test('are cut into pages that tell the whole number, and narrowed to a domain', async () => {
    await using place = await runtimePlace()
    const all = (await place.ask(asked.PermissionList({ limit: 1_000 }))) as Named
    const pages = [0, 20, 40, 60].map((offset) => asked.PermissionList({ limit: 20, offset }))
    const found: string[] = []
    for (const page of pages) {
      const answer = (await place.ask(page)) as Named
      assert.equal(answer.total, all.total)
      found.push(...namesOf(answer))
    }
    assert.deepEqual(found, namesOf(all).slice(0, 80))
    assert.deepEqual(namesOf(await place.ask(asked.CommandList({ domain: 'Note' }))), ['Note.Write'])
    assert.deepEqual(namesOf(await place.ask(asked.CommandList({ domain: 'Nothing' }))), [])
    assert.equal(await place.ask(asked.CommandList({ limit: 0 })), 'invalid_input')
    assert.equal(await place.ask(asked.CommandList({ limit: 1_001 })), 'invalid_input')
    assert.equal(await place.ask(asked.CommandList({ colour: 'red' } as never)), 'invalid_input')
  })

  test('tell callers of other tenants what they may run, and no more', async () => {
    await using place = await runtimePlace()
    const held = (await place.ask(asked.PermissionList({ limit: 1_000 }), reader)) as ListPage<PermissionRow>
    assert.deepEqual(namesOf(held), [
      'Runtime.CommandList',
      'Runtime.EventList',
      'Runtime.EventStream',
      'Runtime.ExplainPermission',
      'Runtime.PermissionList',
      'Runtime.QueryList',
      'Runtime.Schema',
    ])
    assert.deepEqual(namesOf(await place.ask(asked.CommandList({}), reader)), [])
    assert.deepEqual(namesOf(await place.ask(asked.EventList({}), reader)), [])
    const mine = (await place.ask(asked.CommandList({ domain: 'Note' }), clerk)) as ListPage<MessageRow>
    assert.deepEqual(mine.items, [
      {
        name: 'Note.Write',
        domain: 'Note',
        type: 'Write',
        description: 'Write a note',
        level: 'authorized',
        roles: [],
        audited: false,
        hasInput: true,
        rejections: [],
      },
    ])
    assert.deepEqual(namesOf(await place.ask(asked.EventList({}), clerk)), ['Note.Shown', 'Note.Written'])
    const stores = await place.ask(asked.PermissionList({ domain: 'StoreEvent' }), clerk)
    assert.deepEqual(namesOf(stores), [])
  })

  test('that tell of the app as a whole are denied to other tenants, and to callers without the permission', async () => {
    await using place = await runtimePlace()
    for (const list of lists.filter(({ type }) => !forEverybody.has(type)))
      assert.equal(await place.ask(list({}), clerk), 'permission_denied', list.type)
    for (const message of [asked.SystemInfoQuery({}), asked.MetricsQuery()])
      assert.equal(await place.ask(message, clerk), 'permission_denied', message.type)
    for (const list of lists) {
      assert.equal(await place.ask(list({}), {}), 'permission_denied', list.type)
      assert.equal(await place.ask(list({}), { ...clerk, identity: 'nobody' }), 'permission_denied', list.type)
    }
  })

  test('are copies: what a caller does to them changes nothing', async () => {
    await using place = await runtimePlace()
    const first = (await place.ask(asked.PermissionList({ domain: 'Note' }))) as ListPage<{ implies: string[] }>
    const before = structuredClone(first)
    for (const row of first.items) row.implies.push('Note.Everything')
    assert.deepEqual(await place.ask(asked.PermissionList({ domain: 'Note' })), before)
  })

  test('show event handlers with their state, their kind, and what was counted', async () => {
    await using place = await runtimePlace()
    await place.note('a')
    await place.done(place.running.caughtUp())
    await place.clock.advance(1_000)
    const page = (await place.ask(asked.EventHandlerList({}))) as ListPage<{
      readonly kind: string
      readonly restorable: boolean
      readonly state: string
      readonly metrics: { readonly processed?: number; readonly lagEvents?: number }
    }>
    assert.deepEqual(
      page.items.map(({ kind, restorable, state }) => [kind, restorable, state]),
      [
        ['readModel', true, 'live'],
        ['subscriber', false, 'live'],
      ],
    )
    assert.ok((page.items[0]?.metrics.processed ?? 0) > 0)
    assert.equal(page.items[0]?.metrics.lagEvents, 0)
  })
})
