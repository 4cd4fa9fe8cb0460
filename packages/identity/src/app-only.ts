// What the app asks of itself. Requests run as `web` or `api`, so no transport serves or describes what is for another role alone.
import { systemContext } from '@gesta/core'
import type { HandlerOptions, RequestContext } from '@gesta/core'

const role = 'worker'

/** For `handle`, of contracts that nobody else calls. */
export const appOnly: HandlerOptions = { roles: [role] }

/** For `dispatch` and `query`: the app itself asks, whatever the role of its process is. */
export function asApp(tenant: string): { readonly context: RequestContext; readonly role: typeof role } {
  return { context: systemContext(tenant), role }
}
