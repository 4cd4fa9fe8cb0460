// How a caller is refused, and how it is told when nobody can say what it may do.
import { findGestaError, GestaError } from '../errors/gesta-error.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { PermissionSet } from './permission-set.ts'

/** The facts of a denial, for logs: they are not for the caller. */
export interface DenialFacts {
  /** The contract that was to run; absent when a permission was asked for by name. */
  readonly contract?: string
  /** The permission that was asked for by name. */
  readonly permission?: string
  readonly reason: string
  /** Whether the caller has no account: signing in may help. */
  readonly anonymous: boolean
  /** The caller's session has ended, or its account is blocked: signing in may help here too. */
  readonly hasEnded?: true
}
const sessionEnded = 'the session has ended, or its account is blocked'
const identityAlone = 'the session stands for an identity alone, such as that of an API key'

/** The one denial. Reference: docs/reference/permissions.md. */
export type PermissionDenied = GestaError & {
  readonly code: 'permission_denied'
  readonly facts: DenialFacts
}

/** Why a session is not fit for what is asked; absent: it is, as far as is known. */
export function refusalOfSession(
  set: Pick<PermissionSet, 'isAlive' | 'needsIdentity'> | undefined,
): string | undefined {
  if (set === undefined) return undefined
  if (!set.isAlive) return sessionEnded
  return set.needsIdentity ? identityAlone : undefined
}

/** Whether `error` is a denial. Another error that was caused by one is none. */
export function isPermissionDenied(error: unknown): error is PermissionDenied {
  return error instanceof GestaError && error.code === 'permission_denied'
}

/** The caller is told the name alone; the reason is a fact for logs. */
export function denial(
  about: { readonly contract: string } | { readonly permission: string },
  context: RequestContext,
  reason: string,
  cause?: unknown,
): GestaError {
  const anonymous = context.account === undefined
  const hasEnded = reason === sessionEnded
  const mend = anonymous || hasEnded ? 'Sign in and try again.' : 'Ask an administrator for the permission.'
  const what = 'contract' in about ? `run ${about.contract}` : `do what the permission ${about.permission} is for`
  const facts: DenialFacts = { ...about, reason, anonymous, ...(hasEnded && { hasEnded }) }
  return new GestaError('permission_denied', `The caller may not ${what}. ${mend}`, { cause, facts: { ...facts } })
}

/** Nothing is allowed while nobody can say what is. `what`: what could not be asked. */
export function unavailable(what: string, cause?: unknown): GestaError {
  const known = findGestaError(cause, 'permissions_unavailable')
  if (known !== undefined) return known
  return new GestaError(
    'permissions_unavailable',
    `Nobody can say now what the caller may do: ${what}. Nothing is allowed meanwhile; try again.`,
    { cause, facts: { reason: what } },
  )
}
