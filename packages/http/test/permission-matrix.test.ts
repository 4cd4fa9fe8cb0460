// Every route of both addresses, asked by callers of every kind: who is refused, and how, is what the permission of the route says. The
// routes come from the servers themselves; one that is not in the table fails.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import diagnostics from 'node:diagnostics_channel'
import { after, describe, test } from 'node:test'
import {
  administratorsGroup,
  auditDomain,
  command,
  createApp,
  deny,
  domain,
  handle,
  query,
  readModel,
  registerStorePermissions,
  runtimeDomain,
  systemTenant,
} from '@gesta/core'
import type { Directory, RequestContext } from '@gesta/core'
import { createFanout } from '@gesta/core/registry'
import { z } from 'zod'
import { serve, serveAdmin } from '../src/index.ts'
import type { Authenticate } from '../src/index.ts'

// The app: a contract of each level, the runtime, the stores, the audit log.
const open = query('Order.Open', { result: z.string() })
const note = command('Order.Note')
const file = command('Order.File')
const find = query('Order.Find', { result: z.string() })
const seal = command('Order.Seal', { input: z.object({ owner: z.string().default('') }) })
const order = domain('Order', {
  roles: ['web'],
  permissions: {
    'Order.Open': 'anonymous',
    'Order.Note': 'authenticated',
    'Order.File': 'authorized',
    'Order.Find': 'authorized',
    'Order.Seal': ({ owner }, { identity }) => (owner === identity ? undefined : deny('somebody else is its owner')),
  },
  readModels: [
    readModel('Order.Totals', () => ({ orders: 0 })).onAny(
      () => [],
      (row) => row,
    ),
  ],
  handlers: [
    handle(open, async () => 'open'),
    handle(note, async () => undefined),
    handle(file, async () => undefined),
    handle(find, async () => 'found'),
    handle(seal, async () => undefined),
  ],
})
const fanout = createFanout()
const app = createApp('matrix', {
  domains: [order, runtimeDomain(), auditDomain(), ...registerStorePermissions({ perSecond: 10_000, burst: 100_000 })],
})

// Who asks.
interface Person {
  readonly context: RequestContext | undefined
  /** Permissions that its groups hold, as they are written there. */
  readonly held?: readonly string[]
}
const person = (tenant: string, name: string, held: readonly string[] = []): Person => ({
  context: { tenant, identity: name, account: `account of ${name}`, session: `session of ${name}` },
  held,
})
const storeDomains = ['StoreEvent', 'StoreCommand', 'StoreData', 'StoreCache', 'StoreLog']
const people: { readonly [name: string]: Person } = {
  nobody: { context: undefined },
  stranger: { context: undefined },
  'an account': { context: { account: 'a', session: 's' } },
  'a member': person('acme', 'a member'),
  'a clerk': person('acme', 'a clerk', ['Order.*']),
  'a member that may do everything': person('acme', 'a member that may do everything', [
    '*',
    ...storeDomains.map((name) => `${name}.*`),
  ]),
  'somebody of another tenant': person('bolt', 'somebody of another tenant', ['*']),
  'an operator without permissions': person(systemTenant, 'an operator without permissions'),
  'an operator of everything but stores': person(systemTenant, 'an operator of everything but stores', ['*']),
  'an operator of stores': person(
    systemTenant,
    'an operator of stores',
    storeDomains.map((name) => `${name}.*`),
  ),
  'a system administrator': person(systemTenant, 'a system administrator'),
}
/** Its credentials are wrong. */
const stranger = 'stranger'
const administrator = 'a system administrator'

const directory: Directory = {
  identity: async ({ identity }) => {
    if (people[identity]?.held === undefined) return undefined
    return { groups: identity === administrator ? [administratorsGroup] : [`of ${identity}`] }
  },
  group: async (_, id) => ({ permissions: people[id.replace(/^of /, '')]?.held ?? [] }),
  hasWorkspace: async () => false,
}
const authenticate: Authenticate = ({ headers }) => {
  const name = decodeURIComponent(headers['authorization'] ?? 'nobody')
  if (name === stranger) throw new Error('no such credentials')
  return people[name]?.context
}

