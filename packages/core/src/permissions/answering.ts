// Questions about permissions, as a started app answers them: the same order as for a command or query, always as of now.
import { keepFailure } from '../dispatch/auditing.ts'
import type { Auditing } from '../dispatch/auditing.ts'
import { placedIn } from '../dispatch/placed.ts'
import { tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { isSystemContext } from '../request-context/system-context.ts'
import type { Alarms } from '../time/alarms.ts'
import { deadline } from '../time/deadline.ts'
import type { AppPermissions, DecisionStep } from './app-permissions.ts'
import { denial } from './denial.ts'
import { refusalOf } from './order.ts'
import type { PermissionRegistry } from './registry.ts'
import { exactly, subjectOf } from './resolver.ts'
import type { Resolver } from './resolver.ts'

export interface AnsweringParts {
  readonly registry: PermissionRegistry
  readonly resolver: Resolver | undefined
  readonly asksSessions: boolean
  readonly alarms: Alarms
  /** Wired after the permissions, which it asks itself. */
  auditing(): Auditing
}

export function createAnswering({
  registry,
  resolver,
  asksSessions,
  alarms,
  auditing,
}: AnsweringParts): Omit<AppPermissions, 'changed'> {
  const refusal = async (given: RequestContext, name: string, path?: DecisionStep[]): Promise<string | undefined> => {
    const asked = registry.find(name)
    const caller = placedIn(asked.tenant, given)
    const isSession = asked.level === 'authenticated'
    const isNeeded = asked.level !== 'anonymous' && (!isSession || asksSessions) && !isSystemContext(caller)
    const scope = isSession ? 'session' : 'identity'
    const subject = isNeeded ? subjectOf(caller, scope) : undefined
    if (resolver === undefined || subject === undefined) return refusalOf(asked, caller, undefined, path)
    const known =
      resolver.atHand(caller, scope, exactly) ??
      (await resolver.fetch(subject, exactly, deadline(alarms, undefined, undefined)))
    return refusalOf(asked, caller, known.permissions, path)
  }
  return {
    list: () => registry.entries,
    find: (name) => registry.find(name).entry,
    holds: async (caller, name) => (await refusal(caller, name)) === undefined,
    explain: async (caller, name) => {
      const path: DecisionStep[] = []
      const allowed = (await refusal(caller, name, path)) === undefined
      return { permission: name, allowed, path }
    },
    require: async (given, name, metadata) => {
      const caller = placedIn(registry.find(name).tenant, given)
      const reason = await refusal(caller, name)
      if (reason === undefined) return
      const act = { type: name, contract: undefined, tenant: tenantOf(caller), context: caller, metadata }
      const denied = denial({ permission: name }, caller, reason)
      await keepFailure({ auditing: auditing() }, act, denied)
      throw denied
    },
  }
}
