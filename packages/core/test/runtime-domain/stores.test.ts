// The stores behind an app: for members of the administrators alone, in the audit log before anything is done, so often and no oftener.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApp, domain, GestaError, registerStorePermissions, runtimeDomain, systemTenant } from '@gesta/core'
import { runtimeRoutes } from '@gesta/core/host'
import { PermissionList } from '../../src/runtime-domain/contracts.ts'
import type { ListPage, PermissionRow } from '../../src/runtime-domain/rows.ts'
import { storePermissions } from '../../src/permissions/store-permissions.ts'
import * as cache from '../../src/runtime-domain/store-cache.ts'
import * as commands from '../../src/runtime-domain/store-commands.ts'
import * as events from '../../src/runtime-domain/store-events.ts'
import * as logs from '../../src/runtime-domain/store-logs.ts'
import * as objects from '../../src/runtime-domain/store-objects.ts'
import { clerk, operator, reader, rival, root, runtimePlace } from './runtime-place.ts'
import type { RuntimePlace } from './runtime-place.ts'

const why = { reason: 'a ticket asks for it' }
const before = '2030-01-01T00:00:00Z'
/** One message for each of the twenty permissions. */
const uses = [
  events.StoreEventInfo(),
  events.StoreEventRead({}),
  events.StoreEventUpdateCommand({ tenant: 'acme', eventId: 'C-1.0', data: {}, ...why }),
  events.StoreEventDeleteCommand({ tenant: 'acme', eventId: 'C-1.0', ...why }),
  commands.StoreCommandInfo(),
  commands.StoreCommandRead({}),
  commands.StoreCommandUpdateCommand({ tenant: 'acme', commandId: 'C-1', ...why }),
  commands.StoreCommandDeleteCommand({ before, tenant: 'nobody', ...why }),
  objects.StoreDataInfo(),
  objects.StoreDataRead({ tenant: 'acme' }),
  objects.StoreDataUpdateCommand({
    tenant: 'acme',
    bucket: 'b',
    object: 'o',
    contentType: 'text/plain',
    content: 'aGk=',
    ...why,
  }),
  objects.StoreDataDeleteCommand({ tenant: 'acme', bucket: 'b', object: 'o', ...why }),
  cache.StoreCacheInfo(),
  cache.StoreCacheRead({ tenant: 'acme' }),
  cache.StoreCacheUpdateCommand({ tenant: 'acme', key: 'k', value: '1', ...why }),
  cache.StoreCacheDeleteCommand({ tenant: 'acme', key: 'k', ...why }),
  logs.StoreLogInfo(),
  logs.StoreLogRead({}),
  logs.StoreLogUpdateCommand({ keptMs: 1_000_000, ...why }),
  logs.StoreLogDeleteCommand({ before, tenant: 'nobody', ...why }),
]

async function audited(place: RuntimePlace, type: string): Promise<readonly string[]> {
  const { items } = await place.done(place.audit.list({ tenant: systemTenant, order: 'oldest' }, { limit: 1_000 }))
  return items
    .filter(({ action }) => action === type || action === `${type}.Intent`)
    .map(({ action, outcome }) => `${action} ${outcome}`)
}

describe('store permissions', () => {
  test('are twenty, each with a contract and a route', async () => {
    await using place = await runtimePlace()
    const types = uses.map(({ type }) => type).toSorted()
    assert.deepEqual(types, [...storePermissions].toSorted())
    const page = (await place.ask(PermissionList({ limit: 1_000 }))) as ListPage<PermissionRow>
    const listed = page.items.filter(({ kind }) => kind === 'store').map(({ name }) => name)
    assert.deepEqual(listed, types)
    assert.deepEqual(
      runtimeRoutes
        .filter(({ path }) => path.startsWith('store/'))
        .map(({ contract }) => contract)
        .toSorted(),
      types,
    )
  })

  for (const use of uses)
    test(`${use.type} is for administrators, whatever groups hold, and is audited`, async () => {
      await using place = await runtimePlace()
      for (const caller of [operator, clerk, reader, rival, {}, { ...root, identity: 'nobody' }])
        assert.equal(await place.ask(use, caller), 'permission_denied')
      const denied = (await audited(place, use.type)).filter((entry) => entry !== `${use.type} denied`)
      assert.deepEqual(denied, [])
      const answer = await place.ask(use)
      assert.equal(typeof answer, 'object', String(answer))
      const own = (await audited(place, use.type)).filter((entry) => !entry.endsWith(' denied'))
      const isCommand = use.kind === 'command'
      assert.deepEqual(
        own,
        isCommand ? [`${use.type}.Intent succeeded`, `${use.type} succeeded`] : [`${use.type} succeeded`],
      )
    })

  test('of an app that does not register them are unknown, and the error names what does', async () => {
    await using place = await runtimePlace({
      domains: [domain('Empty', { permissions: 'authorized', handlers: [] }), runtimeDomain()],
    })
    await assert.rejects(place.done(place.running.permissions.holds(root, 'StoreEvent.Read')), {
      code: 'permission_unknown',
      message: /registerStorePermissions/,
    })
  })

  test('change nothing when the audit log cannot be written', async () => {
    let isDown = false
    const unavailable = new GestaError('store_unavailable', 'The store does not answer.')
    await using place = await runtimePlace({ interfere: (_, next) => (isDown ? Promise.reject(unavailable) : next()) })
    isDown = true
    for (const use of uses) assert.equal(await place.ask(use), 'store_unavailable', use.type)
    isDown = false
    assert.deepEqual(await place.ask(objects.StoreDataRead({ tenant: 'acme' })), { items: [] })
    assert.deepEqual(await place.ask(cache.StoreCacheRead({ tenant: 'acme' })), { items: [] })
    assert.equal(await place.done(place.running.stores.log.retention()), undefined)
  })

  test('may be used so often, by each caller and for each permission, and again when time has passed', async () => {
    await using place = await runtimePlace({ rate: { perSecond: 2, burst: 3 } })
    const ask = (): Promise<unknown> => place.ask(cache.StoreCacheInfo())
    for (let use = 0; use < 3; use++) assert.equal(typeof (await ask()), 'object')
    assert.equal(await ask(), 'rate_limited')
    const { host, clock } = place
    const again = host.query(cache.StoreCacheInfo(), { context: root }).catch((error: GestaError) => error)
    const limited = (await clock.finish(again)) as GestaError
    assert.deepEqual(limited.facts, { permission: 'StoreCache.Info', retryAfterMs: 500 })
    assert.equal(typeof (await place.ask(logs.StoreLogInfo())), 'object')
    await clock.advance(500)
    assert.equal(typeof (await ask()), 'object')
    assert.equal(await ask(), 'rate_limited')
  })

  test('with limits that make no sense are refused at set-up', () => {
    assert.throws(() => registerStorePermissions({ perSecond: 0 }), /perSecond to be a whole number from 1 to 10000/)
    assert.throws(() => registerStorePermissions({ bursts: 1 } as never), /Did you mean "burst"/)
    const app = createApp('listed', { domains: [runtimeDomain(), ...registerStorePermissions()] })
    assert.equal(app.domains.length, 6)
  })
})
