// Callers of every kind, and the directory that knows them. For each permission there are callers that hold exactly that one.
import { administratorsGroup, systemContext, systemTenant } from '@gesta/core'
import type { Directory, DirectoryGroup, DirectoryIdentity, RequestContext } from '@gesta/core'

export interface Person {
  readonly tenant: string
  readonly identity: string
  readonly groups: readonly string[]
  readonly workspaces: readonly { readonly workspace: string; readonly groups: readonly string[] }[]
  /** What the directory says of it at the moment. */
  readonly revoked: 'identity' | 'account' | 'session' | undefined
}
export interface Asking {
  readonly kind: string
  readonly context: RequestContext
}
export interface World {
  readonly people: ReadonlyMap<string, Person>
  readonly groups: ReadonlyMap<string, DirectoryGroup>
  readonly workspaces: ReadonlySet<string>
  /** Whether the directory says which sessions are alive, whatever identity they have; without it identities alone say so. */
  readonly tellsSessions: boolean
  /** Callers for one permission, without and with targets. */
  readonly callers: (permission: string) => readonly Asking[]
}

export const own = 'acme'
export const other = 'bolt'
export const key = (tenant: string, id: string): string => JSON.stringify([tenant, id])
export const targets: readonly (string | undefined)[] = [undefined, own, other, systemTenant, '']

interface Kind {
  readonly kind: string
  readonly tenant?: string
  readonly groups?: readonly string[]
  readonly inWorkspace?: readonly string[]
  readonly revoked?: Person['revoked']
  /** What the context says beside who it is. */
  readonly with?: RequestContext
}

/** Groups are named after what they hold; `in:` and `ring:` hold it through others. */
const kinds = (permission: string): readonly Kind[] => {
  const exact = `just ${permission}`
  const domain = `just ${permission.slice(0, permission.indexOf('.'))}.*`
  return [
    { kind: 'no group' },
    { kind: 'the exact name', groups: ['just Weather.Read', exact] },
    { kind: 'its domain', groups: [domain] },
    { kind: 'everything', groups: ['just *'] },
    { kind: 'a group in a group', groups: [`in: ${exact}`] },
    { kind: 'a circle of groups that holds it', groups: [`ring: ${exact}`] },
    { kind: 'a circle of groups that holds nothing', groups: ['ring: just Weather.Read'] },
    { kind: 'another permission', groups: ['just Weather.Read'] },
    { kind: 'another domain', groups: ['just Weather.*'] },
    { kind: 'the beginning of the name', groups: [`just ${permission.slice(0, -1)}`, 'just Matte.*', 'just M*'] },
    { kind: 'the name in capitals', groups: [`just ${permission.toUpperCase()}`] },
    { kind: 'the permission above', groups: ['just Matter.Oversee'] },
    { kind: 'a group that is not there', groups: ['gone'] },
    { kind: 'a group of another tenant', groups: ['theirs'] },
    { kind: 'a group that is called like the administrators', groups: [administratorsGroup] },
    { kind: 'the exact name, in its workspace', groups: [exact], with: { targetWorkspace: 'w1' } },
    { kind: 'the exact name, in a workspace of another tenant', groups: [exact], with: { targetWorkspace: 'w9' } },
    { kind: 'the exact name, in a workspace that is not there', groups: [exact], with: { targetWorkspace: 'w0' } },
    { kind: 'a member of a workspace, outside', inWorkspace: [exact] },
    { kind: 'a member of a workspace, in it', inWorkspace: [exact], with: { targetWorkspace: 'w1' } },
    { kind: 'a member of a workspace, in another', inWorkspace: [exact], with: { targetWorkspace: 'w2' } },
    { kind: 'a member of a workspace without the permission, in it', inWorkspace: [], with: { targetWorkspace: 'w1' } },
    { kind: 'everything in another tenant', tenant: other, groups: ['just *'] },
    { kind: 'everything in no tenant', tenant: '', groups: ['just *', exact] },
    { kind: 'everything in the system', tenant: systemTenant, groups: ['just *'] },
    { kind: 'the exact name in the system', tenant: systemTenant, groups: [exact] },
    { kind: 'a system administrator', tenant: systemTenant, groups: [administratorsGroup] },
    {
      kind: 'a system administrator that has left',
      tenant: systemTenant,
      groups: [administratorsGroup],
      revoked: 'identity',
    },
    { kind: 'an identity that has left', groups: ['just *', exact], revoked: 'identity' },
    { kind: 'an account that is blocked', groups: ['just *', exact], revoked: 'account' },
    { kind: 'a session that has ended', groups: ['just *', exact], revoked: 'session' },
    { kind: 'somebody who acts as another', groups: [exact], with: { impersonator: 'boss' } },
    { kind: 'no session', groups: [exact], with: { session: undefined } },
    { kind: 'no account', groups: [exact], with: { account: undefined } },
    { kind: 'no identity', groups: [exact], with: { identity: undefined } },
    { kind: 'an identity without its tenant', groups: [exact], with: { tenant: undefined } },
  ]
}

