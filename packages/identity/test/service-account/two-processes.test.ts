// What one process takes away is refused by another one at once, whatever that one remembers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { create as createGroup } from '../../src/group/group-contracts.ts'
import { list as listTenants } from '../../src/tenant/tenant-contracts.ts'
import { create, createKey, list, remove, revokeKey } from '../../src/service-account/service-account-contracts.ts'
import { openIdentity } from '../open-identity.ts'
import { sharedStore, skip } from '../stores.ts'

const tenant = 'acme'
const denied = { code: 'permission_denied' }

test(
  'a key that is revoked in one process is refused at once in another one that has just let it in',
  { skip },
  async () => {
    const store = await sharedStore()
    await using one = await openIdentity({ store: store() })
    await using other = await openIdentity({ store: store(), beside: one })
    const ann = await one.newTenant(tenant, 'ann@shop.example')
    const { groupUuid } = await one.done(createGroup({ name: 'clerks', permissions: ['ServiceAccount.List'] }), ann)
    const { identityUuid } = await one.done(create({ name: 'Till', groups: [groupUuid] }), ann)

    for (let round = 0; round < 5; round += 1) {
      const { key, keyUuid } = await one.done(createKey({ identityUuid, name: 'front' }), ann)
      const caller = await other.identity.callerOf(key)
      assert.ok(caller, 'a key that was made in one process is known in the other one')
      assert.equal((await other.query(list({}), caller)).total, 1)
      await one.done(revokeKey({ keyUuid }), ann)
      await assert.rejects(other.query(list({}), (await other.identity.callerOf(key)) ?? caller), denied)
      await assert.rejects(other.query(listTenants({}), caller), denied)
    }

    const { key } = await one.done(createKey({ identityUuid, name: 'back' }), ann)
    const caller = await other.identity.callerOf(key)
    assert.ok(caller)
    assert.equal((await other.query(list({}), caller)).total, 1)
    await other.done(remove({ identityUuid }), ann)
    for (const app of [one, other]) await assert.rejects(app.query(list({}), caller), denied)
  },
)
