// The last account that can administer the app stays, whoever tries what.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { administratorsGroup, command, domain, handle, systemTenant } from '@gesta/core'
import type { AnyDomain } from '@gesta/core'
import { z } from 'zod'
import { AccountBound, AccountIdentity } from '../../src/member/account-identity.ts'
import { IdentityCreated, Member } from '../../src/member/member.ts'
import { AdministratorAdded, Administrators, administratorsId } from '../../src/tenant/administrators.ts'
import { accounts, administrator, openAccounts, passwords } from './open-accounts.ts'
import type { Accounts } from './open-accounts.ts'
import { rejected } from './rejected.ts'

const promote = command('Promotion.Promote', { input: z.object({ account: z.string(), identity: z.string() }) })
const promotion: AnyDomain = domain('Promotion', {
  permissions: 'anonymous',
  tenant: systemTenant,
  roles: ['any'],
  aggregates: [Administrators, Member, AccountIdentity],
  handlers: [
    handle(promote, async ({ account, identity }, { load }) => {
      const member = await load(Member, identity)
      member.emit(IdentityCreated({ account, name: 'Somebody', groups: [administratorsGroup] }))
      const bound = await load(AccountIdentity, account)
      bound.emit(AccountBound({ identity }))
      const list = await load(Administrators, administratorsId)
      list.emit(AdministratorAdded({ account, identity }))
    }),
  ],
})

const block = (accountUuid: string) => accounts.block({ accountUuid, reason: 'asked for' })
const asAdministrator = { context: administrator }

it('the only administrator is neither blocked nor removed, also by itself', async () => {
  await using app = await openAccounts({ domains: [promotion] })
  const ann = await promoted(app, 'ann')
  assert.equal(rejected(await app.running.dispatch(block(ann), asAdministrator)), 'last_administrator')
  assert.equal(rejected(await app.as(ann).dispatch(accounts.remove({ accountUuid: ann }))), 'last_administrator')
})

it('of two administrators that block each other at once one stays', async () => {
  await using app = await openAccounts({ domains: [promotion] })
  const both = [await promoted(app, 'ann'), await promoted(app, 'bob')]
  const outcomes = await Promise.all(both.map((account) => app.running.dispatch(block(account), asAdministrator)))
  assert.equal(outcomes.filter((outcome) => rejected(outcome) === 'last_administrator').length, 1)
})

it('an administrator who was unblocked counts again', async () => {
  await using app = await openAccounts({ domains: [promotion] })
  const ann = await promoted(app, 'ann')
  const bob = await promoted(app, 'bob')
  await app.running.dispatch(block(bob), asAdministrator)
  assert.equal(rejected(await app.running.dispatch(block(ann), asAdministrator)), 'last_administrator')
  await app.running.dispatch(accounts.unblock({ accountUuid: bob }), asAdministrator)
  assert.ok((await app.running.dispatch(block(ann), asAdministrator)).ok)
  assert.equal(rejected(await app.running.dispatch(block(bob), asAdministrator)), 'last_administrator')
})

async function promoted(app: Accounts, name: string): Promise<string> {
  const email = `${name}@example.com`
  await app.register(email, passwords[0])
  await app.verify(await app.codeTo(email))
  const account = (await app.find(email))?.account ?? ''
  await app.running.dispatch(promote({ account, identity: `identity-${name}` }) as never)
  await app.settled()
  return account
}
