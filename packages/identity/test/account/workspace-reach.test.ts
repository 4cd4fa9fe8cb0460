import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemContext, systemTenant } from '@gesta/core'
import type { Command, Query } from '@gesta/core'
import * as account from '../../src/account/account-contracts.ts'
import { rotateSigningKeys } from '../../src/auth/auth-contracts.ts'
import { create as createGroup } from '../../src/group/group-contracts.ts'
import { joinWorkspace } from '../../src/member/member-contracts.ts'
import { create as createWorkspace } from '../../src/workspace/workspace-contracts.ts'
import { openIdentity } from '../open-identity.ts'

const asSystem = systemContext(systemTenant)
const denied = { code: 'permission_denied' }

test('who holds permissions in one workspace of SYSTEM reaches no account and no signing key of the app', async () => {
  await using shop = await openIdentity()
  await shop.setUp()
  const bob = await shop.signUp('bob@home.example')
  const ann = await shop.join(systemTenant, 'ann@shop.example', [])
  const { workspaceUuid } = await shop.done(createWorkspace({ name: 'desk' }), asSystem)
  const permissions = ['Account.*', 'Auth.RotateSigningKeys']
  const { groupUuid } = await shop.done(createGroup({ name: 'desk', permissions }), asSystem)
  const join = { identityUuid: ann.identity, workspaceUuid, groups: [groupUuid] }
  await shop.done(joinWorkspace(join), asSystem)
  const inside = { ...ann.context, targetWorkspace: workspaceUuid }
  const { account: accountUuid } = bob
  const commands: readonly Command<string, unknown, unknown, unknown>[] = [
    account.block({ accountUuid, reason: 'none' }),
    account.unblock({ accountUuid }),
    account.remove({ accountUuid }),
    rotateSigningKeys(),
  ]
  const queries: readonly Query<string, unknown, unknown>[] = [account.get({ accountUuid }), account.list({})]
  for (const one of commands) await assert.rejects(shop.done(one, inside), denied, one.type)
  for (const one of queries) await assert.rejects(shop.query(one, inside), denied, one.type)
  assert.equal((await shop.query(account.get({ accountUuid }), asSystem))?.status, 'active')
})
