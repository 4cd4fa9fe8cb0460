// The commit of a command that stores nothing but its own record.
import { encodeContext } from '../request-context/request-context.ts'
import type { AuditEntry, Commit, OutcomeKind } from '../stores/commit.ts'
import type { CommandDetail } from '../stores/command-log/command-record.ts'
import type { Sealing } from '../stores/event/sealing.ts'
import type { Attempt } from './command-recording.ts'
import { sealedDetail } from './sealed-record.ts'

/**
 * `first`: the command whose outcome a `duplicate` was given; its header names it for good, where the detail may be purged. `audit`:
 * what the audit log has of it.
 * Errors: `payload_unreadable`, `key_unreadable`, `store_*` for a payload that cannot be sealed.
 */
export async function emptyCommit(
  { type, commandId, tenant, context, arrivedAt, fingerprint }: Attempt,
  outcome: OutcomeKind,
  detail: CommandDetail | undefined,
  sealing: Sealing | undefined,
  {
    first,
    audit = none,
  }: { readonly first?: string | undefined; readonly audit?: readonly AuditEntry[] | undefined } = {},
): Promise<Commit> {
  const waits: Promise<unknown>[] = []
  const sealed = sealing === undefined ? detail : sealedDetail(detail, sealing, { tenant, commandId }, waits)
  await Promise.all(waits)
  return {
    commandId,
    tenant,
    context: encodeContext(context),
    recordedAt: arrivedAt,
    streams: none,
    reads: none,
    header: {
      commandType: type,
      outcome,
      answer: first === undefined ? undefined : JSON.stringify(first),
      version: undefined,
      fingerprint,
    },
    detail: sealed,
    idempotency: undefined,
    messages: none,
    jobs: none,
    audit,
  }
}
const none: readonly never[] = []
