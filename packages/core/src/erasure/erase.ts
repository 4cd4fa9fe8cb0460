// Erasure of a subject: the key goes first, with its entry in the ledger; then its credentials; then the event that tells everybody. What a crash leaves
// between the two is completed by the next start.
import { checkKey } from '../codec/key-text.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { checkOptions } from '../schema/options.ts'
import type { CredentialStore } from '../stores/credential/credential-store.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { KeyScope, KeyStore, ShredEntry } from '../stores/key/key-store.ts'
import { timeText } from '../time/clock.ts'
import type { Clock } from '../time/clock.ts'
import { erasureStream } from '../contracts/subject-erased.ts'
import { eraseCommand, erasureCommit } from './erasure-commit.ts'

export interface EraseRequest {
  /** Whose subject; default: the app has no tenants. */
  readonly tenant?: string | undefined
  /** The subject's id, as personal events name it. */
  readonly subject: string
  /** Why, 1 to 512 characters. Kept for ever, in the ledger and in the log: nothing personal. */
  readonly reason: string
}
/** What was erased. A repetition tells the first erasure. */
export interface Erasure {
  readonly tenant: string
  readonly subject: string
  readonly reason: string
  /** RFC 3339, UTC. */
  readonly erasedAt: string
}
export interface ErasureParts {
  readonly keys: KeyStore
  readonly credentials: CredentialStore
  readonly store: EventStore
  readonly clock: Pick<Clock, 'nowUs'>
  /** Forgets what this process has of the subject in memory, and the tenant's snapshots. */
  readonly evict: (scope: KeyScope) => Promise<void>
}

/** Where an erasure lies in the log. */
export interface Told {
  readonly position: number
  /** The command that tells it. */
  readonly commandId: string
}

/** Erases a subject, once. Errors: `invalid_key`, `store_*`, `outcome_unknown`: erase again, which completes what is there. */
export async function erase(parts: ErasureParts, request: EraseRequest): Promise<Erasure & Told> {
  checkOptions(request, ['tenant', 'subject', 'reason'], 'erase()')
  const { tenant = '', subject, reason } = request
  if (tenant !== '') checkKey(tenant, 'the tenant')
  checkKey(subject, 'the subject')
  checkKey(reason, 'the reason')
  const entry = await parts.keys.shred({ tenant, subject }, reason, parts.clock.nowUs())
  const told = await tell(parts, entry)
  return { tenant, subject, reason: entry.reason, erasedAt: timeText(entry.shreddedAt), ...told }
}

const pageEntries = 1_000

/** Tells the erasures that the ledger has and the log lacks. Returns how many. Errors: `store_*`, `outcome_unknown`. */
export async function completeErasures(parts: ErasureParts): Promise<number> {
  let completed = 0
  for (let after = 0; ;) {
    const entries = await parts.keys.ledger(after, pageEntries)
    const last = entries.at(-1)
    if (last === undefined) return completed
    // The key of a tenant has no subject; nobody but its store can destroy it.
    const subjects = entries.filter(({ subject }) => subject !== '')
    const versions = await parts.store.versions(
      subjects.map(({ tenant, subject }) => ({ tenant, aggregateType: erasureStream, aggregateId: subject })),
    )
    for (const [at, entry] of subjects.entries()) {
      if (versions[at] !== 0) continue
      await tell(parts, entry)
      completed++
    }
    after = last.number
  }
}

/** Nothing of the subject is left in this process, in the snapshots and among the credentials when the log says so. */
async function tell({ credentials, store, evict }: ErasureParts, entry: ShredEntry): Promise<Told> {
  await credentials.removeOf(entry.tenant, entry.subject)
  await evict(entry)
  const commit = erasureCommit(store.identity, entry)
  const { commandId } = commit
  const verdict = await store.commit(commit)
  if (verdict.verdict === 'stored') return { position: verdict.position, commandId }
  if (verdict.verdict === 'duplicate' && verdict.header.commandType === eraseCommand)
    return { position: verdict.header.position, commandId }
  // A log that was forked or written by hand may have it under another id.
  const [event] = await store.readStream({
    tenant: entry.tenant,
    aggregateType: erasureStream,
    aggregateId: entry.subject,
    limit: 1,
  })
  if (event !== undefined) return { position: event.position, commandId: event.commandId }
  throw new GestaError(
    'command_conflict',
    `The erasure of the subject ${entry.subject} cannot be told: its command id ${commandId} is taken by another command.`,
    { facts: { commandId } },
  )
}
