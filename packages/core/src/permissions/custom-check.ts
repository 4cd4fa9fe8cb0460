// A check of one's own, run: with the caller's permissions at hand, for a limited time, and never remembered.
import type { Arrival } from '../dispatch/engine.ts'
import { placedIn } from '../dispatch/placed.ts'
import { isGestaError } from '../errors/gesta-error.ts'
import { isSystemContext } from '../request-context/system-context.ts'
import type { Alarms } from '../time/alarms.ts'
import { deadline } from '../time/deadline.ts'
import { denial, refusalOfSession } from './denial.ts'
import { refusalOf } from './order.ts'
import { denialOf } from './permission.ts'
import type { Caller, Check, Denied } from './permission.ts'
import type { PermissionRegistry } from './registry.ts'
import { exactly, subjectOf } from './resolver.ts'
import type { Freshness, KnownSet, Resolver } from './resolver.ts'

/** Milliseconds that a custom check may take before it denies. */
const checkTimeoutMs = 5_000

export interface CheckParts {
  readonly registry: PermissionRegistry
  /** Absent: the app has no directory, so nobody holds anything. */
  readonly resolver: Resolver | undefined
  /** Whether the directory says which sessions are alive. */
  readonly asksSessions: boolean
  readonly alarms: Alarms
}
interface Ended {
  readonly denied: { readonly reason: string; readonly cause: unknown } | undefined
  /** Whether the check asked what the caller holds. */
  readonly asked: boolean
}

/** Errors: `permission_denied`; `permissions_unavailable` when the check asked what nobody could say. */
export async function runCheck(
  parts: CheckParts,
  check: Check<unknown>,
  arrival: Arrival,
  input: unknown,
  freshness: Freshness,
): Promise<void> {
  let known = await lookUp(parts, arrival, freshness)
  let ended = await attempt(parts, check, arrival, input, known)
  // No is said to what is so now, and to nothing older.
  if (
    ended.denied !== undefined &&
    freshness !== exactly &&
    parts.resolver?.isExact === false &&
    !('trouble' in known)
  ) {
    const latest = await lookUp(parts, arrival, exactly)
    if ('trouble' in latest || latest.set !== known.set) {
      known = latest
      ended = await attempt(parts, check, arrival, input, known)
    }
  }
  if (ended.denied !== undefined) {
    if ('trouble' in known && ended.asked) throw known.trouble
    throw denial({ contract: arrival.contract.type }, arrival.context, ended.denied.reason, ended.denied.cause)
  }
  if ('trouble' in known || known.set === undefined) return
  if (ended.asked) arrival.conditions = known.set.conditions
  else if (parts.asksSessions) arrival.conditions = known.set.sessionConditions
}

type Known = { readonly set: KnownSet | undefined } | { readonly trouble: unknown }

/** What the caller holds, before the check may ask for it. Trouble is told to a check that asks; others need no directory. */
async function lookUp(
  { resolver, asksSessions }: CheckParts,
  { context, deadline: limit }: Arrival,
  freshness: Freshness,
): Promise<Known> {
  if (resolver === undefined || isSystemContext(context)) return { set: undefined }
  const member = subjectOf(context, 'identity')
  const subject = member ?? (asksSessions ? subjectOf(context, 'session') : undefined)
  if (subject === undefined) return { set: undefined }
  try {
    const known = resolver.atHand(context, member === undefined ? 'session' : 'identity', freshness)
    return { set: known ?? (await resolver.fetch(subject, freshness, limit)) }
  } catch (trouble) {
    if (asksSessions || !isGestaError(trouble, 'permissions_unavailable')) throw trouble
    return { trouble }
  }
}

async function attempt(
  { registry, alarms }: CheckParts,
  check: Check<unknown>,
  { contract, context, deadline: own }: Arrival,
  input: unknown,
  known: Known,
): Promise<Ended> {
  const set = 'trouble' in known ? undefined : known.set?.permissions
  const unfit = refusalOfSession(set)
  if (unfit !== undefined) return { denied: { reason: unfit, cause: undefined }, asked: false }
  const limit = deadline(alarms, Math.min(checkTimeoutMs, own.leftMs()), undefined)
  let asked = false
  const caller: Caller = {
    ...context,
    get signal() {
      return limit.signal
    },
    permission: contract.type,
    holds: (name) => {
      const permission = registry.find(name)
      asked = true
      if ('trouble' in known) throw known.trouble
      return refusalOf(permission, placedIn(permission.tenant, context), set) === undefined
    },
  }
  let denied: Denied | undefined
  try {
    denied = denialOf(await limit.race('the permission was being checked', Promise.resolve(check(input, caller))))
  } catch (cause) {
    return { denied: { reason: 'its check failed or did not answer in time', cause }, asked }
  } finally {
    limit.release()
  }
  return { denied: denied && { reason: denied.reason, cause: undefined }, asked }
}
