// Permissions as a policy: the level before the payload is read, the custom check after it was parsed. Denies by default.
import type { Arrival, Middleware } from '../dispatch/engine.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { deadline } from '../time/deadline.ts'
import type { Alarms } from '../time/alarms.ts'
import { hasLevel } from './level.ts'
import { denialOf } from './permission.ts'
import type { Caller, Check, Denied, Permission } from './permission.ts'

/** Milliseconds that a custom check may take before it denies. */
const checkTimeoutMs = 5_000

/** The policy over a table of `Domain.Type` to permission. What has no entry is denied. */
export function permissionPolicy(table: ReadonlyMap<string, Permission<unknown>>, alarms: Alarms): Middleware {
  return {
    name: 'permissions',
    authorize: (arrival) => {
      const permission = table.get(arrival.contract.type)
      if (permission === undefined) throw denied(arrival, 'it has no entry in a permission table')
      if (typeof permission === 'string' && !hasLevel(permission, arrival.context))
        throw denied(arrival, `the caller is not ${permission}`)
    },
    check: (arrival, input) => {
      const permission = table.get(arrival.contract.type)
      return typeof permission === 'function' ? runCheck(permission, arrival, input, alarms) : undefined
    },
  }
}

async function runCheck(check: Check<unknown>, arrival: Arrival, input: unknown, alarms: Alarms): Promise<void> {
  const limit = deadline(alarms, Math.min(checkTimeoutMs, arrival.deadline.leftMs()), undefined)
  const caller: Caller = {
    ...arrival.context,
    get signal() {
      return limit.signal
    },
    // Groups come with identities; until an app has them, nobody holds anything.
    holds: () => false,
  }
  let denial: Denied | undefined
  try {
    denial = denialOf(await limit.race('the permission was being checked', Promise.resolve(check(input, caller))))
  } catch (cause) {
    throw denied(arrival, 'its check failed or did not answer in time', cause)
  } finally {
    limit.release()
  }
  if (denial !== undefined) throw denied(arrival, denial.reason)
}

/** The caller is told no more than the contract; the reason is a fact for logs. */
function denied({ contract, context }: Arrival, reason: string, cause?: unknown): GestaError {
  const anonymous = context.account === undefined
  const mend = anonymous ? 'Sign in and try again.' : 'Ask an administrator for the permission.'
  return new GestaError('permission_denied', `The caller may not run ${contract.type}. ${mend}`, {
    cause,
    facts: { contract: contract.type, reason, anonymous },
  })
}
