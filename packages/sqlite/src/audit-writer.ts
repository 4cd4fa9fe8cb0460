// Adds the audit entries of a commit to its tenant's chain, in the transaction of the commit. Runs in the writer thread.
import { chainHash, chainStart } from '@gesta/core/ports'
import { auditColumns, readChainHead } from './audit-rows.ts'
import type { WrittenCommit } from './commit-cells.ts'
import { firstRow, prepareRows } from './database.ts'
import type { Database } from './database.ts'

export interface AuditWriter {
  add(commit: WrittenCommit): void
  /** Forgets where chains end, after a transaction that was rolled back. */
  forget(): void
}
interface ChainHead {
  readonly sequence: number
  readonly hash: string
}

const insertEntry = `INSERT INTO audit_log (${auditColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
/** Tenants whose heads are kept; beyond it they are read again. */
const headsMax = 10_000

export function createAuditWriter(db: Database): AuditWriter {
  const findHead = prepareRows(db, readChainHead)
  const addEntry = db.prepare(insertEntry)
  // Nobody else appends (owner-lock.ts), so what was written stays the head until it is rolled back.
  const heads = new Map<string, ChainHead>()

  const headOf = (tenant: string): ChainHead => {
    const known = heads.get(tenant)
    if (known !== undefined) return known
    const [sequence, hash] = firstRow(findHead, tenant) ?? [0, chainStart]
    return { sequence: Number(sequence), hash: String(hash) }
  }
  return {
    add: ({ tenant, commandId, recordedAt, audit }) => {
      if (audit.length === 0) return
      let { sequence, hash } = headOf(tenant)
      for (const [index, { action, actor, resource, outcome, data }] of audit.entries()) {
        sequence += 1
        const facts = { action, actor, resource, outcome, data }
        hash = chainHash({ tenant, sequence, commandId, index, recordedAt, ...facts }, hash)
        addEntry.run(tenant, sequence, commandId, index, recordedAt, action, actor, resource, outcome, data, hash)
      }
      if (heads.size >= headsMax) heads.clear()
      heads.set(tenant, { sequence, hash })
    },
    forget: () => heads.clear(),
  }
}
