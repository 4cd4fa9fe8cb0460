// What must be allowed, said a second time: from what the domains declare and what the world knows, as one function without caches,
// epochs or waits. It shares no code with the engine.
import { administratorsGroup, isGestaError, systemTenant } from '@gesta/core'
import type { Level, PermissionEntry, RequestContext } from '@gesta/core'
import { key } from './callers.ts'
import type { Asking, World } from './callers.ts'

export interface Input {
  readonly [field: string]: string | undefined
}
export interface Question {
  readonly world: World
  readonly entries: readonly PermissionEntry[]
  readonly asking: Asking
  readonly name: string
  readonly input: Input
}
/** What is declared for a contract: a level, or what its function says. */
export type Declared = Level | ((question: Question) => boolean)

/** What concerns the app as a whole: for callers of its own tenant. */
const operators = [
  'Runtime.JobList',
  'Runtime.AggregateList',
  'Runtime.ReadModelList',
  'Runtime.StoreList',
  'Runtime.CommandHandlerList',
  'Runtime.QueryHandlerList',
  'Runtime.EventHandlerList',
  'Runtime.SystemInfo',
  'Runtime.Metrics',
  'Runtime.ControlEventHandler',
  'Runtime.QueuedJobList',
  'Runtime.QueuedJob',
  'Runtime.ControlJob',
  'Runtime.QueueList',
  'Runtime.ControlQueue',
  'Runtime.CronList',
  'Runtime.ControlCron',
]

/** The functions of the domains, in other words. A function that is missing here fails the matrix. */
export const functions: { readonly [contract: string]: (question: Question) => boolean } = {
  'Matter.Seal': owns,
  'Matter.Peek': owns,
  'Matter.Share': (question) => holds(question) || owns(question),
  'Matter.Close': (question) => holds(question) && !frozen(question),
  'Matter.Settle': (question) => (holds(question) && !frozen(question)) || owns(question),
  'Matter.Greet': isAuthenticated,
  'Matter.Nobody': () => false,
  'Matter.ApproveIt': (question) => holds({ ...question, name: 'Matter.Approve' }),
  'Matter.Haunt': () => false,
  'Runtime.ExplainPermission': (question) => holds(question) && (isAboutOneself(question) || isOfSystem(question)),
  ...Object.fromEntries(operators.map((type) => [type, (question) => holds(question) && isOfSystem(question)])),
}

const isOfSystem = ({ asking }: Question): boolean => asking.context.tenant === systemTenant
const isAboutOneself = ({ input }: Question): boolean => input['identity'] === undefined

/** What handlers ask for beside the permission: other tenants' audit logs are for the app's own tenant. */
function isNarrower(question: Question): boolean {
  const { name, input } = question
  const { tenant = question.asking.context.tenant } = input
  return !name.startsWith('Audit.') || tenant === question.asking.context.tenant || isOfSystem(question)
}

const reason = 'the matrix asks'
const inAcme = { tenant: 'acme', reason }
const inputs: { readonly [name: string]: readonly Input[] } = {
  'Runtime.Schema': [{ domain: 'Matter', type: 'Open' }],
  'Runtime.ExplainPermission': [
    { permission: 'Matter.File' },
    { permission: 'Matter.File', tenant: 'bolt', identity: 'b' },
  ],
  'Runtime.QueuedJob': [{ jobId: 'none.j0' }],
  'Runtime.ControlJob': [{ action: 'hurry', filter: { queue: 'none' } as never, reason }],
  'Runtime.ControlQueue': [{ queue: 'none', action: 'resume', reason }],
  'Runtime.CronList': [{}],
  'Runtime.ControlCron': [{ cron: 'None.None', action: 'pause', reason }],
  'Audit.Read': [{}, { tenant: 'bolt' }],
  'Audit.Export': [{ format: 'csv' }, { format: 'jsonl', tenant: 'bolt' }],
  // The chain of the tenant that everybody is denied in is long.
  'Audit.Verify': [{ tenant: 'bolt' }],
  'StoreEvent.Update': [{ ...inAcme, eventId: 'none.0', data: '{}' }],
  'StoreEvent.Delete': [{ ...inAcme, eventId: 'none.0' }],
  'StoreCommand.Update': [{ ...inAcme, commandId: 'none' }],
  'StoreCommand.Delete': [{ ...inAcme, before: '2000-01-01T00:00:00Z' }],
  'StoreData.Read': [{ tenant: 'acme' }],
  'StoreCache.Read': [{ tenant: 'acme' }],
  'StoreData.Update': [{ ...inAcme, bucket: 'b', object: 'o', contentType: 'text/plain', content: 'AA==' }],
  'StoreData.Delete': [{ ...inAcme, bucket: 'b', object: 'o' }],
  'StoreCache.Update': [{ ...inAcme, key: 'k', value: '1' }],
  'StoreCache.Delete': [{ ...inAcme, key: 'k' }],
  'StoreLog.Update': [{ reason }],
  'StoreLog.Delete': [{ ...inAcme, before: '2000-01-01T00:00:00Z' }],
  'Runtime.ControlEventHandler': [{ eventHandlerName: 'Matter.None', action: 'pause' }],
}
/** Ends of what was allowed: the contract had nothing to do with what it was asked. */
const ends = ['read_model_unknown', 'cron_unknown']

