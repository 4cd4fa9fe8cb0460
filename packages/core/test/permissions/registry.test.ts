import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  aggregate,
  command,
  createApp,
  domain,
  event,
  findPermission,
  handle,
  PermissionsChanged,
  SubjectErased,
  query,
} from '@gesta/core'
import type { CustomPermission } from '@gesta/core'
import { z } from 'zod'
import { holds } from '../../src/permissions/held.ts'
import { createPermissionRegistry } from '../../src/permissions/registry.ts'
import { catalogueOf } from '../../src/app/catalogue.ts'
import { startApp } from '../started-app.ts'

const place = command('Order.Place', { description: 'Place an order' })
const get = query('Order.Get', { result: z.string() })
const stored = query('StoreEvent.Read', { result: z.string() })
const blank = command('Order.Place', { description: '' })
const orders = (customPermissions: readonly CustomPermission[] = []) =>
  domain('Order', {
    permissions: { 'Order.Place': 'authorized', 'Order.Get': () => undefined },
    handlers: [handle(place, async () => undefined), handle(get, async () => 'x')],
    customPermissions,
  })
const storeEvents = domain('StoreEvent', { permissions: 'authorized', handlers: [handle(stored, async () => 'x')] })
const appOf = (customPermissions?: readonly CustomPermission[]) =>
  createApp('shop', { domains: [orders(customPermissions)] })

describe('the registry of permissions', () => {
  test('has an entry for every command, query and permission of a domain, before and after the app has started', async () => {
    const app = appOf([{ name: 'Order.Approve', description: 'Approve orders', implies: ['Order.Place'] }])
    assert.deepEqual(findPermission(app, 'Order.Place'), {
      name: 'Order.Place',
      domain: 'Order',
      type: 'Place',
      kind: 'command',
      description: 'Place an order',
      level: 'authorized',
      custom: false,
      implies: [],
    })
    const { kind, level, custom, description } = findPermission(app, 'Order.Get')
    assert.deepEqual([kind, level, custom, description], ['query', 'custom', true, 'Order.Get'])
    await using running = await app.start()
    assert.deepEqual(findPermission(running, 'Order.Approve').implies, ['Order.Place'])
    const names = running.permissions.list().map(({ name }) => name)
    assert.deepEqual(names, names.toSorted())
    for (const name of ['Gesta.Erase', 'Gesta.RotateKeys', 'Order.Approve', 'Order.Get', 'Order.Place'])
      assert.ok(names.includes(name), name)
  })

  test('follows what permissions imply to the end, and circles add nothing', () => {
    const { entries } = catalogueOf([
      orders([
        { name: 'A.One', implies: ['A.Two'] },
        { name: 'A.Two', implies: ['A.Three', 'A.One'] },
        { name: 'A.Three', implies: ['A.Three', 'Order.Place'] },
      ]),
    ])
    const implied = (name: string) => entries.find((entry) => entry.name === name)?.implies
    assert.deepEqual(implied('A.One'), ['A.Three', 'A.Two', 'Order.Place'])
    assert.deepEqual(implied('A.Two'), ['A.One', 'A.Three', 'Order.Place'])
    assert.deepEqual(implied('A.Three'), ['Order.Place'])
  })

  test('reads names in groups: with what they imply, `Domain.*`, and `*` for all but those of stores', () => {
    const { entries } = catalogueOf([orders([{ name: 'A.One', implies: ['Order.Place'] }]), storeEvents])
    const registry = createPermissionRegistry(entries)
    const heldBy = (...names: readonly string[]): readonly string[] => {
      const held = registry.held(names)
      return registry.entries.filter((_, index) => holds(held, index)).map(({ name }) => name)
    }
    assert.deepEqual(heldBy('A.One'), ['A.One', 'Order.Place'])
    assert.deepEqual(heldBy('Order.*'), ['Order.Get', 'Order.Place'])
    assert.deepEqual(heldBy('StoreEvent.*', 'Nobody.Knows', 'Ord*'), ['StoreEvent.Read'])
    assert.ok(!heldBy('*').includes('StoreEvent.Read'))
    assert.equal(heldBy('*').length, entries.length - 1)
  })

  test('knows the permissions of stores as such', () => {
    assert.equal(findPermission(createApp('shop', { domains: [storeEvents] }), 'StoreEvent.Read').kind, 'store')
  })

  test('says what to do about a name that nobody registers', async () => {
    assert.throws(() => findPermission(appOf(), 'Order.Plaec'), {
      code: 'permission_unknown',
      message: 'The app has no permission Order.Plaec. Did you mean "Order.Place"?',
      facts: { permission: 'Order.Plaec' },
    })
    assert.throws(() => findPermission(appOf(), 'StoreEvent.Read'), {
      code: 'permission_unknown',
      message: /registerStorePermissions/,
    })
    await using app = await startApp(orders())
    assert.throws(() => app.running.permissions.find('Nothing.Such'), { code: 'permission_unknown' })
    await assert.rejects(app.running.permissions.holds({}, 'StoreLog.Delete'), { message: /registerStorePermissions/ })
  })
})

