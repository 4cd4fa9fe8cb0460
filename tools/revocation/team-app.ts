// An app whose directory is its own: who may what are events, a read model shows them, and the directory reads that. Work is done by those
// who may.
import { aggregate, command, createApp, domain, event, handle, query, readModel, systemTenant } from '@gesta/core'
import type { Backend, Directory, RequestContext } from '@gesta/core'
import { z } from 'zod'

export const tenant = 'acme'
/** By what somebody is kept from working: each moves an epoch of another kind. */
export const ways = ['permission', 'account', 'session'] as const
export type Way = (typeof ways)[number]
/** Gives and takes what the tenant decides itself, by a permission of its own groups. */
export const boss = 'boss'
/** Whose commands say so: accounts and sessions belong to no tenant of their own. */
export const tenantOf = (way: Way): string => (way === 'permission' ? tenant : systemTenant)

const Change = z.object({ member: z.string(), way: z.enum(ways) })
export const allow = command('Team.Allow', { input: Change })
export const forbid = command('Team.Forbid', { input: Change })
const Allowed = event('Team.Allowed', Change)
const Forbidden = event('Team.Forbidden', Change)

/** Ways by which a member is kept from working now. */
type Kept = readonly Way[]
const without = (kept: Kept, way: Way): Kept => kept.filter((each) => each !== way)
const withWay = (kept: Kept, way: Way): Kept => [...without(kept, way), way]

const Member = aggregate('Team.Member', (): { readonly kept: Kept } => ({ kept: [] }))
  .on(Allowed, ({ kept }, { way }) => ({ kept: without(kept, way) }))
  .on(Forbidden, ({ kept }, { way }) => ({ kept: withWay(kept, way) }))

/** What the directory reads. */
const Members = readModel('Team.Members', (): { readonly kept: Kept } => ({ kept: [] }))
  .on(
    Allowed,
    ({ member }) => member,
    ({ kept }, { way }) => ({ kept: without(kept, way) }),
  )
  .on(
    Forbidden,
    ({ member }) => member,
    ({ kept }, { way }) => ({ kept: withWay(kept, way) }),
  )

const ByMember = z.object({ member: z.string() })
export const work = command('Work.Do', { input: ByMember })
export const look = query('Work.Look', { input: ByMember, result: z.string() })
const Done = event('Work.Done', ByMember)
const Desk = aggregate('Work.Desk', () => ({ done: 0 })).on(Done, ({ done }) => ({ done: done + 1 }))

const team = domain('Team', {
  permissions: 'authorized',
  readModels: [Members],
  handlers: [
    Member.decide(allow, 'member', (_, change) => [Allowed(change)]),
    Member.decide(forbid, 'member', (_, change) => [Forbidden(change)]),
  ],
  advances: [
    [Allowed, ({ data }) => epochOf(data as z.infer<typeof Change>)],
    [Forbidden, ({ data }) => epochOf(data as z.infer<typeof Change>)],
  ],
})
const desk = domain('Work', {
  permissions: 'authorized',
  handlers: [Desk.decide(work, 'member', (_, { member }) => [Done({ member })]), handle(look, async () => 'seen')],
})

function epochOf({ member, way }: z.infer<typeof Change>) {
  if (way === 'permission') return 'tenant' as const
  return way === 'account' ? { account: accountOf(member) } : { session: sessionOf(member) }
}
const accountOf = (member: string): string => `account of ${member}`
const sessionOf = (member: string): string => `session of ${member}`

export function contextOf(member: string): RequestContext {
  return { tenant, identity: member, account: accountOf(member), session: sessionOf(member) }
}

const directory: Directory = {
  identity: async (who, { read }) => {
    const [inTenant, inSystem] = [
      await read(Members, who.tenant).get(who.identity),
      await read(Members, systemTenant).get(who.identity),
    ]
    const kept = [...(inTenant?.kept ?? []), ...(inSystem?.kept ?? [])]
    if (who.identity === boss) return { groups: ['bosses'] }
    if (kept.includes('account') || kept.includes('session')) return undefined
    return { groups: kept.includes('permission') ? [] : ['workers'] }
  },
  group: async (_, id) => ({ permissions: [id === 'bosses' ? 'Team.*' : 'Work.*'] }),
  hasWorkspace: async () => false,
}

export function startTeam(store: Backend) {
  return createApp('team', { domains: [team, desk] }).start({ store, directory })
}
export type Team = Awaited<ReturnType<typeof startTeam>>
