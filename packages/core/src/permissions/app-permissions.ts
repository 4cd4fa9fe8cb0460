// Permissions as a started app has them.
import type { Epoch } from '../contracts/permissions-changed.ts'
import type { Token } from '../contracts/recorded-event.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { PermissionEntry } from './permission-entry.ts'

/** A step of the authorization order, as far as it was taken. */
export interface DecisionStep {
  readonly step: 'level' | 'custom' | 'administrators' | 'tenant' | 'groups' | 'workspace'
  readonly result: 'allowed' | 'denied' | 'passed'
  /** A sentence for operators. */
  readonly reason: string
  /** Ids of the groups that hold it, directly or through others. */
  readonly groups?: readonly string[] | undefined
}
export interface Explanation {
  readonly permission: string
  readonly allowed: boolean
  /** In order; the last one decided. */
  readonly path: readonly DecisionStep[]
}
export interface AppPermissions {
  /** Sorted by name. */
  list(): readonly PermissionEntry[]
  /** Errors: `permission_unknown`; for a store permission that is not registered it names `registerStorePermissions`. */
  find(name: string): PermissionEntry
  /** Whether a caller may, as of now: the order without the input, so a custom function is not asked. Errors: `permission_unknown`, `permissions_unavailable`. */
  holds(caller: RequestContext, name: string): Promise<boolean>
  /** The path of the decision. Errors: as for `holds`. */
  explain(caller: RequestContext, name: string): Promise<Explanation>
  /** Throws `permission_denied` unless the caller holds it; the denial is in the audit log before. */
  require(caller: RequestContext, name: string, metadata?: { readonly [name: string]: string }): Promise<void>
  /**
   * Moves an epoch: for a directory whose changes are no events of this app. When it resolves, no process allows anything by what it knew
   * before. `tenant`: whose epoch; default: of an app without tenants.
   */
  changed(epoch: Epoch, tenant?: string): Promise<{ readonly token: Token }>
}