describe('a permission that cannot be is refused at set-up', () => {
  const refusals: readonly [string, () => unknown, RegExp][] = [
    ['an empty description', () => appOf([{ name: 'Order.Approve', description: '' }]), /has an empty description/],
    ['a blank description', () => appOf([{ name: 'Order.Approve', description: ' ' }]), /has an empty description/],
    [
      'an empty description of a contract',
      () =>
        domain('Order', {
          permissions: 'anonymous',
          handlers: [handle(blank, async () => undefined)],
        }),
      /Order\.Place of the domain Order has an empty description/,
    ],
    ['a name without a dot', () => appOf([{ name: 'Approve' }]), /named like "Order\.Approve"/],
    ['a name with other letters', () => appOf([{ name: 'Order.Ap-prove' }]), /named like "Order\.Approve"/],
    ['a name that ends with a dot', () => appOf([{ name: 'Order.' }]), /named like "Order\.Approve"/],
    ['a field that there is not', () => appOf([{ name: 'A.B', implie: [] } as never]), /Did you mean "implies"/],
    ['a name that a contract has', () => appOf([{ name: 'Order.Place' }]), /two permissions named Order\.Place/],
    ['a name twice', () => appOf([{ name: 'A.B' }, { name: 'A.B' }]), /two permissions named A\.B/],
    ['the name of a store', () => appOf([{ name: 'StoreData.Info' }]), /registerStorePermissions/],
    ['a name of gesta', () => appOf([{ name: 'Gesta.Erase' }]), /Gesta\.Erase, which there is already/],
    [
      "another domain's name",
      () =>
        createApp('shop', {
          domains: [
            orders([{ name: 'Common.See' }]),
            domain('Stock', { permissions: 'anonymous', handlers: [], customPermissions: [{ name: 'Common.See' }] }),
          ],
        }),
      /The domain Stock registers the permission Common\.See, which there is already/,
    ],
    [
      'an implied name that nobody registers',
      () => appOf([{ name: 'Order.Approve', implies: ['Order.Plcae'] }]),
      /Order\.Approve implies Order\.Plcae, which nobody registers\. Did you mean "Order\.Place"/,
    ],
  ]
  for (const [what, define, message] of refusals) test(what, () => assert.throws(define, { message }))
})

describe('what moves epochs is refused at set-up', () => {
  const added = event('Group.Added', z.object({}))
  const nothing = { permissions: 'anonymous', handlers: [] } as const

  test('where it is no domain event, or has no function', () => {
    assert.throws(() => domain('Group', { ...nothing, advances: [[get as never, () => 'tenant']] }), {
      message: /Order\.Get in advances, but it is no domain event/,
    })
    assert.throws(() => domain('Group', { ...nothing, advances: [[added, undefined as never]] }), {
      message: /does not say whose permissions Group\.Added changes/,
    })
    assert.throws(() => domain('Group', { ...nothing, advances: [[PermissionsChanged, () => 'tenant']] }), {
      message: /moves an epoch itself/,
    })
    assert.throws(() => domain('Group', { ...nothing, advances: [[SubjectErased, () => 'tenant']] }), {
      message: /an erasure is no command and moves no epoch/,
    })
  })

  test("where a contract, a stream or an aggregate takes gesta's names", () => {
    const mine = event('Gesta.PermissionsChanged', z.object({}))
    const taken = /Gesta\.PermissionsChanged/
    const count = aggregate('Count', () => 0)
    for (const aggregates of [[count.on(mine, (n) => n)], [count.on(PermissionsChanged, (n) => n)]])
      assert.throws(() => createApp('shop', { domains: [domain('Count', { ...nothing, aggregates })] }), {
        message: taken,
      })
    const epochs = aggregate('Gesta.Epoch', () => 0)
    assert.throws(() => createApp('shop', { domains: [domain('Count', { ...nothing, aggregates: [epochs] })] }), {
      message: /Gesta\.Epoch is kept for gesta itself/,
    })
    const change = command('Gesta.PermissionsChanged')
    const handlers = [handle(change, async () => undefined)]
    assert.throws(() => createApp('shop', { domains: [domain('Gesta', { permissions: 'anonymous', handlers })] }), {
      message: taken,
    })
  })
})