/** Inputs that make a difference to whoever decides by them. */
export function inputsOf(name: string, { context }: Asking): readonly Question['input'][] {
  const known = inputs[name]
  if (known !== undefined) return known
  if (!name.startsWith('Matter')) return [{}]
  if (!(name in functions)) return [{ owner: '' }]
  return ['', 'somebody', 'frozen', context.identity ?? 'nobody'].map((owner) => ({ owner }))
}

/** Whether the contract may be run with an input. A session that has ended is nobody's, whatever a function would say. */
export function mayRun(declared: Declared, question: Question): boolean {
  if (typeof declared !== 'function') return mayHold(declared, question) && isNarrower(question)
  return !(hasSession(question.asking.context) && !isAuthenticated(question)) && declared(question)
}

/** Whether the permission is held, which needs no input: of a contract with a function what groups say. */
export function mayHold(level: Level, question: Question): boolean {
  if (level === 'anonymous') return true
  return level === 'authenticated' ? isAuthenticated(question) : holds(question)
}

function isAuthenticated({ world, asking }: Question): boolean {
  const { tenant = '', identity = '' } = asking.context
  if (!hasSession(asking.context)) return false
  const revoked = world.people.get(key(tenant, identity))?.revoked
  return !world.tellsSessions || revoked === undefined || revoked === 'identity'
}

function owns({ asking, input }: Question): boolean {
  return input['owner'] !== '' && input['owner'] === asking.context.identity
}
function frozen({ input }: Question): boolean {
  return input['owner'] === 'frozen'
}
function hasSession({ account, session }: RequestContext): boolean {
  return account !== undefined && session !== undefined
}

/** The order of authorization. */
export function holds({ world, entries, asking, name }: Question): boolean {
  const { tenant, identity, targetTenant, targetWorkspace } = asking.context
  if (asking.kind === 'the app itself') return true
  if (!hasSession(asking.context) || tenant === undefined || identity === undefined) return false
  const person = world.people.get(key(tenant, identity))
  if (person === undefined || person.revoked !== undefined) return false
  if (tenant === systemTenant && person.groups.includes(administratorsGroup)) return true
  if (isAdministrators(name, entries)) return false
  if (targetTenant !== undefined && targetTenant !== tenant) return false
  if (ofTheApp.has(name) && tenant !== systemTenant) return false
  if (targetWorkspace !== undefined && !world.workspaces.has(key(tenant, targetWorkspace))) return false
  const inWorkspace = person.workspaces.filter(({ workspace }) => workspace === targetWorkspace)
  const groups = [...person.groups, ...inWorkspace.flatMap((membership) => membership.groups)]
  const patterns = new Set(
    reached(groups, (id) => world.groups.get(key(tenant, id))?.groups ?? []).flatMap(
      (id) => world.groups.get(key(tenant, id))?.permissions ?? [],
    ),
  )
  return granting(name, entries).some((granted) => matches(patterns, granted, entries))
}

/** The permission itself, and all that bring it. */
function granting(name: string, entries: readonly PermissionEntry[]): readonly string[] {
  return reached([name], (held) => entries.filter(({ implies }) => implies.includes(held)).map((entry) => entry.name))
}

function matches(patterns: ReadonlySet<string>, name: string, entries: readonly PermissionEntry[]): boolean {
  if (patterns.has(name) || patterns.has(`${name.split('.')[0]}.*`)) return true
  return patterns.has('*') && kindOf(name, entries) !== 'store'
}

/** What only callers of the system's own tenant may ever hold. */
const ofTheApp = new Set(['Gesta.RotateKeys', 'Runtime.ControlEventHandler', 'Runtime.Trace'])
/** What only its administrators ever hold: the stores, and whatever lets them act as somebody else. */
function isAdministrators(name: string, entries: readonly PermissionEntry[]): boolean {
  return kindOf(name, entries) === 'store' || name === 'Runtime.ReissueCommand'
}
function kindOf(name: string, entries: readonly PermissionEntry[]): PermissionEntry['kind'] | undefined {
  return entries.find((entry) => entry.name === name)?.kind
}

/** Everything that can be reached, each once, whatever circles there are. */
function reached(from: readonly string[], next: (id: string) => readonly string[]): readonly string[] {
  const found = new Set(from)
  for (const id of found) for (const more of next(id)) found.add(more)
  return [...found]
}

/** Allowed, unless it was denied; what a handler does with it afterwards is nobody's business here. */
export async function allowed(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (isGestaError(error, 'permission_denied')) return false
    if (isGestaError(error) && ends.includes(error.code)) return true
    throw error
  }
}
