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
  if (!isName(account) || !isName(session)) return false
  // An app without tenants has the empty one.
  return level === 'authenticated' || (isName(identity) && typeof tenant === 'string')
}

/** What is no text, such as the null of a row that is not there, names nobody, whatever the types say. */
function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
