// A directory over a plain object: for tests, and for apps whose people are few and known beforehand.
import { closest } from '../schema/options.ts'
import { isGroup, isIdentity, isObject, isTexts } from './directory-answers.ts'
import type { Directory, DirectoryGroup, DirectoryIdentity } from './directory.ts'
import { administratorsGroup } from './directory.ts'
import { systemTenant } from '../request-context/system-context.ts'

export interface PlainTenant {
  /** By id. */
  readonly identities?: { readonly [identity: string]: PlainIdentity } | undefined
  readonly groups?: { readonly [group: string]: DirectoryGroup } | undefined
  readonly workspaces?: readonly string[] | undefined
}
export interface PlainIdentity extends DirectoryIdentity {
  /** The account that may act as it. Default: any. */
  readonly account?: string | undefined
}
export interface PlainDirectory {
  /** By id; an app without tenants has the empty text. */
  readonly tenants: { readonly [tenant: string]: PlainTenant }
  /** Sessions that have ended. Absent from the start: whether a session is alive is not asked of callers without identity. */
  readonly endedSessions?: readonly string[] | undefined
}

/**
 * A directory of what an object says.
 * @param source the object, or a function that gives the one of now: a change is another object, and `running.permissions.changed(...)`
 *   once the function gives it. An object is copied and checked when it is first seen; writing to it changes nothing.
 * Errors: plain ones, for what makes no sense. Reference: docs/reference/permissions.md.
 */
export function plainDirectory(source: PlainDirectory | (() => PlainDirectory)): Directory {
  let given: PlainDirectory | undefined
  let kept: PlainDirectory | undefined
  const now = (): PlainDirectory => {
    const plain = typeof source === 'function' ? source() : source
    if (kept !== undefined && plain === given) return kept
    checkPlain(plain)
    kept = structuredClone(plain)
    given = plain
    return kept
  }
  const isAlive = (session: string): boolean => now().endedSessions?.includes(session) !== true
  const tenantOf = (id: string): PlainTenant | undefined => own(now().tenants, id)
  return {
    identity: async ({ tenant, identity, account, session }) => {
      const found = own(tenantOf(tenant)?.identities, identity)
      const isOthers = found?.account !== undefined && found.account !== account
      return isOthers || !isAlive(session) ? undefined : found
    },
    group: async (tenant, id) => own(tenantOf(tenant)?.groups, id),
    hasWorkspace: async (tenant, id) => tenantOf(tenant)?.workspaces?.includes(id) ?? false,
    session: now().endedSessions === undefined ? undefined : async ({ session }) => isAlive(session),
  }
}

function own<Value>(of: { readonly [name: string]: Value } | undefined, name: string): Value | undefined {
  return of !== undefined && Object.hasOwn(of, name) ? of[name] : undefined
}

function checkPlain(plain: unknown): void {
  if (!isObject(plain) || !isObject(plain['tenants'])) throw wrong('plainDirectory()', '{ tenants: { ... } }')
  checkFields(plain, ['tenants', 'endedSessions'], 'plainDirectory()')
  if (plain['endedSessions'] !== undefined && !isTexts(plain['endedSessions']))
    throw wrong('endedSessions', 'a list of ids')
  for (const [id, tenant] of Object.entries(plain['tenants'])) checkTenant(id, tenant)
}

function checkTenant(id: string, tenant: unknown): void {
  const where = `the tenant "${id}"`
  if (!isObject(tenant)) throw wrong(where, '{ identities, groups, workspaces }')
  checkFields(tenant, ['identities', 'groups', 'workspaces'], where)
  const { identities = {}, groups = {}, workspaces = [] } = tenant
  if (!isObject(identities) || !isObject(groups)) throw wrong(where, 'identities and groups by id')
  if (!isTexts(workspaces)) throw wrong(`workspaces of ${where}`, 'a list of ids')
  const known = Object.keys(groups)
  for (const [name, group] of Object.entries(groups)) {
    if (!isGroup(group)) throw wrong(`the group "${name}" of ${where}`, '{ permissions, groups? }')
    checkFields(group, ['permissions', 'groups'], `the group "${name}" of ${where}`)
    checkKnown(group.groups ?? [], known, 'groups', `the group "${name}" of ${where}`)
  }
  // Nobody has to say what administrators of the system hold.
  const joinable = id === systemTenant ? [...known, administratorsGroup] : known
  for (const [name, identity] of Object.entries(identities)) {
    const who = `the identity "${name}" of ${where}`
    if (!isIdentity(identity)) throw wrong(who, '{ groups, workspaces? }')
    checkFields(identity, ['groups', 'workspaces', 'account'], who)
    checkKnown(identity.groups, joinable, 'groups', who)
    for (const membership of identity.workspaces ?? []) {
      checkKnown([membership.workspace], workspaces, 'workspaces', who)
      checkKnown(membership.groups, known, 'groups', who)
    }
  }
}

function checkKnown(named: readonly string[], known: readonly string[], what: string, where: string): void {
  const missing = named.find((name) => !known.includes(name))
  if (missing === undefined) return
  const near = closest(missing, known)
  const hint = near === undefined ? `List it in ${what} of the tenant.` : `Did you mean "${near}"?`
  throw new Error(`In the plain directory ${where} names "${missing}", which is none of its tenant's ${what}. ${hint}`)
}

function checkFields(value: object, known: readonly string[], where: string): void {
  const other = Object.keys(value).find((name) => !known.includes(name))
  if (other !== undefined)
    throw new Error(`In the plain directory ${where} has "${other}". Known: ${known.join(', ')}.`)
}

function wrong(where: string, expected: string): Error {
  return new Error(`In the plain directory, expected ${where} to be ${expected}, received something else.`)
}
