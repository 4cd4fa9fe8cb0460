// The routes of the runtime domain: `POST /api/tenants/{tenantUuid}/runtime/<path>` and, for apps without tenants, `POST /api/runtime/<path>`.
import { runtimeRoutes } from '@gesta/core/host'
import type { ExposedContract, RuntimeRoute } from '@gesta/core/host'
import type { Role } from '@gesta/core'
import { inputShapeOf } from '../input/input-shape.ts'
import { pathTemplate, routerName, tenantField } from '../path-template.ts'
import type { ServedContract, ServedRoute } from '../served-route.ts'

/** What stands before the name of a route. */
export const runtimeBases = ['/api/tenants/{tenantUuid}/runtime', '/api/runtime'] as const

/** With `action` in its body this path steers what handles events. */
export const controlledPath = 'event-handler-list'
const control: RuntimeRoute = {
  path: controlledPath,
  contract: 'Runtime.ControlEventHandler',
  kind: 'command',
  address: 'admin',
}

const own = new Set([
  control.contract,
  ...runtimeRoutes.map(({ contract }) => contract),
  'Audit.Read',
  'Audit.Export',
  'Audit.Verify',
])

/** Whether a contract describes or steers the app itself: it has no route of the ordinary kind. */
export function isOfRuntime({ domain, contract }: ExposedContract): boolean {
  return own.has(contract.type) || domain === 'Runtime'
}

export interface RuntimeRoutes {
  readonly contracts: readonly ServedContract[]
  /** Two of each, one below each base. */
  readonly routes: readonly ServedRoute[]
  /** The command behind `controlledPath`, as its routes; none where it is not served. */
  readonly controls: readonly ServedRoute[]
}

/** Roles of callers, in order of preference. */
const publicRoles: readonly Role[] = ['web', 'api']
const operatorRoles: readonly Role[] = ['admin', 'web', 'api']

/** What an address serves of the runtime: the main one what is public, that of operators all of it. */
export function runtimeTable(exposed: readonly ExposedContract[], address: RuntimeRoute['address']): RuntimeRoutes {
  const roles = address === 'admin' ? operatorRoles : publicRoles
  const byType = new Map(exposed.map((each) => [each.contract.type, each]))
  const servedBy = (route: RuntimeRoute): readonly (readonly [RuntimeRoute, ServedContract])[] => {
    const found = byType.get(route.contract)
    if (found === undefined || (route.address === 'admin' && address !== 'admin')) return []
    const role = found.roles.includes('any') ? roles[0] : roles.find((each) => found.roles.includes(each))
    if (role === undefined) return []
    const { contract } = found
    const shape = inputShapeOf(contract)
    return [[route, { exposed: found, type: contract.type, kind: route.kind, role, shape, session: undefined }]]
  }
  const served = runtimeRoutes.flatMap(servedBy)
  return {
    contracts: served.map(([, contract]) => contract),
    routes: served.flatMap(([{ path }, contract]) => routesOf(path, contract)),
    controls: servedBy(control).flatMap(([{ path }, contract]) => routesOf(path, contract)),
  }
}

function routesOf(name: string, served: ServedContract): readonly ServedRoute[] {
  return runtimeBases.map((base) => {
    const text = `${base}/${name}`
    const path = pathTemplate(text, text)
    return { purpose: 'runtime', method: 'POST', path, tenant: routerName(path, tenantField), served }
  })
}
