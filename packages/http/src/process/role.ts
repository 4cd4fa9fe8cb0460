// Which of the roles of one app a process has: `--role worker` in its arguments.
import { closest } from '@gesta/core/host'
import type { Role } from '@gesta/core'

/** Roles of processes; `web` answers requests, `worker` works off jobs, subscribers and the outbox, `cron` begins what is due by the clock. */
const processRoles = ['web', 'api', 'worker', 'cron', 'admin'] as const

/**
 * The role in a list of arguments, as `--role worker` or `--role=worker`; absent: the process does everything.
 * Errors: a plain one for a role that is none, for none after `--role`, and for two.
 */
export function roleOf(args: readonly string[]): Role | undefined {
  const given = args.flatMap((arg, at) =>
    arg === '--role' ? [args[at + 1] ?? ''] : arg.startsWith('--role=') ? [arg.slice('--role='.length)] : [],
  )
  if (given.length > 1) throw new Error(`Expected --role once, received it ${given.length} times.`)
  const [name] = given
  if (name === undefined) return undefined
  const role = processRoles.find((known) => known === name)
  if (role !== undefined) return role
  const near = closest(name.slice(0, 128), processRoles)
  const meant = near === undefined ? '' : ` Did you mean ${near}?`
  throw new Error(`Expected --role to be one of ${processRoles.join(', ')}, received ${JSON.stringify(name)}.${meant}`)
}
