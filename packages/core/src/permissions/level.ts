// The three levels, as facts of a request context.
import type { RequestContext } from '../request-context/request-context.ts'
import type { Level } from './permission.ts'

/** From the least to the most. */
export const levels: readonly string[] = ['anonymous', 'authenticated', 'authorized'] satisfies Level[]

/**
 * Whether a context has a level. `authenticated` says nothing of tenants: an account may act before it has an identity in one.
 * `authorized` has an identity in a tenant, and asks for no other tenant's data.
 */
export function hasLevel(level: Level, { account, session, identity, tenant, targetTenant }: RequestContext): boolean {
  if (level === 'anonymous') return true
  if (account === undefined || session === undefined) return false
  if (level === 'authenticated') return true
  return identity !== undefined && tenant !== undefined && (targetTenant === undefined || targetTenant === tenant)
}
