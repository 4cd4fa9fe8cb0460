// The comparison of the audit log with the commits of the ledger: every entry lies in its tenant's chain, once, in the order of the
// commits, and the chain holds nothing else, whatever a process was doing when it was ended.
import assert from 'node:assert/strict'
import { chainHash, chainStart } from '@gesta/core/ports'
import type { AuditHead, AuditLog, Commit, StoredAuditEntry } from '@gesta/core/ports'

export interface AuditCheck {
  /** Takes the stored commits that have come since the last look, in their order. Throws an assertion error when chains hold others. */
  look(audit: AuditLog, commits: readonly Commit[]): Promise<void>
  /** Reads every chain once more, from its beginning: it must come to where the looks came. */
  lookAtAll(audit: AuditLog): Promise<void>
}

export function createAuditCheck(): AuditCheck {
  /** What the chains must end with, computed from what was handed in. */
  const heads = new Map<string, AuditHead>()
  const headOf = (tenant: string): AuditHead => heads.get(tenant) ?? { tenant, sequence: 0, hash: chainStart }

  /** The links that a commit must have added. */
  const linksOf = ({ tenant, commandId, recordedAt, audit }: Commit): readonly StoredAuditEntry[] =>
    audit.map(({ action, actor, resource, outcome, data }, index) => {
      const { sequence, hash: before } = headOf(tenant)
      const facts = { recordedAt, action, actor, resource, outcome, data }
      const link = { tenant, sequence: sequence + 1, commandId, index, ...facts }
      const hash = chainHash(link, before)
      heads.set(tenant, { tenant, sequence: link.sequence, hash })
      return { ...link, hash }
    })

  const assertHeads = async (audit: AuditLog): Promise<void> => {
    const expected = [...heads.values()].toSorted((one, other) => (one.tenant < other.tenant ? -1 : 1))
    assert.deepEqual(await audit.heads(), expected, 'The chains of the audit log end elsewhere.')
  }

  return {
    look: async (audit, commits) => {
      const tenants = new Set(commits.map(({ tenant }) => tenant))
      const before = new Map([...tenants].map((tenant) => [tenant, headOf(tenant).sequence]))
      const added = Map.groupBy(commits.flatMap(linksOf), ({ tenant }) => tenant)
      for (const [tenant, after] of before) {
        const found = await Array.fromAsync(chainAfter(audit, tenant, after))
        assert.deepEqual(
          found,
          added.get(tenant) ?? [],
          `The audit log of "${tenant}" is not what its commits added behind entry ${after}.`,
        )
      }
      await assertHeads(audit)
    },
    lookAtAll: async (audit) => {
      for (const head of heads.values()) {
        let last: Pick<StoredAuditEntry, 'sequence' | 'hash'> = { sequence: 0, hash: chainStart }
        for await (const entry of chainAfter(audit, head.tenant, 0)) {
          const isNext = entry.sequence === last.sequence + 1 && entry.hash === chainHash(entry, last.hash)
          assert.ok(isNext, `The audit log of "${head.tenant}" breaks behind entry ${last.sequence}.`)
          last = entry
        }
        assert.deepEqual([last.sequence, last.hash], [head.sequence, head.hash], 'An audit log was made anew.')
      }
      await assertHeads(audit)
    },
  }
}

async function* chainAfter(audit: AuditLog, tenant: string, after: number): AsyncGenerator<StoredAuditEntry, void> {
  for (let last = after; ;) {
    const page = await audit.read({ tenant, after: last, limit: 10_000 })
    if (page.length === 0) return
    yield* page
    last = page.at(-1)?.sequence ?? last
  }
}
