// Makes a key for a service account. Whoever has it is the service account, so it is made only by who holds all that the account holds.
import { randomUUID } from 'node:crypto'
import type { CommandContext, Handler, RejectedBy } from '@gesta/core'
import type { Binding, Bound } from '../bound.ts'
import { Group } from '../group/group.ts'
import { mayGive } from '../group/may-give.ts'
import type { GiveRejections } from '../group/may-give.ts'
import { tenantOf } from '../input.ts'
import { Member } from '../member/member.ts'
import type { MemberState } from '../member/member.ts'
import { unnamedUntil } from '../secrets/unnamed.ts'
import { handleTenantWide } from '../tenant-wide.ts'
import { ApiKey, apiKeys, KeyCreated } from './api-key.ts'
import { apiKeyKey, hashOf, newSecret, textOfKey } from './key-text.ts'
import { createKey } from './service-account-contracts.ts'

/** As the projection knows them: of keys that are made at the same moment there may be a few more. */
const keysMax = 20

export function handleCreateKey(binding: Binding): Handler<typeof createKey> {
  return handleTenantWide(createKey, async ({ identityUuid, name, expiresAt }, context) => {
    const bound = binding.now()
    const nowMs = bound.settings.now()
    const { state } = await context.load(Member, identityUuid)
    if (!isServiceAccount(state)) return createKey.reject('unknown_service_account')
    if (expiresAt !== undefined && Date.parse(expiresAt) <= nowMs) return createKey.reject('already_expired')
    const refusal = await mayBe(bound, context, state)
    if (refusal !== undefined) return refusal
    const where = { identity: identityUuid, status: 'live' } as const
    const { total } = await context.read(apiKeys).list({ where, pageSize: 1 })
    if (total >= keysMax) return createKey.reject('too_many_keys')

    const given = { tenant: tenantOf(context.context), key: randomUUID(), secret: newSecret() }
    const lasts = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }
    const value = { hash: hashOf(given.secret), ...lasts }
    const until = unnamedUntil(nowMs)
    await bound.credentials.put(apiKeyKey(given), { subject: identityUuid, value, expiresAt: until }, 0)
    const key = await context.load(ApiKey, given.key)
    key.emit(KeyCreated({ identity: identityUuid, name, ...lasts }))
    return { keyUuid: given.key, key: textOfKey(given) }
  })
}

export function isServiceAccount({ status, account }: MemberState): boolean {
  return status === 'live' && account === undefined
}

/** Why the caller may not act as a service account; absent: they hold all that it holds, in the tenant and in its workspaces. */
async function mayBe(
  bound: Bound,
  context: CommandContext,
  { groups, workspaces }: MemberState,
): Promise<RejectedBy<GiveRejections> | undefined> {
  const living = async (ids: readonly string[]): Promise<readonly string[]> => {
    const found = await Promise.all(ids.map((id) => context.load(Group, id)))
    return found.filter(({ state }) => state.status === 'live').map(({ id }) => id)
  }
  const refusal = await mayGive(bound, context, { groups: await living(groups) })
  if (refusal !== undefined) return refusal
  for (const { workspace, groups: inside } of workspaces) {
    const refused = await mayGive(bound, context, { groups: await living(inside) }, { workspace })
    if (refused !== undefined) return refused
  }
  return undefined
}
