// Which entries of the audit log a command means, and where the app answers about them.
import type { AuditFacts } from '@gesta/core'
import { runtimePath } from './admin-api.ts'
import type { ValueOption, ValuesOf } from './command.ts'

export const auditFilterOptions: {
  readonly [Name in 'tenant' | (typeof filters)[number]]: ValueOption
} = {
  tenant: { value: 'TENANT', about: 'only those of this one (default: of all)' },
  action: { value: 'ACTION', about: 'such as Order.Cancel' },
  actor: { value: 'ID', about: 'by this identity or account' },
  resource: { value: 'RESOURCE', about: 'to this, such as Order/A-1' },
  outcome: { value: 'OUTCOME', about: 'succeeded, rejected, denied or failed' },
  from: { value: 'TIME', about: 'at or after it, such as 2026-01-05T10:00:00Z' },
  before: { value: 'TIME', about: 'before it' },
}
const filters = ['action', 'actor', 'resource', 'outcome', 'from', 'before'] as const

/** An entry as the app tells it. */
export interface ShownAuditEntry {
  readonly tenant: string
  readonly sequence: number
  readonly commandId: string
  readonly recordedAt: string
  readonly action: string
  readonly actor: string
  readonly resource: string
  readonly outcome: string
  readonly data: AuditFacts
}

/** All chains are the app's own affair; one is its tenant's. */
export function auditPath(
  values: ValuesOf<typeof auditFilterOptions>,
  below: string,
  more: { readonly [name: string]: string | undefined },
): string {
  const query = new URLSearchParams()
  const { before, ...rest } = Object.fromEntries(filters.map((name) => [name, values[name]]))
  const given = { ...rest, to: before, ...more }
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, value)
  const base = values.tenant === undefined ? '/admin/audit' : runtimePath(values.tenant, 'audit')
  const asked = query.toString()
  return `${base}${below}${asked === '' ? '' : `?${asked}`}`
}
