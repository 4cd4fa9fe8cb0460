// Whose data a message concerns, where its domain says so: what belongs to no tenant of its caller lies in one tenant for all of them.
import { emptyContext, tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'

/** The caller's context, for the tenant of the contract's domain if that has one. */
export function placed(
  { places }: { readonly places: ReadonlyMap<string, string> },
  type: string,
  context: RequestContext = emptyContext,
): RequestContext {
  return places.size === 0 ? context : placedIn(places.get(type), context)
}

/** The caller's context, for a tenant. A workspace that it named of another one is left out. */
export function placedIn(tenant: string | undefined, context: RequestContext): RequestContext {
  if (tenant === undefined || context.targetTenant === tenant) return context
  if (tenantOf(context) === tenant) return { ...context, targetTenant: tenant }
  const { targetWorkspace: _, ...caller } = context
  return { ...caller, targetTenant: tenant }
}
