// The domain through which callers look at the audit log: an app has it when it lists it.
import { ExportAudit, ReadAudit, VerifyAudit } from '../audit/audit-contracts.ts'
import type { AuditQuestion, AuditRow } from '../audit/audit-contracts.ts'
import { introspecting } from '../runtime-domain/introspecting.ts'
import type { AuditFilter, StoredAuditEntry } from '../stores/audit/audit-log.ts'
import { timeText } from '../time/clock.ts'
import { domain } from './domain.ts'
import type { Domain } from './domain.ts'

/**
 * The domain `Audit` with the queries `Audit.Read`, `Audit.Export` and `Audit.Verify`, each for whoever holds the permission of its name.
 * Reference: docs/reference/audit.md.
 */
export function auditDomain(): Domain<'Audit', typeof ReadAudit | typeof ExportAudit | typeof VerifyAudit> {
  return domain('Audit', { handlers, roles: ['any'], permissions: 'authorized' })
}

const handlers = [
  introspecting(ReadAudit, ({ audit }) => async ({ order, cursor, limit, withTotal, ...question }, asked) => {
    const page = { cursor, limit, withTotal }
    const found = await audit.list(asked.context, { ...filterOf(question), order }, page, asked.metadata)
    return { ...found, items: found.items.map(rowOf) }
  }),
  introspecting(
    ExportAudit,
    ({ audit }) =>
      async ({ format, cursor, limit, ...question }, asked) =>
        audit.exportPage(asked.context, format, filterOf(question), { cursor, limit }, asked.metadata),
  ),
  introspecting(
    VerifyAudit,
    ({ audit }) =>
      async (input, asked) =>
        audit.verify(asked.context, input, asked.metadata),
  ),
] as const

function filterOf({ from, to, ...rest }: AuditQuestion): AuditFilter {
  return { ...rest, from: microseconds(from), to: microseconds(to) }
}
/** Of an RFC 3339 text, whose digits below a millisecond are left aside. */
function microseconds(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time) * 1_000
}
function rowOf({ recordedAt, ...rest }: StoredAuditEntry): AuditRow {
  return { ...rest, recordedAt: timeText(recordedAt) }
}
