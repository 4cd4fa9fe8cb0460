// A route, and the contract that it serves.
import type { ExposedContract } from '@gesta/core/host'
import type { Role } from '@gesta/core'
import type { InputShape } from './input/input-shape.ts'
import type { PathTemplate } from './path-template.ts'
import type { Method } from './routes.ts'
import type { SessionPart } from './sessions/sessions.ts'
import { statuses } from './status.ts'

/** A command or query with what is known about it before a request comes. */
export interface ServedContract {
  readonly exposed: ExposedContract
  readonly type: string
  readonly kind: 'command' | 'query'
  /** The role that the request runs as. */
  readonly role: Role
  readonly shape: InputShape
  /** What it does with the tokens of sessions. */
  readonly session: SessionPart | undefined
}
/** Whether somebody who is nobody yet wants to be let in. Whoever is signed in may start something of a session, too. */
export function letsIn({ session, exposed }: ServedContract): boolean {
  return (session === 'starts' || session === 'refreshes') && exposed.permission === 'anonymous'
}
/** The status of a rejection: 401 where somebody wanted to be let in. */
export function rejectionStatus(served: ServedContract): number {
  return letsIn(served) ? statuses.unauthenticated : statuses.rejected
}

/** `default` is under /api, `custom` is the app's own, `call` is what the typed client uses, `runtime` tells of the app itself. */
export interface ServedRoute {
  readonly purpose: 'default' | 'custom' | 'call' | 'runtime'
  readonly method: Method
  readonly path: PathTemplate
  /** The parameter of the path, as the router names it, that is no field of the input but the tenant whose data is concerned. */
  readonly tenant: string | undefined
  readonly served: ServedContract
}
