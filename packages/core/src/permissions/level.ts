// The three levels, as facts of a request context.
import type { RequestContext } from '../request-context/request-context.ts'
import type { Level } from './permission.ts'

/** From the least to the most. */
export const levels: readonly string[] = ['anonymous', 'authenticated', 'authorized'] satisfies Level[]

/**
 * Whether a context has what a level asks for. `authenticated` says nothing of tenants: an account may act before it has an identity in
 * one. `authorized` is a complete context; whether it may is then for the order of authorization to say.
 */
export function hasLevel(level: Level, { account, session, identity, tenant }: RequestContext): boolean {
  if (level === 'anonymous') return true
  if (account === undefined || session === undefined) return false
  return level === 'authenticated' || (identity !== undefined && tenant !== undefined)
}
