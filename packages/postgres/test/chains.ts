// Commits with audit entries, and their chains read back, for the tests of this package.
import assert from 'node:assert/strict'
import { chainHash, chainStart } from '@gesta/core/ports'
import type { AuditEntry, AuditLog, Commit, StoredAuditEntry } from '@gesta/core/ports'
import { commitOf } from './commits.ts'

export function auditEntry(fields: Partial<AuditEntry> = {}): AuditEntry {
  return { action: 'Order.Cancel', actor: 'alice', resource: 'Order/1', outcome: 'succeeded', data: '{}', ...fields }
}
/** A commit of one event and of entries that are told apart by their data. */
export function audited(commandId: string, entries = 1, fields: Partial<Commit> = {}): Commit {
  const audit = Array.from({ length: entries }, (_, at) => auditEntry({ data: `{"of":"${commandId}","at":${at}}` }))
  return commitOf(commandId, commandId, { audit, ...fields })
}

/** The chain of a tenant; insists that every hash and every number is right. */
export async function soundChain(log: AuditLog, tenant: string): Promise<readonly StoredAuditEntry[]> {
  const chain = await wholeChain(log, tenant)
  let before = chainStart
  for (const [at, { hash, ...entry }] of chain.entries()) {
    assert.deepEqual([entry.tenant, entry.sequence], [tenant, at + 1])
    assert.equal(hash, chainHash(entry, before))
    before = hash
  }
  return chain
}

async function wholeChain(log: AuditLog, tenant: string): Promise<readonly StoredAuditEntry[]> {
  const chain: StoredAuditEntry[] = []
  for (;;) {
    const page = await log.read({ tenant, after: chain.at(-1)?.sequence ?? 0 })
    if (page.length === 0) return chain
    chain.push(...page)
  }
}
