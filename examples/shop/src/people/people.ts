// The people of the example, with the tokens that stand for having signed in. They are written down here so that there is something to
// try: a shop in earnest has neither people nor secrets in its source.
import { systemTenant } from '@gesta/core'
import type { RequestContext } from '@gesta/core'

export interface Person {
  readonly token: string
  /** The empty text: the shop has no tenants. Who runs it belongs to the app's own. */
  readonly tenant: string
  readonly identity: string
  readonly groups: readonly string[]
}

export const people: readonly Person[] = [
  { token: 'example-customer', tenant: '', identity: '14808', groups: [] },
  { token: 'example-warehouse', tenant: '', identity: 'wendy', groups: ['warehouse'] },
  { token: 'example-office', tenant: '', identity: 'olga', groups: ['office'] },
  { token: 'example-operator', tenant: systemTenant, identity: 'oscar', groups: ['administrators'] },
]

/** The context of somebody who is signed in. */
export function contextOf({ tenant, identity }: Person): RequestContext {
  return { tenant, identity, account: identity, session: `session-of-${identity}` }
}
