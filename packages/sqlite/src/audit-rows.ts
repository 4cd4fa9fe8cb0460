// Rows of the audit log as what the port calls them, and the statements that read them.
import type { StoredAuditEntry } from '@gesta/core/ports'
import type { Cell } from './database.ts'

/** An entry but for its hash: what the hash is made of. */
export type AuditLink = Omit<StoredAuditEntry, 'hash'>

const linkColumns = 'tenant, sequence, command_id, idx, recorded_at, action, actor, resource, outcome, data'
export const auditColumns: string = `${linkColumns}, hash`
/** Cells that an entry takes, and where the long text is among them. */
export const auditCells = 11
export const auditData = 9

export const readChain: string = `SELECT ${auditColumns} FROM audit_log WHERE tenant = ? AND sequence > ? ORDER BY sequence`
export const readChainHead = 'SELECT sequence, hash FROM audit_log WHERE tenant = ? ORDER BY sequence DESC LIMIT 1'
/** Each tenant is found by one look into the index, in order; so is its last entry. What was put before the first one is none. */
export function readHeads(isAfter: boolean): string {
  return `WITH RECURSIVE known (tenant) AS (
  SELECT min(tenant) FROM audit_log${isAfter ? ' WHERE tenant > ?' : ''}
  UNION ALL SELECT (SELECT min(tenant) FROM audit_log WHERE tenant > known.tenant) FROM known WHERE known.tenant IS NOT NULL
) SELECT a.tenant, a.sequence, a.hash FROM known CROSS JOIN audit_log a
  ON a.tenant = known.tenant AND a.sequence = (SELECT max(sequence) FROM audit_log WHERE tenant = known.tenant)
  WHERE a.sequence > 0 LIMIT ?`
}
/** The entries of one command, in the order of its commit. */
export const readAuditOf: string = `SELECT ${auditColumns} FROM audit_log WHERE tenant = ? AND command_id = ? ORDER BY idx`

export function toLink(cells: readonly Cell[], at = 0): AuditLink {
  return {
    tenant: cells[at],
    sequence: cells[at + 1],
    commandId: cells[at + 2],
    index: cells[at + 3],
    recordedAt: cells[at + 4],
    action: cells[at + 5],
    actor: cells[at + 6],
    resource: cells[at + 7],
    outcome: cells[at + 8],
    data: cells[at + auditData],
  } as AuditLink
}

/** The entry whose cells begin at `at`. */
export function auditAt(cells: readonly Cell[], at: number): StoredAuditEntry {
  return { ...toLink(cells, at), hash: String(cells[at + auditCells - 1]) }
}
