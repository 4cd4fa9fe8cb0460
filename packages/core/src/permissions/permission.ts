// Permissions: who may run a contract. Every command and query has an entry, or the domain does not compile.
import type { AnyContract, InputOf } from '../contracts/contract.ts'
import type { RequestContext } from '../request-context/request-context.ts'

/** `anonymous`: everybody; `authenticated`: account and session; `authorized`: an identity whose groups hold the permission. */
export type Level = 'anonymous' | 'authenticated' | 'authorized'
export interface Denied {
  readonly denied: true
  readonly reason: string
}
/** The caller, as a custom check sees it. */
export interface Caller extends RequestContext {
  readonly signal: AbortSignal
  /** The name of the permission that is asked for: the contract's. */
  readonly permission: string
  /** Whether the caller may, by the order of authorization without functions. Errors: `permission_unknown`, `permissions_unavailable`. */
  holds(permission: string): boolean
}
/** Nothing allows; `deny(...)`, an error or a time-out denies. A boolean does not compile, so `false` cannot mean "allowed". */
export type Check<In> = (input: In, caller: Caller) => Denied | undefined | void | Promise<Denied | undefined | void>
export type Permission<In> = Level | Check<In>

/** A no with a reason for the log; the caller is told no more than the code. */
export function deny(reason: string): Denied {
  return { denied: true, reason }
}

/** What a check came to. Only nothing at all allows, whatever a check without types returns. */
export function denialOf(answer: unknown): Denied | undefined {
  if (answer === undefined) return undefined
  const reason: unknown =
    typeof answer === 'object' && answer !== null && 'reason' in answer ? answer.reason : undefined
  return deny(typeof reason === 'string' ? reason : 'its check did not allow it')
}

type Runnable<Contract> = Contract extends {
  readonly kind: 'command' | 'query'
  readonly type: infer Type extends string
}
  ? Type
  : never
/** One line per command and query. (Without `as`: a remapped key gives lambdas no contextual type while H is inferred.) */
export type PermissionTable<Contract extends AnyContract> = {
  readonly [Type in Runnable<Contract>]: Permission<InputOf<Extract<Contract, { readonly type: Type }>>>
}
