// docs/guides/troubleshooting.md, "Permissions of stores do not work": what is seen without their domains, and with them.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  createApp,
  findPermission,
  isGestaError,
  isPermissionDenied,
  plainDirectory,
  registerStorePermissions,
  runtimeDomain,
  systemTenant,
} from '@gesta/core'
import { StoreEventInfo } from '../../src/runtime-domain/store-events.ts'

const groups = { all: { permissions: ['*', 'StoreEvent.Info'] } }
const directory = plainDirectory({
  tenants: {
    [systemTenant]: { identities: { oscar: { groups: ['administrators'] }, nina: { groups: ['all'] } }, groups },
    acme: { identities: { ann: { groups: ['all'] } }, groups },
  },
})
const oscar = { tenant: systemTenant, identity: 'oscar', account: 'o', session: 's' }
const nina = { tenant: systemTenant, identity: 'nina', account: 'n', session: 's' }
const ann = { tenant: 'acme', identity: 'ann', account: 'a', session: 's' }

describe('permissions of stores that do not work', () => {
  test('without their domains they are unknown, and the error says what is missing', async () => {
    const app = createApp('orders', { domains: [runtimeDomain()] })
    await using running = await app.start({ directory })
    const unknown = (error: unknown): boolean =>
      isGestaError(error, 'permission_unknown') && error.message.includes('registerStorePermissions()')
    assert.throws(() => findPermission(app, 'StoreEvent.Info'), unknown)
    await assert.rejects(running.permissions.explain(oscar, 'StoreEvent.Info'), unknown)
  })

  test('with them system administrators hold them, and nobody else, whatever a group lists', async () => {
    const app = createApp('orders', { domains: [runtimeDomain(), ...registerStorePermissions()] })
    await using running = await app.start({ directory })
    assert.equal(findPermission(app, 'StoreEvent.Info').kind, 'store')
    const { name } = await running.query(StoreEventInfo(), { context: oscar })
    assert.equal(name, 'event')
    for (const context of [ann, nina])
      await assert.rejects(running.query(StoreEventInfo(), { context }), isPermissionDenied)
    const { allowed, path } = await running.permissions.explain(ann, 'StoreEvent.Info')
    assert.deepEqual([allowed, path.at(-1)?.step], [false, 'administrators'])
  })

  test('listed twice, they are refused when the app is made', () => {
    const stores = registerStorePermissions()
    assert.throws(() => createApp('orders', { domains: [...stores, ...stores] }), /StoreEvent/)
  })
})
