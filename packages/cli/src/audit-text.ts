// How entries of the audit log, and what a verification of it found, are shown to people.
import type { AuditVerification } from '@gesta/core'
import type { ShownAuditEntry } from './audit-filter.ts'
import { counted } from './numbers.ts'
import { tableOf } from './table.ts'
import { visibleInLine } from './visible.ts'

/** One line when every chain is whole, and the first break of each tenant when one is not. */
export function auditVerificationText({ tenants, entries, breaks }: AuditVerification): string {
  const what = `${counted(entries, 'entry', 'entries')} of ${counted(tenants, 'tenant')}`
  if (breaks.length === 0) return `${what}: every chain is whole.`
  const lines = breaks.map(({ commandId, problem, message }) => {
    const by = commandId === undefined ? '' : ` (command ${commandId})`
    return `  ${problem}: ${visibleInLine(message + by)}`
  })
  return [`${what}: ${counted(breaks.length, 'break')}, the first of each tenant.`, ...lines].join('\n')
}

/** A line each, with headings. */
export function auditTable(entries: readonly ShownAuditEntry[]): string {
  if (entries.length === 0) return 'No entries.'
  return tableOf([
    ['recorded', 'tenant', 'entry', 'actor', 'action', 'resource', 'outcome', 'reason'],
    ...entries.map(({ recordedAt, tenant, sequence, actor, action, resource, outcome, data }) => [
      recordedAt,
      tenant,
      String(sequence),
      data.impersonator === undefined ? actor : `${actor} (by ${data.impersonator})`,
      action,
      resource,
      outcome,
      data.reason ?? '',
    ]),
  ])
}
