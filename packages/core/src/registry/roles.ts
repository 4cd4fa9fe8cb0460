// Who may run what: the one gate that execution, publishing and metadata share. A set of roles is a set of bits.
import type { Role } from '../contracts/messages.ts'

/** A role that a registration names; `any` opts in to every role. */
export type AllowedRole = Role | 'any'

/** The concrete roles. */
export const roles: readonly Role[] = ['web', 'api', 'worker', 'cron', 'admin']
const names: readonly AllowedRole[] = [...roles, 'any']
const nobody = 0
const everybody = 31

/** The roles as bits. Without roles, commands and queries are for no concrete role, events and jobs for every role. */
export function bitsOf(given: readonly AllowedRole[] | undefined, kind: 'command' | 'query' | 'event' | 'job'): number {
  if (given === undefined || given.length === 0) return kind === 'command' || kind === 'query' ? nobody : everybody
  let bits = nobody
  for (const role of given) {
    if (!names.includes(role))
      throw new Error(`Expected roles of ${names.join(', ')}, received ${JSON.stringify(role)}.`)
    bits |= bitOf(role)
  }
  return bits
}

/** Whether a role may run what `bits` allow. No role, or `any`, asks for no check: tests, scripts and lists of everything. */
export function allows(bits: number, role: AllowedRole | undefined): boolean {
  return role === undefined || role === 'any' || (bits & bitOf(role)) !== 0
}

/** Text that is no role has no bit, so no gate admits it. */
function bitOf(role: AllowedRole): number {
  switch (role) {
    case 'web':
      return 1
    case 'api':
      return 2
    case 'worker':
      return 4
    case 'cron':
      return 8
    case 'admin':
      return 16
    case 'any':
      return everybody
    default:
      return nobody
  }
}
