// What is served: every command and query that a caller from outside may run, its default route, and routes of one's own.
// Everything that cannot be served is refused here, before the first request.
import { closest } from '@gesta/core/host'
import type { ExposedContract, Host } from '@gesta/core/host'
import { inputShapeOf } from './input/input-shape.ts'
import { pathTemplate, routerName, tenantField } from './path-template.ts'
import type { ServedContract, ServedRoute } from './served-route.ts'
import type { CustomRoute } from './routes.ts'
import { sessionParts } from './sessions/sessions.ts'
import type { SessionPart, Sessions } from './sessions/sessions.ts'
import { isOfRuntime, runtimeTable } from './runtime/runtime-table.ts'
import type { RuntimeRoutes } from './runtime/runtime-table.ts'

export interface RouteTable {
  readonly contracts: readonly ServedContract[]
  /** All of them: what the runtime serves too. */
  readonly routes: readonly ServedRoute[]
  readonly runtime: RuntimeRoutes
}

/** Errors: plain ones, each a sentence that says what to change. */
export function routeTable(host: Host, custom: readonly CustomRoute[], sessions?: Sessions): RouteTable {
  refuseDomainsWithoutRole(host)
  const parts = sessionParts(sessions)
  const ofApp = host.contracts
    .filter((exposed) => !isOfRuntime(exposed))
    .flatMap((exposed) => servedContract(exposed, parts.get(exposed.contract.type)))
  refuseUnknownParts(parts, ofApp, host)
  const runtime = runtimeTable(host.contracts, 'public')
  const own = custom.map((route) => customRoute(route, ofApp, host))
  const routes = [...ofApp.toSorted(byType).flatMap(defaultRoutes), ...own, ...runtime.routes]
  refuseClashes(routes)
  return { contracts: [...ofApp, ...runtime.contracts].toSorted(byType), routes, runtime }
}

function byType(a: ServedContract, b: ServedContract): number {
  return a.type < b.type ? -1 : 1
}

/** Roles of callers from outside, in order of preference. */
const roles = ['web', 'api'] as const

function servedContract(exposed: ExposedContract, session: SessionPart | undefined): readonly ServedContract[] {
  const { contract } = exposed
  if (contract.kind !== 'command' && contract.kind !== 'query') return []
  const role = exposed.roles.includes('any') ? 'web' : roles.find((candidate) => exposed.roles.includes(candidate))
  return role === undefined
    ? []
    : [{ exposed, type: contract.type, kind: contract.kind, role, shape: inputShapeOf(contract), session }]
}

function refuseUnknownParts(
  parts: ReadonlyMap<string, SessionPart>,
  served: readonly ServedContract[],
  host: Host,
): void {
  for (const [type, part] of parts) {
    const found = served.find((candidate) => candidate.type === type)
    if (found === undefined) throw new Error(`serve: sessions name ${type}: ${reasonNotServed(type, served, host)}`)
    if ((part === 'keys') !== (found.kind === 'query'))
      throw new Error(`serve: sessions name ${type}, which is a ${found.kind}; keys are a query, all others commands.`)
  }
}

function refuseDomainsWithoutRole({ contracts }: Host): void {
  for (const domain of new Set(contracts.map((exposed) => exposed.domain))) {
    if (contracts.some((exposed) => exposed.domain === domain && exposed.roles.length > 0)) continue
    throw new Error(
      `The domain ${domain} has no roles, so nobody could call it. Give it roles: ['web'], or the roles of the processes that run it.`,
    )
  }
}

function defaultRoutes(served: ServedContract): readonly ServedRoute[] {
  const { type, kind } = served
  const where = `The route of ${type}`
  const [method, path] =
    kind === 'command' ? (['POST', `/api/commands/${type}`] as const) : (['GET', `/api/queries/${type}`] as const)
  return [
    { purpose: 'default', method, path: pathTemplate(path, where), tenant: undefined, served },
    { purpose: 'call', method: 'POST', path: pathTemplate(`/api/call/${type}`, where), tenant: undefined, served },
  ]
}

function customRoute(
  { type, method, path: text }: CustomRoute,
  contracts: readonly ServedContract[],
  host: Host,
): ServedRoute {
  const where = `The route of ${type}`
  const served = contracts.find((candidate) => candidate.type === type)
  if (served === undefined) throw new Error(`${where}: ${reasonNotServed(type, contracts, host)}`)
  const path = pathTemplate(text, where)
  const reserved =
    /^\/(?:api\/(?:commands|queries|call|events|runtime|tenants\/[^/]+\/runtime)|docs|healthz|ready|started)(?:\/|$)/.exec(
      text,
    )
  if (reserved !== null) throw new Error(`${where}: ${reserved[0]} is the server's own. Choose another path.`)
  if (served.kind === 'command' && method === 'GET')
    throw new Error(`${where}: a command changes something, and GET must not. Use POST, PUT, PATCH or DELETE.`)
  if (served.kind === 'query' && method !== 'GET' && method !== 'POST')
    throw new Error(`${where}: a query is asked with GET or POST, not with ${method}.`)
  const { shape } = served
  const namesTenant =
    shape.kind === 'none' || (shape.kind === 'fields' && !shape.open && !shape.fields.has(tenantField))
  for (const field of path.fields) {
    if (field === tenantField && namesTenant) continue
    if (shape.kind === 'unknown' || (shape.kind === 'fields' && (shape.open || shape.fields.has(field)))) continue
    const near = shape.kind === 'fields' ? closest(field, [...shape.fields.keys()]) : undefined
    throw new Error(
      `${where}: {${field}} in ${text} is no field of the input.${near === undefined ? '' : ` Did you mean {${near}}?`}`,
    )
  }
  return { purpose: 'custom', method, path, tenant: namesTenant ? routerName(path, tenantField) : undefined, served }
}

function reasonNotServed(type: string, contracts: readonly ServedContract[], host: Host): string {
  const known = host.contracts.find(({ contract }) => contract.type === type)
  if (known !== undefined && isOfRuntime(known)) return 'it is of the runtime, which has routes of its own alone.'
  if (known !== undefined) return 'it is not for the roles web or api, so it is not served.'
  const near = closest(
    type,
    contracts.map((served) => served.type),
  )
  return near === undefined
    ? 'the app has no such command or query.'
    : `the app has no such command or query. Did you mean ${near}?`
}

function refuseClashes(routes: readonly ServedRoute[]): void {
  const seen = new Map<string, ServedRoute>()
  for (const route of routes) {
    const key = `${route.method} ${route.path.shape}`
    const other = seen.get(key)
    if (other !== undefined)
      throw new Error(`The routes of ${other.served.type} and ${route.served.type} clash: ${key}. Change one.`)
    seen.set(key, route)
  }
}