// The routes, as the servers say them.
interface Route {
  readonly address: 'main' | 'admin'
  readonly method: string
  readonly url: string
}
const routes: Route[] = []
let address: Route['address'] = 'main'
interface Instance {
  addHook(
    name: 'onRoute',
    hook: (route: { readonly method: string | readonly string[]; readonly url: string }) => void,
  ): void
}
const collect = (message: unknown): void => {
  const at = address
  ;(message as { readonly fastify: Instance }).fastify.addHook('onRoute', ({ method, url }) => {
    // The router's own name of a parameter is a number.
    const path = url.replace('/tenants/:p0/', '/tenants/:tenantUuid/')
    for (const each of [method].flat()) routes.push({ address: at, method: each, url: path })
  })
}
diagnostics.subscribe('fastify.initialization', collect)
const { privateKey } = generateKeyPairSync('ed25519')
const signingKey = privateKey.export({ type: 'pkcs8', format: 'pem' })
const running = await app.start({ directory, fanout, audit: { signingKey } })
const logger = { error: () => undefined, warn: () => undefined }
const main = await serve(running, {
  port: 0,
  logger,
  authenticate,
  events: { fanout, audience: (caller) => (caller?.identity === undefined ? deny('members alone') : undefined) },
})
address = 'admin'
const admin = await serveAdmin(running, { port: 0, logger, authenticate })
diagnostics.unsubscribe('fastify.initialization', collect)
after(async () => {
  await main[Symbol.asyncDispose]()
  await admin[Symbol.asyncDispose]()
  await running[Symbol.asyncDispose]()
})

// What is asked of the caller of a route.
type Rule =
  | 'public'
  | 'member'
  | {
      readonly permission: string
      /** Held in the tenant SYSTEM it is for the data of all tenants. */
      readonly ofOperators?: true
      /** Groups that hold it are not enough. */
      readonly ofAdministrators?: true
      /** What is sent, where the path alone does not say what is asked for. */
      readonly body?: unknown
    }

const contractLevels: { readonly [name: string]: 'anonymous' | 'authenticated' | 'authorized' | 'owner' } = {
  'Order.Open': 'anonymous',
  'Order.Note': 'authenticated',
  'Order.File': 'authorized',
  'Order.Find': 'authorized',
  'Order.Seal': 'owner',
}
/** Of the runtime: what callers of every tenant are told of their own. */
const forEveryTenant = [
  'PermissionList',
  'CommandList',
  'QueryList',
  'EventList',
  'Schema',
  'ExplainPermission',
  'EventStream',
]

const listPaths: { readonly [path: string]: string } = {
  'permission-list': 'Runtime.PermissionList',
  'command-list': 'Runtime.CommandList',
  'query-list': 'Runtime.QueryList',
  'event-list': 'Runtime.EventList',
  'job-list': 'Runtime.JobList',
  'aggregate-list': 'Runtime.AggregateList',
  'read-model-list': 'Runtime.ReadModelList',
  'store-list': 'Runtime.StoreList',
  'command-handler-list': 'Runtime.CommandHandlerList',
  'query-handler-list': 'Runtime.QueryHandlerList',
  'event-handler-list': 'Runtime.EventHandlerList',
  'system-info': 'Runtime.SystemInfo',
  schema: 'Runtime.Schema',
  'permission-explain': 'Runtime.ExplainPermission',
  metrics: 'Runtime.Metrics',
  'queued-job-list': 'Runtime.QueuedJobList',
  'queued-job': 'Runtime.QueuedJob',
  'queued-job-control': 'Runtime.ControlJob',
  'queue-list': 'Runtime.QueueList',
  'queue-control': 'Runtime.ControlQueue',
  'cron-list': 'Runtime.CronList',
  'cron-control': 'Runtime.ControlCron',
  events: 'Runtime.EventStream',
}
/** Those that the admin address has beside the runtime: below `/admin`, or below a runtime. */
const operatorPaths: { readonly [route: string]: string } = {
  'GET /admin/health': 'Runtime.SystemInfo',
  'GET /admin/read-models': 'Runtime.EventHandlerList',
  'GET /admin/read-models/:name': 'Runtime.EventHandlerList',
  'POST /admin/read-models/:name': 'Runtime.ControlEventHandler',
  'GET /admin/read-models/:name/parked': 'Runtime.EventHandlerList',
  'POST /admin/read-models/:name/parked': 'Runtime.ControlEventHandler',
  'POST /admin/read-models/:name/verify': 'Runtime.EventHandlerList',
  'GET /admin/subscribers': 'Runtime.EventHandlerList',
  'GET /admin/command-log': 'StoreCommand.Info',
  'GET /admin/audit': 'Audit.Read',
  'GET /admin/audit/export': 'Audit.Export',
  'POST /admin/audit/verify': 'Audit.Verify',
  'POST /admin/audit/checkpoint': 'Audit.Verify',
  'GET /metrics': 'Runtime.Metrics',
  'GET trace/:name': 'Runtime.Trace',
  'GET commands': 'StoreCommand.Read',
  'POST commands': 'StoreCommand.Delete',
  'GET commands/:name': 'StoreCommand.Read',
  'POST commands/:name': 'StoreCommand.Update',
  'GET audit': 'Audit.Read',
  'GET audit/export': 'Audit.Export',
  'POST audit/verify': 'Audit.Verify',
}
/** What the main address has nothing of. */
const forOperators = [
  'metrics',
  'queued-job-list',
  'queued-job',
  'queued-job-control',
  'queue-list',
  'queue-control',
  'cron-list',
  'cron-control',
]
const publicPaths = ['/healthz', '/started', '/ready', '/docs', '/docs/errors', '/docs/style.css', '/docs/api']
const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

