// The domain ServiceAccount: identities of programs, and the keys that they come with. It lies in the tenant that they work in.
import { domain, subscriber } from '@gesta/core'
import type { Domain, Handler, Subscriber } from '@gesta/core'
import type { Binding } from '../bound.ts'
import { Group } from '../group/group.ts'
import { mayGive } from '../group/may-give.ts'
import { pageOptions, shown, tenantOf } from '../input.ts'
import { IdentityCreated, IdentityRemoved, Member, members } from '../member/member.ts'
import { keepNamed } from '../secrets/unnamed.ts'
import { isAdministratorsGroup } from '../tenant/administrators.ts'
import { isLiveTenant } from '../tenant/ask-system.ts'
import { handleTenantWide } from '../tenant-wide.ts'
import { ApiKey, apiKeys, KeyCreated, KeyRevoked } from './api-key.ts'
import { handleCreateKey, isServiceAccount } from './create-key.ts'
import { apiKeyKey } from './key-text.ts'
import { lastUseOf, useKey } from './last-used.ts'
import * as contracts from './service-account-contracts.ts'

export type ServiceAccountDomain = Domain<'ServiceAccount', (typeof contracts)[keyof typeof contracts]>

const keysShownMax = 100

/** Its keys need no change of their own: they live only while their service account does. */
const remove = handleTenantWide(contracts.remove, async ({ identityUuid }, { load }) => {
  const { state, emit } = await load(Member, identityUuid)
  if (!isServiceAccount(state)) return contracts.remove.reject('unknown_service_account')
  emit(IdentityRemoved({}))
})

const revokeKey = handleTenantWide(contracts.revokeKey, async ({ keyUuid }, { load }) => {
  const { state, emit } = await load(ApiKey, keyUuid)
  if (state.status === 'none') return contracts.revokeKey.reject('unknown_key')
  if (state.status === 'live') emit(KeyRevoked({}))
})

const list = handleTenantWide(contracts.list, async (page, { read }) => {
  // In a filter null asks for what is absent: nobody's account.
  const where = { status: 'live', account: null as unknown as undefined } as const
  const { items, total } = await read(members).list({ ...pageOptions(page), where, orderBy: 'createdAt' })
  return {
    items: items.map(({ id, state, createdAt }) => ({
      identityUuid: id,
      name: shown(state.name),
      groups: state.groups,
      createdAt,
    })),
    total,
  }
})

/** Reference: docs/reference/identity.md, "Service accounts and API keys". */
export function serviceAccountDomain(binding: Binding): ServiceAccountDomain {
  return domain('ServiceAccount', {
    roles: ['any'],
    permissions: 'authorized',
    aggregates: [Member, ApiKey, Group],
    readModels: [apiKeys],
    handlers: [handleCreate(binding), remove, handleCreateKey(binding), revokeKey, list, handleKeys(binding)],
    subscribers: [housekeeping(binding)],
    // Also when one is made: who asks for it next is told by views that have it.
    advances: [
      [KeyCreated, () => 'tenant'],
      [KeyRevoked, () => 'tenant'],
    ],
  })
}

function handleCreate(binding: Binding): Handler<typeof contracts.create> {
  return handleTenantWide(contracts.create, async ({ name, groups }, context) => {
    const bound = binding.now()
    if (!(await isLiveTenant(bound, tenantOf(context.context)))) return contracts.create.reject('unknown_tenant')
    if (groups.some((group) => isAdministratorsGroup(group, context.context)))
      return contracts.create.reject('administrators_are_people')
    const refusal = await mayGive(bound, context, { groups })
    if (refusal !== undefined) return refusal
    const member = await context.load(Member, context.newId())
    member.emit(IdentityCreated({ name, groups: [...new Set(groups)] }))
    return { identityUuid: member.id }
  })
}

function handleKeys(binding: Binding): Handler<typeof contracts.keys> {
  return handleTenantWide(contracts.keys, async ({ identityUuid }, { read, context }) => {
    const { credentials } = binding.now()
    const where = { identity: identityUuid, status: 'live' } as const
    const { items } = await read(apiKeys).list({ where, pageSize: keysShownMax, orderBy: 'createdAt' })
    const keys = items.map(async ({ id, state }) => {
      const lastUsedAt = await lastUseOf(credentials, { tenant: tenantOf(context), key: id })
      const { name, createdAt, expiresAt } = state
      return { keyUuid: id, name, createdAt, ...(expiresAt && { expiresAt }), ...(lastUsedAt && { lastUsedAt }) }
    })
    return { keys: await Promise.all(keys) }
  })
}

/** What an event has named stays until its own expiry; what no longer counts goes. */
function housekeeping(binding: Binding): Subscriber<'ServiceAccount.Housekeeping'> {
  return subscriber('ServiceAccount.Housekeeping', { attemptsMax: Number.POSITIVE_INFINITY })
    .on(KeyCreated, async ({ expiresAt }, { event: { tenant, aggregate } }) => {
      const { credentials } = await binding.ready
      const until = expiresAt === undefined ? undefined : Date.parse(expiresAt) * 1_000
      await keepNamed(credentials, apiKeyKey({ tenant, key: aggregate.id }), until)
    })
    .on(KeyRevoked, async (_, { event: { tenant, aggregate } }) => {
      const { credentials } = await binding.ready
      await credentials.remove(apiKeyKey({ tenant, key: aggregate.id }))
      await credentials.remove(useKey({ tenant, key: aggregate.id }))
    })
    .on(IdentityRemoved, async ({ account }, { event: { tenant, aggregate } }) => {
      if (account !== undefined) return
      const { credentials } = await binding.ready
      await credentials.removeOf(tenant, aggregate.id)
    })
}
