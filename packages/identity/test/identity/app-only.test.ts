import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostOf, systemTenant } from '@gesta/core'
import { serve } from '@gesta/http'
import { endSession, listSessions } from '../../src/auth/auth-contracts.ts'
import { remove as removeAccount } from '../../src/account/account-contracts.ts'
import { get } from '../../src/member/member-contracts.ts'
import { openIdentity } from '../open-identity.ts'

const appOnly = [
  'Account.Addressee',
  'Account.OwnerOfSession',
  'Identity.OfAccount',
  'Invitation.AcceptedBy',
  'Invitation.OpenUntil',
  'Tenant.AccountStatus',
  'Tenant.EverMember',
  'Tenant.NoteMembership',
  'Tenant.NoteMembershipEnd',
  'Tenant.Prepare',
  'Tenant.Status',
]

test('what the app asks of itself is neither served nor described, also not for administrators', async () => {
  await using shop = await openIdentity()
  const root = await shop.setUp()
  await using server = await serve(shop.app, { port: 0, sessions: shop.identity })
  const document = await (await fetch(`${server.url}/docs/api`)).text()
  assert.match(document, /Tenant\.Create/)
  const known = new Set(hostOf(shop.app).contracts.map(({ contract }) => contract.type))
  for (const type of appOnly) {
    assert.ok(known.has(type), `there is no ${type}`)
    assert.ok(!document.includes(`"${type}"`), `${type} is described`)
    const headers = { authorization: `Bearer ${root.tokens.accessToken}`, 'content-type': 'application/json' }
    for (const kind of ['commands', 'queries']) {
      const answer = await fetch(`${server.url}/api/${kind}/${type}`, { method: 'POST', headers, body: '{}' })
      await answer.body?.cancel()
      assert.equal(answer.status, 404, type)
    }
  }
})

for (const role of ['web', 'api', 'worker'] as const)
  test(`a process of the role ${role} does all of it: invitations, sessions, removal`, async () => {
    await using shop = await openIdentity({ role })
    const root = await shop.setUp()
    const ann = await shop.newTenant('acme', 'ann@acme.example')
    await shop.settled()
    assert.equal((await shop.query(listSessions(), ann)).length, 1)
    await shop.done(
      removeAccount({ accountUuid: ann.account }),
      await shop.select(root, systemTenant, root.context.identity ?? ''),
    )
    await shop.settled()
    const gone = await shop.query(get({ identityUuid: ann.identity }), { ...root.context, targetTenant: 'acme' })
    assert.equal(gone?.status, 'removed')
    await assert.rejects(shop.done(endSession({ session: ann.session }), ann), { code: 'permission_denied' })
  })
