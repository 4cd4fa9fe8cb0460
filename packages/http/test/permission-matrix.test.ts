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
import { bodyOf, contractLevels, forEveryTenant, ruleOf } from './route-rules.ts'
import type { Route, Rule } from './route-rules.ts'

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
