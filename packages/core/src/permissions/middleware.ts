// Permissions as a policy: levels and groups before the payload is read, custom checks after it was parsed. Denies by default.
import type { Arrival, Middleware } from '../dispatch/engine.ts'
import { isSystemContext } from '../request-context/system-context.ts'
import { runCheck } from './custom-check.ts'
import type { CheckParts } from './custom-check.ts'
import { denial } from './denial.ts'
import type { Epochs } from './epochs.ts'
import { hasLevel } from './level.ts'
import { refusalOf } from './order.ts'
import type { Check, Permission } from './permission.ts'
import type { AskedPermission } from './registry.ts'
import { exactly, subjectOf } from './resolver.ts'
import type { Freshness, Resolver, Scope } from './resolver.ts'

export interface PolicyParts extends CheckParts {
  /** Of commands and queries, by type. */
  readonly table: ReadonlyMap<string, Permission<unknown>>
  /** Absent: the app has no directory. */
  readonly epochs: Epochs | undefined
  /** Milliseconds that queries may rely on what was known, where several processes share a store. */
  readonly staleMs: number
}
interface Rule {
  readonly asked: AskedPermission
  readonly check: Check<unknown> | undefined
  /** What has to be known of a caller; absent: its context says it all. */
  readonly scope: Scope | undefined
}

/** The policy over a table of `Domain.Type` to permission. What has no entry is denied. */
export function permissionPolicy(parts: PolicyParts): Middleware {
  const { table, registry, resolver, epochs, asksSessions } = parts
  const rules = new Map(
    [...table].map(([type, permission]): [string, Rule] => {
      const asked = registry.find(type)
      const scope = {
        anonymous: undefined,
        authenticated: asksSessions ? 'session' : undefined,
        authorized: 'identity',
      }
      return typeof permission === 'function'
        ? [type, { asked, check: permission, scope: undefined }]
        : [type, { asked, check: undefined, scope: scope[permission] as Rule['scope'] }]
    }),
  )
  const maxAgeUs = parts.staleMs * 1000
  const freshQuery: Freshness = { isStrict: true, maxAgeUs }
  const freshnessOf = ({ isStrict, contract }: Arrival): Freshness =>
    isStrict ? (contract.kind === 'query' ? freshQuery : exactly) : relaxed

  return {
    name: 'permissions',
    authorize: (arrival) => {
      const { context, contract } = arrival
      const rule = rules.get(contract.type)
      if (rule === undefined)
        throw denial({ contract: contract.type }, context, 'it has no entry in a permission table')
      const { asked, check, scope } = rule
      // Its function is asked once the input is there.
      if (check !== undefined) return undefined
      if (
        resolver === undefined ||
        scope === undefined ||
        isSystemContext(context) ||
        !hasLevel(scopeLevel[scope], context)
      ) {
        const refusal = refusalOf(asked, context, undefined)
        if (refusal !== undefined) throw denial({ contract: contract.type }, context, refusal)
        return undefined
      }
      const known = resolver.atHand(context, scope, freshnessOf(arrival))
      if (known === undefined) return authorizeLater(resolver, arrival, rule, freshnessOf(arrival))
      const refusal = refusalOf(asked, context, known.permissions)
      if (refusal !== undefined) {
        if (!resolver.isExact) return authorizeLater(resolver, arrival, rule, exactly)
        throw denial({ contract: contract.type }, context, refusal)
      }
      arrival.conditions = known.conditions
      return undefined
    },
    check: (arrival, input) => {
      const check = rules.get(arrival.contract.type)?.check
      return check === undefined ? undefined : runCheck(parts, check, arrival, input, freshnessOf(arrival))
    },
    outdated: (stream, actual) => epochs?.outdated(stream, actual),
  }
}

/** Where the directory or the epochs have to be asked. No is said to what is so now, and to nothing older. */
async function authorizeLater(
  resolver: Resolver,
  arrival: Arrival,
  { asked, scope = 'identity' }: Rule,
  freshness: Freshness,
): Promise<void> {
  const { context, contract, deadline } = arrival
  const subject = subjectOf(context, scope)
  if (subject === undefined) throw denial({ contract: contract.type }, context, 'the caller is not known')
  let known = await resolver.fetch(subject, freshness, deadline)
  let refusal = refusalOf(asked, context, known.permissions)
  if (refusal !== undefined && freshness !== exactly) {
    known = await resolver.fetch(subject, exactly, deadline)
    refusal = refusalOf(asked, context, known.permissions)
  }
  if (refusal !== undefined) throw denial({ contract: contract.type }, context, refusal)
  arrival.conditions = known.conditions
}

const relaxed: Freshness = { isStrict: false, maxAgeUs: 0 }
const scopeLevel = { session: 'authenticated', identity: 'authorized' } as const
