// The hash chain of the audit log as a function of SQL, for the migration that moves entries into it.
import { chainHash, chainStart } from '@gesta/core/ports'
import { toLink } from './audit-rows.ts'
import type { Database } from './database.ts'

/** Over the entries of one tenant in the order of their sequence: each one's hash. */
export function addAuditChain(db: Database): void {
  db.aggregate('gesta_audit_chain', {
    varargs: true,
    start: chainStart,
    step: (before: string, ...cells) => chainHash(toLink(cells as (string | number)[]), before),
    result: (hash: string) => hash,
    // Only a frame that leaves entries behind would ask for it, and a chain cannot.
    inverse: () => {
      throw new Error('Expected a frame that begins with the first entry of the tenant.')
    },
  })
}
