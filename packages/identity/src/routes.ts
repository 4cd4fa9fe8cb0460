// What a route of the identity domains is: a path for people, beside the default one of its contract.
export interface IdentityRoute {
  /** The contract, `Domain.Type`. */
  readonly type: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In `/api/tenants/{tenantUuid}/...` of a contract without such a field, `{tenantUuid}` is the tenant that is asked for. */
  readonly path: string
}
