// Who may what in the apps that are measured: members of one tenant, each in a group that holds the permission through another one.
import type { Directory, DirectoryGroup, DirectoryIdentity, RequestContext } from '@gesta/core'

const tenant = 'acme'
const memberOf: DirectoryIdentity = { groups: ['readers', 'staff'] }
const groups = new Map<string, DirectoryGroup>([
  ['readers', { permissions: ['Probe.Get', 'Account.Look'] }],
  ['staff', { permissions: ['Probe.Look'], groups: ['clerks'] }],
  ['clerks', { permissions: ['Account.*'] }],
])

/** Answers from memory, so that what is seen is what is done with its answers. */
export const membersDirectory: Directory = {
  identity: async () => memberOf,
  group: async (_, id) => groups.get(id),
  hasWorkspace: async () => false,
}

/** The context of a member by its number; each has an account and a session of its own. */
export function memberContext(number: number): RequestContext {
  return { tenant, identity: `i-${number}`, account: `a-${number}`, session: `s-${number}` }
}

/** The permissions of a member by hand: a walk through the same groups, everything in maps, and one set of names. */
export function permissionsByHand(): ReadonlySet<string> {
  const held = new Set<string>()
  const seen = new Set(memberOf.groups)
  for (const id of seen) {
    const group = groups.get(id)
    for (const name of group?.permissions ?? []) held.add(name)
    for (const inner of group?.groups ?? []) seen.add(inner)
  }
  return held
}
