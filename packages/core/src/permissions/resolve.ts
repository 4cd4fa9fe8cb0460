// Asks the directory what one caller may do: its groups with those that they include, in its tenant and in the workspace that is asked for.
import { systemTenant } from '../request-context/system-context.ts'
import { checkGroup, checkIdentity, checkSession, checkYesOrNo } from './directory-answers.ts'
import { administratorsGroup } from './directory.ts'
import type { Directory, Look, Who } from './directory.ts'
import { unavailable } from './denial.ts'
import { holdAll, noneHeld } from './held.ts'
import type { GroupHolding, Holdings, PermissionSet, WorkspaceHoldings } from './permission-set.ts'
import type { PermissionRegistry } from './registry.ts'

/** Who is asked about: a session alone, or an identity in its tenant too. */
export interface Subject {
  readonly account: string
  readonly session: string
  /** Absent: whether the session is alive is all that is asked. */
  readonly member:
    | { readonly tenant: string; readonly identity: string; readonly workspace: string | undefined }
    | undefined
}

/** Groups that one identity may have, directly and through others, before a directory is taken for one that never ends. */
const groupsMax = 10_000

/** Errors: `permissions_unavailable` for an answer that makes no sense; what the directory throws. */
export async function resolve(
  directory: Directory,
  registry: PermissionRegistry,
  { account, session, member }: Subject,
  look: Look,
): Promise<PermissionSet> {
  const none: Holdings = { held: noneHeld(registry.entries.length), groups: [] }
  const sessionOf = { account, session, tenant: member?.tenant, identity: member?.identity }
  const answer = directory.session && checkSession(await directory.session(sessionOf, look), member !== undefined)
  const isAlive = answer !== false
  const needsIdentity = answer === 'identity'
  if (member === undefined || !isAlive)
    return { isAlive, needsIdentity, isKnown: false, isAdministrator: false, ...none, workspace: undefined }
  const { tenant, identity: id, workspace } = member
  const who: Who = { tenant, identity: id, account, session }
  const identity = checkIdentity(await directory.identity(who, look))
  if (identity === undefined) {
    const unknown = workspace === undefined ? undefined : { belongs: false, isMember: false, ...none }
    return { isAlive, needsIdentity, isKnown: false, isAdministrator: false, ...none, workspace: unknown }
  }
  const groups = createGroups(directory, registry, tenant, look)
  return {
    isAlive,
    needsIdentity,
    isKnown: true,
    isAdministrator: tenant === systemTenant && identity.groups.includes(administratorsGroup),
    ...(await groups.holdings(identity.groups)),
    workspace: workspace === undefined ? undefined : await inside(workspace),
  }

  async function inside(asked: string): Promise<WorkspaceHoldings> {
    const belongs = checkYesOrNo('hasWorkspace', await directory.hasWorkspace(tenant, asked, look))
    const memberships = (identity?.workspaces ?? []).filter((one) => one.workspace === asked)
    const isMember = memberships.length > 0
    return { belongs, isMember, ...(await groups.holdings(memberships.flatMap((one) => one.groups))) }
  }
}

interface Groups {
  holdings(ids: readonly string[]): Promise<Holdings>
}
interface KnownGroup {
  readonly permissions: readonly string[]
  readonly groups: readonly string[]
}

/** The groups of one tenant, each asked for once. */
function createGroups(directory: Directory, registry: PermissionRegistry, tenant: string, look: Look): Groups {
  const known = new Map<string, Promise<KnownGroup>>()
  const ask = async (id: string): Promise<KnownGroup> => {
    const group = checkGroup(await directory.group(tenant, id, look))
    return { permissions: group?.permissions ?? [], groups: group?.groups ?? [] }
  }
  const group = (id: string): Promise<KnownGroup> => {
    let found = known.get(id)
    if (found === undefined) {
      if (known.size >= groupsMax) throw unavailable(`an identity has more than ${groupsMax} groups`)
      known.set(id, (found = ask(id)))
    }
    return found
  }
  const holding = async (id: string): Promise<GroupHolding> => {
    const held = noneHeld(registry.entries.length)
    const seen = new Set([id])
    // Grows while it is walked; a group that is there already adds nothing.
    for (const one of seen) {
      const { permissions, groups } = await group(one)
      holdAll(held, registry.held(permissions))
      for (const other of groups) seen.add(other)
    }
    return { group: id, held }
  }
  return {
    holdings: async (ids) => {
      const groups = await Promise.all([...new Set(ids)].map(holding))
      const held = noneHeld(registry.entries.length)
      for (const one of groups) holdAll(held, one.held)
      return { held, groups }
    },
  }
}