function ruleOf({ address: at, method, url }: Route): Rule | undefined {
  if (at === 'main' && method === 'GET' && publicPaths.includes(url)) return 'public'
  if (at === 'main' && method === 'GET' && url === '/api/events') return 'member'
  const [, kind, contract] = /^\/api\/(commands|queries|call)\/(.+)$/.exec(url) ?? []
  if (at === 'main' && contract !== undefined && (kind === 'queries' ? 'GET' : 'POST') === method)
    return contract in contractLevels ? { permission: contract } : undefined
  if (at === 'admin' && operatorPaths[`${method} ${url}`] !== undefined)
    return { permission: operatorPaths[`${method} ${url}`] ?? '', ofOperators: true }
  const [, path = ''] = /^\/api(?:\/tenants\/:tenantUuid)?\/runtime\/(.+)$/.exec(url) ?? []
  if (at === 'admin' && operatorPaths[`${method} ${path}`] !== undefined)
    return { permission: operatorPaths[`${method} ${path}`] ?? '', ofOperators: true }
  const [, store, action] = /^store\/(\w+)\/(\w+)$/.exec(path) ?? []
  if (at === 'admin' && method === 'POST' && store !== undefined && action !== undefined)
    return { permission: `Store${capital(store)}.${capital(action)}`, ofAdministrators: true }
  const listed = listPaths[path]
  if (listed === undefined || method !== (path === 'events' ? 'GET' : 'POST')) return undefined
  return at === 'main' && forOperators.includes(path) ? undefined : { permission: listed }
}

// What it comes to, without the engine.
const isOf = (name: string, domainName: string): boolean => name.startsWith(`${domainName}.`)
const isOfStore = (name: string): boolean => storeDomains.some((each) => isOf(name, each))

function holds({ context, held = [] }: Person, permission: string, target: string | undefined): boolean {
  const { tenant, identity } = context ?? {}
  if (tenant === undefined || identity === undefined) return false
  if (identity === administrator) return true
  if (target !== undefined && target !== tenant) return false
  if (isOfStore(permission) || permission === 'Runtime.ReissueCommand') return false
  const ofDomain = held.includes(`${permission.split('.')[0]}.*`)
  if (isOf(permission, 'Runtime') && !forEveryTenant.some((name) => permission === `Runtime.${name}`))
    return tenant === systemTenant && held.includes('*')
  return ofDomain || held.includes('*')
}

function mayUse(rule: Rule, { address: at }: Route, name: string, target: string | undefined): boolean {
  const asking = people[name] ?? { context: undefined }
  if (rule === 'public') return true
  if (name === stranger) return false
  if (rule === 'member') return asking.context?.identity !== undefined
  const level = contractLevels[rule.permission] ?? 'authorized'
  if (at === 'admin' && asking.context?.tenant !== systemTenant) return false
  if (rule.ofAdministrators === true && name !== administrator) return false
  if (level === 'anonymous') return true
  if (level === 'authenticated') return asking.context !== undefined
  if (level === 'owner') return name === 'a clerk'
  return holds(asking, rule.permission, rule.ofOperators === true ? systemTenant : target)
}

