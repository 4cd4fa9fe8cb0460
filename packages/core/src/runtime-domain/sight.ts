// What a caller may see of the app: everything under the tenant SYSTEM, elsewhere what the caller may run.
import type { AppPermissions } from '../permissions/app-permissions.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { systemTenant } from '../request-context/system-context.ts'
import type { KnownContract } from './introspection.ts'

export interface Sight {
  readonly isSystem: boolean
  /** Whether the caller sees what this permission is for. */
  sees(permission: string): Promise<boolean>
  /**
   * Whether the caller sees the events of a domain: who may run one of its queries that may be asked for histories, because that shows
   * events as well.
   */
  seesEventsOf(domain: string): Promise<boolean>
}

/** Answers are kept for as long as the sight is: take a new one for every look. */
export function sightOf(
  { permissions, contracts }: { readonly permissions: AppPermissions; readonly contracts: readonly KnownContract[] },
  caller: RequestContext,
): Sight {
  const isSystem = caller.tenant === systemTenant
  const held = new Map<string, Promise<boolean>>()
  const sees = (permission: string): Promise<boolean> => {
    if (isSystem) return yes
    let answer = held.get(permission)
    if (answer === undefined) held.set(permission, (answer = permissions.holds(caller, permission)))
    return answer
  }
  return {
    isSystem,
    sees,
    seesEventsOf: async (domain) => {
      if (isSystem) return true
      const telling = contracts.filter(
        ({ contract: { kind, type, history } }) =>
          kind === 'query' && history !== false && type.slice(0, type.indexOf('.')) === domain,
      )
      return (await Promise.all(telling.map(({ contract }) => sees(contract.type)))).includes(true)
    },
  }
}
const yes = Promise.resolve(true)
