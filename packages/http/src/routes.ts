// Paths of one's own for commands and queries, checked by the compiler: a path parameter is a field of the input, or the tenant's.
import type { AnyContract, AnyDomain, App } from '@gesta/core'
import { checkOptions } from '@gesta/core/host'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Route = `${Method} /${string}`
/** The parameter of a path that may be no field: the tenant whose data is concerned. */
type Tenant = 'tenantUuid'
type Parameters<Path> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | Parameters<Rest> : never
type Runnable<Contract> = Contract extends {
  readonly kind: 'command' | 'query'
  readonly type: infer Type extends string
}
  ? Type
  : never
// Inferred from the call alone: a route's path is compared with what callers send, not with what handlers get.
type FieldOf<Contract, Type> = Contract extends { readonly type: Type } & ((
  ...input: infer Input extends readonly unknown[]
) => unknown)
  ? FieldsOf<Input[0]>
  : never
type FieldsOf<Input> = Input extends unknown ? keyof Input & string : never

/** The route, or a sentence that the compiler prints. (A mapped type alone: intersected with its constraint it would become never.) */
export type CheckedRoutes<Contract extends AnyContract, R> = {
  readonly [Type in keyof R]: Type extends Runnable<Contract>
    ? [Parameters<R[Type]>] extends [FieldOf<Contract, Type> | Tenant]
      ? R[Type]
      : `{${Exclude<Parameters<R[Type]> & string, FieldOf<Contract, Type> | Tenant>}} is not a field of the input of ${Type & string}`
    : `${Type & string} is no command or query of this app`
}

/** One route beside the default one. */
export interface CustomRoute {
  /** The contract, `Domain.Type`. */
  readonly type: string
  readonly method: Method
  readonly path: string
}
export interface Routes {
  readonly routes: readonly CustomRoute[]
}

/**
 * Routes of an app: `routes(shop, { 'Order.Get': 'GET /orders/{orderId}' })`. The default routes stay beside them.
 * Queries take GET or POST, commands everything but GET. `{tenantUuid}` may stand in any path: where it is no field of the input it says
 * whose data is concerned. Errors: plain ones, here or when `serve` starts.
 * Reference: docs/reference/http.md.
 */
export function routes<
  D extends AnyDomain,
  const R extends { readonly [Type in Runnable<D['contracts'][number]>]?: Route },
>(app: App<D>, definitions: CheckedRoutes<D['contracts'][number], R>): Routes {
  const known = app.domains.flatMap((domain) =>
    domain.contracts.filter(({ kind }) => kind === 'command' || kind === 'query').map(({ type }) => type),
  )
  checkOptions(definitions, known, `routes(${app.name})`)
  return { routes: Object.entries<unknown>(definitions).map(([type, route]) => ({ type, ...parse(type, route) })) }
}

function parse(type: string, route: unknown): { readonly method: Method; readonly path: string } {
  const [, method, path] = typeof route === 'string' ? (/^(GET|POST|PUT|PATCH|DELETE) (\/.*)$/.exec(route) ?? []) : []
  if (method === undefined || path === undefined)
    throw new Error(
      `The route of ${type}: expected a method and a path, such as "GET /orders/{orderId}", received ${JSON.stringify(route)}.`,
    )
  return { method: method as Method, path }
}
