// The caller that scripts, tests and subscribers of one's own name when no person asks: explicit, and impossible to send from outside.
import type { RequestContext } from './request-context.ts'

/** The id of the tenant that the app itself belongs to. Its administrators may do everything. */
export const systemTenant = 'SYSTEM'

/** It is no text, so no header, body or stored context can carry it. */
const system: unique symbol = Symbol('system')
const sender = { tenant: systemTenant, identity: 'system', account: 'system', session: 'system' }

/**
 * The app itself as a caller: it holds every permission. Custom checks are asked all the same.
 * @param targetTenant the tenant whose data is concerned; default: that of an app without tenants.
 * Reference: docs/reference/permissions.md.
 */
export function systemContext(targetTenant: string = ''): RequestContext {
  return Object.freeze({ ...sender, targetTenant, [system]: true })
}

/** Whether `systemContext` made it, or what it was copied into. A copy with another sender is that sender's, and has its permissions alone. */
export function isSystemContext(context: RequestContext): boolean {
  if ((context as { readonly [system]?: true })[system] !== true) return false
  const { tenant, identity, account, session } = context
  return (
    tenant === systemTenant && identity === sender.identity && account === sender.account && session === sender.session
  )
}
