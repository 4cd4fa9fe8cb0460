// What the engine tells the audit log, made into entries; and those that no commit of a command carries, in a commit of their own.
import { createBucket } from '../command-log/bucket.ts'
import { statusOf } from '../command-log/classify.ts'
import { isKey } from '../codec/key-text.ts'
import type { Act, ActEnd, AuditNote, Auditing } from '../dispatch/auditing.ts'
import { GestaError, isGestaError } from '../errors/gesta-error.ts'
import { redactError } from '../errors/redact-error.ts'
import type { Ids } from '../ids/ids.ts'
import { encodeContext } from '../request-context/request-context.ts'
import type { AuditEntry, AuditOutcome } from '../stores/audit/audit-entry.ts'
import type { Commit, OutcomeKind } from '../stores/commit.ts'
import { checkContext } from '../stores/event/check-context.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { Clock } from '../time/clock.ts'
import type { AuditStatus } from './app-audit.ts'
import { entryOf } from './entries.ts'
import type { EntryParts } from './entries.ts'

export interface AuditingParts extends EntryParts {
  readonly store: Pick<EventStore, 'commit'>
  readonly clock: Pick<Clock, 'nowUs' | 'monotonicUs'>
  readonly ids: Pick<Ids, 'newId'>
  readonly anonymousPerSecond: number | undefined
}
export interface StartedAuditing {
  readonly auditing: Auditing
  readonly status: AuditStatus
}

const anonymousDefault = 100
/** The command type in the headers of commits that store entries alone. */
export const auditCommand = 'Gesta.Audit'
/** How often a commit is handed in again whose outcome the store did not tell. */
const repetitionsMax = 3

export function createAuditing(parts: AuditingParts): StartedAuditing {
  const { store, clock, ids } = parts
  const bucket = createBucket(clock, parts.anonymousPerSecond ?? anonymousDefault)
  /** Denials that permissions made, and what of. One that a handler throws may be thrown again and again, each time for another attempt. */
  const told = new WeakMap<object, string>()
  const status = { sampled: 0, lost: 0, lastError: undefined as string | undefined }

  const concerns = ({ contract }: Act, outcome: AuditOutcome): boolean =>
    outcome === 'denied' || contract?.audited === true

  /** The same commit again until the store says what became of it: it has the same id, so it is stored once. */
  const stored = async (act: Act, audit: readonly AuditEntry[]): Promise<void> => {
    const commit = commitOf(act, audit, ids.newId(), clock.nowUs())
    for (let repetition = 0; ; repetition++) {
      try {
        await store.commit(commit)
        return
      } catch (error) {
        if (repetition === repetitionsMax || !isGestaError(error, 'outcome_unknown')) throw error
      }
    }
  }

  return {
    status,
    auditing: {
      concerns,
      entriesOf: (act, end, notes) => [
        ...(concerns(act, end.outcome) ? [entryOf(parts, act, end, undefined)] : []),
        ...notes.map((note) => entryOf(parts, act, end, note)),
      ],
      entriesOfFailure: (act, cause, signal) => {
        // It may be stored after all, with the entries of its outcome.
        if (
          cause instanceof GestaError &&
          cause.code === 'outcome_unknown' &&
          cause.facts['commandId'] === act.commandId
        )
          return none
        const { status: ended, error } = statusOf(cause, signal)
        const outcome = outcomes[ended]
        if (!concerns(act, outcome)) return none
        // What a handler was denied comes by here again on its way out, once for each that asked for it: it is one denial all the same.
        const teller = told.get(cause as object)
        if (teller !== undefined && (teller === act.type || act.contract?.audited !== true)) return none
        if (isOwnDenial(cause)) told.set(cause as object, act.type)
        const { account, identity } = act.context
        if (account === undefined && identity === undefined && !bucket.take()) {
          status.sampled++
          return none
        }
        return [entryOf(parts, act, { outcome, reason: reasonOf(cause) ?? error.code }, undefined)]
      },
      keep: async (act, entries) => {
        try {
          await stored(act, entries)
        } catch (error) {
          status.lost += entries.length
          status.lastError = redactError(error)
        }
      },
      record: (act: Act, end: ActEnd, note?: AuditNote) => stored(act, [entryOf(parts, act, end, note)]),
    },
  }
}

const outcomes: { readonly [kind in OutcomeKind]: AuditOutcome } = {
  accepted: 'succeeded',
  rejected: 'rejected',
  denied: 'denied',
  failed: 'failed',
  timed_out: 'failed',
  duplicate: 'succeeded',
  abandoned: 'failed',
}

function isOwnDenial(cause: unknown): boolean {
  if (!(cause instanceof GestaError) || cause.code !== 'permission_denied') return false
  return cause.facts['contract'] !== undefined || cause.facts['permission'] !== undefined
}

/** Why somebody was denied: words for operators, which the caller is not told. */
function reasonOf(cause: unknown): string | undefined {
  if (!(cause instanceof GestaError) || cause.code !== 'permission_denied') return undefined
  const { reason } = cause.facts
  return typeof reason === 'string' ? reason : undefined
}

/** Its id is a new one: that of a refused command stays free for its next attempt. */
function commitOf(act: Act, audit: readonly AuditEntry[], commandId: string, recordedAt: number): Commit {
  return {
    commandId,
    // An entry under a name that no tenant can have would be none: it goes where entries without tenant are.
    tenant: isKey(act.tenant) ? act.tenant : '',
    context: contextOf(act),
    recordedAt,
    streams: none,
    reads: none,
    header: {
      commandType: auditCommand,
      outcome: 'accepted',
      answer: undefined,
      version: undefined,
      fingerprint: undefined,
    },
    idempotency: undefined,
    messages: none,
    jobs: none,
    audit,
  }
}

/** As far as it can be stored; the entry itself has what matters of it. */
function contextOf({ context }: Act): string {
  try {
    const text = encodeContext(context)
    checkContext(text)
    return text.isWellFormed() && !text.includes('\0') ? text : '{}'
  } catch {
    return '{}'
  }
}
const none: readonly never[] = []
