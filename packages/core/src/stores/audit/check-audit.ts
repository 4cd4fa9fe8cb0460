// What every audit log refuses, and how its lists are asked.
import { GestaError } from '../../errors/gesta-error.ts'
import { checkTenant, checkWhole } from '../check-text.ts'
import type { LogIdentity } from '../event/event-store.ts'
import { askPage } from '../page.ts'
import type { AskedPage } from '../page.ts'
import type { PageRequest } from '../store.ts'
import type { AuditFilter, ReadAudit } from './audit-log.ts'
import { auditLimits, auditOutcomes } from './audit-entry.ts'
import type { AuditEntry } from './audit-entry.ts'

/** Errors: `invalid_key`; a `RangeError` for an outcome that there is not. The text of `data` is checked with the commit. */
export function checkAuditEntry({ action, actor, resource, outcome }: AuditEntry): void {
  checkAuditText(action, 'the action')
  checkAuditText(actor, 'the actor')
  checkAuditText(resource, 'the resource')
  checkOutcome(outcome)
}

/** Also an empty one. */
function checkAuditText(text: string, what: string): void {
  if (text.length <= auditLimits.textLength && text.isWellFormed() && !text.includes('\0')) return
  const message = `Expected ${what} to be at most ${auditLimits.textLength} characters without NUL and lone surrogates. Shorten it.`
  throw new GestaError('invalid_key', message, { facts: { what } })
}

function checkOutcome(outcome: string): void {
  if (!(auditOutcomes as readonly string[]).includes(outcome))
    throw new RangeError(`Expected the outcome to be one of ${auditOutcomes.join(', ')}, received ${outcome}.`)
}

export const auditPageDefault = 1_000

/** Errors: `invalid_key`; a `RangeError` for times that are no whole microseconds. */
export function checkAuditFilter({ tenant, action, actor, resource, outcome, from, to }: AuditFilter): void {
  if (tenant !== undefined) checkTenant(tenant)
  for (const [text, what] of [
    [action, 'the action'],
    [actor, 'the actor'],
    [resource, 'the resource'],
  ] as const)
    if (text !== undefined) checkAuditText(text, what)
  if (outcome !== undefined) checkOutcome(outcome)
  for (const [time, what] of [
    [from, 'from'],
    [to, 'to'],
  ] as const)
    if (time !== undefined) checkWhole(time, what, 0, Number.MAX_SAFE_INTEGER)
}

/** The limit of a read. Errors: `invalid_key`; a `RangeError`. */
export function limitOfAudit({ tenant, after, limit = auditPageDefault }: ReadAudit): number {
  checkTenant(tenant)
  checkWhole(after, 'after', 0, Number.MAX_SAFE_INTEGER)
  return checkedLimit(limit)
}
/** The limit of a page of heads. Errors: `invalid_key`; a `RangeError`. */
export function limitOfHeads({
  after,
  limit = auditPageDefault,
}: {
  readonly after?: string | undefined
  readonly limit?: number | undefined
}): number {
  if (after !== undefined) checkTenant(after)
  return checkedLimit(limit)
}
export function checkedLimit(limit: number): number {
  checkWhole(limit, 'limit', 1, 10_000)
  return limit
}

/** The checked question of a list; its cursor holds tenant and sequence of the last entry, which the caller was shown. Errors: `invalid_cursor`; a `RangeError`. */
export function askAuditPage(
  { order = 'newest', ...filter }: AuditFilter,
  page: PageRequest | undefined,
  { incarnation }: Pick<LogIdentity, 'incarnation'>,
): AskedPage<readonly [string, number]> {
  return askPage({ list: 'audit', question: { ...filter, order, incarnation } }, ['text', 'number'], page)
}
