// The three levels, as facts of a request context.
import type { RequestContext } from '../request-context/request-context.ts'
import type { Level } from './permission.ts'

/** Whether a context has a level. A `authorized` one has an identity and a tenant, and asks for no other tenant's data. */
export function hasLevel(level: Level, context: RequestContext): boolean {
  if (level === 'anonymous') return true
  const authenticated = context.account !== undefined && context.session !== undefined
  if (level === 'authenticated') return authenticated
  return (
    authenticated &&
    context.identity !== undefined &&
    context.tenant !== undefined &&
    (context.targetTenant === undefined || context.targetTenant === context.tenant)
  )
}
