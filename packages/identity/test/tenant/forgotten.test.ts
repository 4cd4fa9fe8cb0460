import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { command, domain, handle, isErased, systemContext, systemTenant } from '@gesta/core'
import { z } from 'zod'
import { get as getAccount, remove as removeAccount } from '../../src/account/account-contracts.ts'
import * as invitation from '../../src/invitation/invitation-contracts.ts'
import * as identity from '../../src/member/member-contracts.ts'
import { IdentityCreated, Member } from '../../src/member/member.ts'
import { add, start } from '../../src/passkey/passkey-contracts.ts'
import { openIdentity } from '../open-identity.ts'
import type { TestIdentity } from '../open-identity.ts'
import { createAuthenticator } from '../passkey/authenticator.ts'
import { storesOfOne } from '../stores.ts'

const asSystem = systemContext(systemTenant)

/** Whether the log itself still tells the name of an identity: histories never do. */
const lookAt = command('Look.AtName', {
  input: z.object({ identityUuid: z.string() }),
  result: z.object({ isErased: z.boolean() }),
})
const looks = domain('Look', {
  roles: ['any'],
  permissions: 'authorized',
  aggregates: [Member],
  handlers: [
    handle(lookAt, async ({ identityUuid }, { load }) => ({
      isErased: isErased((await load(Member, identityUuid)).state.name),
    })),
  ],
})

/** Waits until it holds, and fails once it has not for long. Views are built again beside what they serve. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(60_000)
  while (!(await holds())) await setTimeout(5, undefined, { signal })
}

/** What a tenant shows of an identity and of the invitations that it accepted, with their histories. */
async function toldOf({ app }: TestIdentity, tenant: string, identityUuid: string): Promise<string> {
  const options = { context: systemContext(tenant), history: true } as const
  const invitations = await app.query(invitation.acceptedBy({ identityUuid }), { context: systemContext(tenant) })
  const told = [
    await app.query(identity.get({ identityUuid }), options),
    ...(await Promise.all(invitations.map((one) => app.query(invitation.get({ invitationUuid: one }), options)))),
  ]
  return JSON.stringify(told)
}

for (const [name, newPlace] of Object.entries(storesOfOne))
  test(`${name}: of an account that is removed no tenant keeps a name or an address, where it was before neither`, async () => {
    await using place = await newPlace()
    await using shop = await openIdentity({ store: place.store, domains: [looks] })
    await shop.newTenant('acme', 'otto@acme.example')
    await shop.newTenant('other', 'olga@other.example')
    const ann = await shop.join('acme', 'ann@acme.example', [])
    const before = await shop.done(
      identity.create({ account: ann.account, name: 'Ann Once', groups: [] }),
      systemContext('other'),
    )
    await shop.done(identity.rename({ identityUuid: before.identityUuid, name: 'Ann Later' }), systemContext('other'))
    await shop.done(identity.remove(before), systemContext('other'))
    await shop.settled()
    assert.match(await toldOf(shop, 'acme', ann.identity), /ann@acme\.example/)
    assert.match(await toldOf(shop, 'other', before.identityUuid), /Ann Later/)

    await shop.done(removeAccount({ accountUuid: ann.account }), asSystem)
    await shop.settled()
    assert.match(await toldOf(shop, 'acme', ann.identity), /"status":"removed"/)
    for (const [tenant, identityUuid] of [
      ['acme', ann.identity],
      ['other', before.identityUuid],
    ] as const) {
      assert.deepEqual(await shop.done(lookAt({ identityUuid }), systemContext(tenant)), { isErased: true })
      await until(async () => !/ann@acme|Ann /.test(await toldOf(shop, tenant, identityUuid)))
    }
    const members = await shop.query(identity.list({}), systemContext('acme'))
    assert.deepEqual(
      members.items.map((one) => one.name),
      ['otto@acme.example'],
    )
  })

test('an identity that is made while its account is removed goes with it', async () => {
  const late = command('Late.Create', { input: z.object({ account: z.string(), identityUuid: z.string() }) })
  const create = handle(late, async ({ account, identityUuid }, { load }) => {
    const { emit } = await load(Member, identityUuid)
    emit(IdentityCreated({ account, name: 'Ann Late', groups: [] }))
  })
  const lates = domain('Late', { roles: ['any'], permissions: 'authorized', handlers: [create], aggregates: [Member] })
  await using shop = await openIdentity({ domains: [lates, looks] })
  await shop.newTenant('acme', 'otto@acme.example')
  const ann = await shop.signUp('ann@acme.example')
  await shop.done(removeAccount({ accountUuid: ann.account }), asSystem)
  await shop.done(late({ account: ann.account, identityUuid: 'late' }), systemContext('acme'))
  await shop.settled()
  assert.match(await toldOf(shop, 'acme', 'late'), /"status":"removed"/)
  assert.deepEqual(await shop.done(lookAt({ identityUuid: 'late' }), systemContext('acme')), { isErased: true })
  await until(async () => !/Ann Late/.test(await toldOf(shop, 'acme', 'late')))
})

test('neither the address nor what a person called passkeys is told by the history of an account that was removed', async () => {
  await using shop = await openIdentity()
  const ann = await shop.signUp('ann@acme.example')
  const { options } = await shop.done(start({}), ann)
  const response = createAuthenticator('https://shop.example').register(options)
  await shop.done(add({ response, name: 'Telephone of Ann' }), ann)
  await shop.settled()
  const told = async (): Promise<string> =>
    JSON.stringify(await shop.app.query(getAccount({ accountUuid: ann.account }), { context: asSystem, history: true }))
  for (const text of [/ann@acme\.example/, /Telephone of Ann/]) assert.match(await told(), text)
  await shop.done(removeAccount({ accountUuid: ann.account }), asSystem)
  await shop.settled()
  for (const text of [/ann@acme\.example/, /Telephone of Ann/]) assert.doesNotMatch(await told(), text)
})