const bodies: { readonly [permission: string]: unknown } = {
  'Order.Seal': { owner: 'a clerk' },
  'Runtime.Schema': { domain: 'Order', type: 'Seal' },
  'Runtime.ExplainPermission': { permission: 'Order.File' },
  'StoreCommand.Update': { action: 'redact' },
  'Runtime.QueuedJob': { jobId: 'c.j0' },
  'Runtime.ControlJob': { action: 'hurry', filter: { queue: 'none' }, reason: 'the matrix asks' },
  'Runtime.ControlCron': { cron: 'None.None', action: 'pause', reason: 'the matrix asks' },
  'Runtime.ControlQueue': { queue: 'none', action: 'resume', reason: 'the matrix asks' },
}
const reason = 'the matrix asks'
const inAcme = { tenant: 'acme', reason }
const storeBodies: { readonly [permission: string]: unknown } = {
  'StoreData.Read': { tenant: 'acme' },
  'StoreCache.Read': { tenant: 'acme' },
  'StoreEvent.Update': { ...inAcme, eventId: 'none.0', data: '{}' },
  'StoreEvent.Delete': { ...inAcme, eventId: 'none.0' },
  'StoreCommand.Update': { ...inAcme, commandId: 'none' },
  'StoreCommand.Delete': { ...inAcme, before: '2000-01-01T00:00:00Z' },
  'StoreData.Update': { ...inAcme, bucket: 'b', object: 'o', contentType: 'text/plain', content: 'AA==' },
  'StoreData.Delete': { ...inAcme, bucket: 'b', object: 'o' },
  'StoreCache.Update': { ...inAcme, key: 'k', value: '1' },
  'StoreCache.Delete': { ...inAcme, key: 'k' },
  'StoreLog.Update': { reason },
  'StoreLog.Delete': { ...inAcme, before: '2000-01-01T00:00:00Z' },
}
function bodyOf(rule: Rule): unknown {
  if (typeof rule === 'string') return {}
  return rule.body ?? (rule.ofAdministrators === true ? storeBodies : bodies)[rule.permission] ?? {}
}
async function statusOf(
  { address: at, method, url }: Route,
  rule: Rule,
  name: string,
  target: string,
): Promise<number> {
  const path = url
    .replace(':tenantUuid', target)
    .replace(':name', url.includes('read-models') ? 'Order.Totals' : 'an-id')
  const isPost = method === 'POST'
  const stop = new AbortController()
  const headers = {
    ...(name === 'nobody' ? {} : { authorization: encodeURIComponent(name) }),
    ...(isPost ? { 'content-type': 'application/json' } : {}),
  }
  const sent = isPost ? { body: JSON.stringify(bodyOf(rule)) } : {}
  const response = await fetch(`${at === 'main' ? main.url : admin.url}${path}`, {
    method,
    headers,
    ...sent,
    signal: stop.signal,
  })
  const { status } = response
  // A stream has no end of its own.
  if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) stop.abort()
  else await response.arrayBuffer()
  return status
}

async function checkRoute(route: Route, rule: Rule): Promise<void> {
  const wrong: string[] = []
  for (const target of route.url.includes(':tenantUuid') ? ['acme', systemTenant] : [undefined])
    for (const name of Object.keys(people)) {
      const status = await statusOf(route, rule, name, target ?? '')
      const refused = people[name]?.context === undefined ? 401 : 403
      const may = mayUse(rule, route, name, target)
      const right = may ? status !== 401 && status !== 403 && status < 500 : status === refused
      if (!right)
        wrong.push(`${name}, for ${target ?? 'no tenant'}: ${status}, expected ${may ? 'an answer' : refused}`)
    }
  assert.deepEqual(wrong, [])
}

/** Two things are asked for at one path. */
const byBody: readonly (readonly [path: string, permission: string, body: unknown])[] = [
  ['event-handler-list', 'Runtime.ControlEventHandler', { action: 'pause', eventHandlerName: 'Order.None' }],
  ['commands/:name', 'Runtime.ReissueCommand', { action: 'reissue' }],
]
const served = routes.filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS')

describe('every route', () => {
  for (const route of served)
    test(`${route.method} ${route.url} of the ${route.address} address refuses whom it should, and nobody else`, async () => {
      const rule = ruleOf(route)
      assert.ok(rule, 'It is not in the table. Say which permission it asks for.')
      await checkRoute(route, rule)
    })

  for (const [path, permission, body] of byBody)
    for (const route of served.filter(({ method, url }) => method === 'POST' && url.endsWith(`/runtime/${path}`)))
      test(`${route.url} of the ${route.address} address, asked for ${permission}, refuses whom it should`, async () => {
        const rule: Rule = { permission, body, ...(path.startsWith('commands') && { ofOperators: true }) }
        if (route.address === 'admin') return checkRoute(route, rule)
        for (const name of Object.keys(people)) {
          const status = await statusOf(route, rule, name, systemTenant)
          assert.ok(status >= 400 && status < 500, `${name}: ${status}`)
        }
      })

  test('is one that the servers have, and every permission has one', () => {
    for (const at of ['main', 'admin']) assert.ok(routes.filter((route) => route.address === at).length > 10)
    const rules = served.map(ruleOf).flatMap((rule) => (typeof rule === 'object' ? [rule.permission] : []))
    const asked = new Set([...rules, ...byBody.map(([, permission]) => permission)])
    const registered = running.permissions.list().map(({ name }) => name)
    for (const name of asked) assert.ok(registered.includes(name), `${name} is asked for, and no permission`)
    for (const name of registered)
      assert.ok(asked.has(name) || name.startsWith('Gesta.'), `${name} is asked for by no route`)
  })
})