/** A group may be listed by people of any tenant, and is one of its own tenant alone. */
const namedTenants = [own, other, systemTenant, '']

export function worldOf(permissions: readonly string[], tellsSessions: boolean): World {
  const people = new Map<string, Person>()
  const groups = new Map<string, DirectoryGroup>([
    [key(other, 'theirs'), { permissions: ['*', 'Matter.*', ...permissions] }],
    [key(own, administratorsGroup), { permissions: [] }],
    [key(systemTenant, administratorsGroup), { permissions: [] }],
  ])
  for (const permission of permissions)
    for (const { kind, tenant = own, groups: held = [], inWorkspace, revoked } of kinds(permission)) {
      const identity = `${kind} of ${permission}`
      const workspaces = inWorkspace === undefined ? [] : [{ workspace: 'w1', groups: inWorkspace }]
      people.set(key(tenant, identity), { tenant, identity, groups: held, workspaces, revoked })
      for (const id of [...held, ...(inWorkspace ?? [])]) addGroup(groups, id)
    }
  return {
    people,
    groups,
    tellsSessions,
    workspaces: new Set([key(own, 'w1'), key(own, 'w2'), key(other, 'w9')]),
    callers: (permission) => [...strangers, ...kinds(permission).map((kind) => personAsking(kind, permission))],
  }
}

function addGroup(groups: Map<string, DirectoryGroup>, id: string): void {
  for (const tenant of namedTenants) {
    const [, way, held] = /^(in: |ring: )?just (.*)$/.exec(id) ?? []
    if (held === undefined) continue
    groups.set(key(tenant, `just ${held}`), { permissions: [held] })
    if (way === 'in: ') {
      groups.set(key(tenant, id), { permissions: [], groups: [`middle ${held}`] })
      groups.set(key(tenant, `middle ${held}`), { permissions: ['Weather.Read'], groups: [`just ${held}`] })
    }
    if (way === 'ring: ') {
      groups.set(key(tenant, id), { permissions: [], groups: [`ring 2 ${held}`, id] })
      groups.set(key(tenant, `ring 2 ${held}`), { permissions: [], groups: [`ring 3 ${held}`, 'gone'] })
      groups.set(key(tenant, `ring 3 ${held}`), { permissions: [held], groups: [id] })
    }
  }
}

function personAsking({ kind, tenant = own, with: more = {} }: Kind, permission: string): Asking {
  const identity = `${kind} of ${permission}`
  return {
    kind,
    context: { tenant, identity, account: `account of ${identity}`, session: `session of ${identity}`, ...more },
  }
}

const strangers: readonly Asking[] = [
  { kind: 'nobody', context: {} },
  { kind: 'an account without a session', context: { account: 'a' } },
  { kind: 'an account with a session', context: { account: 'a', session: 's' } },
  { kind: 'an account that says it is in a tenant', context: { account: 'a', session: 's', tenant: own } },
  { kind: 'an identity that nobody knows', context: { account: 'a', session: 's', tenant: own, identity: 'nobody' } },
  // As it would look after it was stored or sent: the mark is no text.
  { kind: 'a copy of the system', context: JSON.parse(JSON.stringify(systemContext())) as RequestContext },
]

/** A caller asks for each target; the app itself is made for one. */
export function aimed(asking: Asking, target: string | undefined): Asking {
  return { ...asking, context: { ...asking.context, targetTenant: target } }
}
export function systemCallers(): readonly Asking[] {
  return targets.map((target) => ({ kind: 'the app itself', context: systemContext(target) }))
}

/** The world as the port of the app has it. */
export function directoryOf({ people, groups, workspaces, tellsSessions }: World): Directory {
  const ended = new Set(
    [...people.values()]
      .filter(({ revoked }) => revoked === 'account' || revoked === 'session')
      .map(({ identity }) => identity),
  )
  const isAlive = (account: string, session: string): boolean =>
    ![...ended].some((identity) => account === `account of ${identity}` || session === `session of ${identity}`)
  return {
    ...(tellsSessions && { session: async ({ account, session }) => isAlive(account, session) }),
    identity: async ({ tenant, identity, account, session }): Promise<DirectoryIdentity | undefined> => {
      const person = people.get(key(tenant, identity))
      if (person === undefined || person.revoked !== undefined) return undefined
      // Another account or session than the one that the identity belongs to is none.
      if (account !== `account of ${identity}` || session !== `session of ${identity}`) return undefined
      return person
    },
    group: async (tenant, id) => groups.get(key(tenant, id)),
    hasWorkspace: async (tenant, id) => workspaces.has(key(tenant, id)),
  }
}
