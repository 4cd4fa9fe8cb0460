// The commit that tells an erasure: always the same one for a subject, so that it is stored once, however often it is handed in.
import { hash } from 'node:crypto'
import { erasureStream, SubjectErased } from '../contracts/subject-erased.ts'
import { encodeContext } from '../request-context/request-context.ts'
import type { Commit } from '../stores/commit.ts'
import type { LogIdentity } from '../stores/event/event-store.ts'
import type { ShredEntry } from '../stores/key/key-store.ts'

/** The command type in the headers of erasures. */
export const eraseCommand = 'Gesta.EraseSubject'

/** What is stored for an entry of the ledger. */
export function erasureCommit({ secret }: LogIdentity, { tenant, subject, reason, shreddedAt }: ShredEntry): Commit {
  return {
    // Keyed, so that nobody can take the id of an erasure that is still to come.
    commandId: `erase-${hash('sha256', JSON.stringify([secret, 'erase', tenant, subject]), 'base64url')}`,
    tenant,
    context: encodeContext(tenant === '' ? {} : { targetTenant: tenant }),
    recordedAt: shreddedAt,
    streams: [
      {
        aggregateType: erasureStream,
        aggregateId: subject,
        expectation: 0,
        events: [
          {
            type: SubjectErased.type,
            schemaVersion: SubjectErased.schemaVersion,
            data: JSON.stringify({ subject, reason }),
          },
        ],
      },
    ],
    reads: [],
    header: {
      commandType: eraseCommand,
      outcome: 'accepted',
      answer: undefined,
      version: 1,
      fingerprint: undefined,
    },
    idempotency: undefined,
    messages: [],
    jobs: [],
    audit: [],
  }
}
