// The engine's commands, recorded with their commits; and what stored nothing, in a commit of its own.
import { canonical } from '../codec/canonical.ts'
import { isKey } from '../codec/key-text.ts'
import type { Attempt, CommandRecording } from '../dispatch/command-recording.ts'
import { actOf } from '../dispatch/auditing.ts'
import type { Auditing } from '../dispatch/auditing.ts'
import { emptyCommit } from '../dispatch/empty-commit.ts'
import { comparable, fingerprintOf } from '../dispatch/fingerprint.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { redactError } from '../errors/redact-error.ts'
import type { AuditEntry, OutcomeKind } from '../stores/commit.ts'
import type { CommandDetail } from '../stores/command-log/command-record.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { Sealing } from '../stores/event/sealing.ts'
import type { Clock } from '../time/clock.ts'
import { createBucket } from './bucket.ts'
import { statusOf } from './classify.ts'
import type { Ended } from './classify.ts'
import type { CommandLogStatus } from './command-log-status.ts'
import { detailWriter } from './detail.ts'
import type { DetailParts } from './detail.ts'

export interface RecordingParts extends DetailParts {
  readonly store: EventStore
  readonly sealing: Sealing | undefined
  readonly clock: Clock
  /** What the audit log has of an attempt goes with its record where it can. */
  readonly auditing: Auditing
}
export interface StartedRecording {
  readonly recording: CommandRecording
  readonly status: Omit<CommandLogStatus, 'copy' | 'retentionError'>
}

const anonymousDefault = 100
/** Of what somebody unknown sent in vain: enough to see what was tried, too little to fill a disk. */
const strangersBytes = 4_096
/** How attempts are refused that every check has let pass. */
const lateRefusals: ReadonlySet<string> = new Set(['invalid_key', 'idempotency_refused', 'rate_limited'])

export function createCommandRecording(parts: RecordingParts): StartedRecording {
  const { store, sealing, clock, options, auditing } = parts
  const detailOf = detailWriter(parts)
  const bucket = createBucket(clock, options.anonymousPerSecond ?? anonymousDefault)
  const status = { recorded: 0, sampled: 0, lost: 0, lastError: undefined as string | undefined }

  const lose = (cause: unknown): void => {
    status.lost++
    status.lastError = redactError(cause)
  }
  /** Whether it is stored now. Else the id has its record: the first one stays. */
  const keep = async (
    attempt: Attempt,
    outcome: OutcomeKind,
    detail: CommandDetail,
    audit?: readonly AuditEntry[],
  ): Promise<boolean> => {
    const { lane } = attempt.options
    const commit = await emptyCommit(attempt, outcome, detail, sealing, { first: detail.duplicateOf, audit })
    const { verdict } = await store.commit(commit, lane && { lane })
    if (verdict === 'stored') status.recorded++
    return verdict === 'stored'
  }
  /** Whether an attempt that stored nothing has a record now, and its audit entries with it. */
  const keepFailed = async (attempt: Attempt, cause: unknown, audit: readonly AuditEntry[]): Promise<boolean> => {
    try {
      if (isRecorded(attempt, cause)) return false
      if (!isRecordable(attempt, cause)) throw cause
      const ended = statusOf(cause, attempt.options.signal)
      const isStrangers = isAnonymous(attempt) && isRefused(attempt, ended)
      if (isStrangers && !bucket.take()) {
        status.sampled++
        return false
      }
      const known = read(store, attempt)
      const passed = attempt.canonical !== undefined
      const payloadBytes = isStrangers ? strangersBytes : undefined
      return await keep(known, ended.status, detailOf(known, { ...ended, cause, passed, payloadBytes }), audit)
    } catch (error) {
      lose(error)
      return false
    }
  }
  return {
    status,
    recording: {
      detailOf: (attempt, rejection, messages, jobs) => detailOf(attempt, { error: rejection, messages, jobs }),
      committed: () => void status.recorded++,
      failed: async (attempt, cause) => {
        const act = actOf(attempt)
        const audit = auditing.entriesOfFailure(act, cause, attempt.options.signal)
        const isCarried = await keepFailed(attempt, cause, audit)
        if (!isCarried && audit.length > 0) await auditing.keep(act, audit)
      },
      repeated: async (attempt, duplicateOf) => {
        try {
          await keep(attempt, 'duplicate', detailOf(attempt, { duplicateOf }))
        } catch (error) {
          lose(error)
        }
      },
    },
  }
}

/** Whether the id has the record of another command, or of an earlier attempt. */
function isRecorded({ commandId }: Attempt, cause: unknown): boolean {
  if (!(cause instanceof GestaError) || cause.facts['commandId'] !== commandId) return false
  return cause.code === 'command_conflict' || cause.code === 'command_settled'
}

/** Whether a record can be stored: under these names, and with the store at hand. What may still be stored must not be called failed. */
function isRecordable({ type, tenant, commandId }: Attempt, cause: unknown): boolean {
  if (!isKey(type) || !isKey(commandId) || (tenant !== '' && !isKey(tenant))) return false
  if (!(cause instanceof GestaError)) return true
  const { code, facts } = cause
  if (code === 'outcome_unknown') return facts['commandId'] !== commandId
  return code !== 'overloaded' && !code.startsWith('store_')
}

/** Whether anybody could bring it about, as often as he likes: he has only to send something, and need not even wait. */
function isRefused({ canonical: text }: Attempt, { error }: Ended): boolean {
  return text === undefined || lateRefusals.has(error.code)
}

function isAnonymous({ context }: Attempt): boolean {
  return context.account === undefined && context.identity === undefined
}

/** The attempt with the text of its payload, which a refused one lacks. */
function read({ identity }: EventStore, attempt: Attempt): Attempt {
  if (attempt.canonical !== undefined) return attempt
  const { type, context, raw, contract } = attempt
  try {
    const text = canonical(raw)
    // Of what no contract is known nobody can say what is secret.
    const compared = contract === undefined ? '' : comparable(contract, raw, text)
    return { ...attempt, canonical: text, fingerprint: fingerprintOf(identity, type, context, compared) }
  } catch {
    return attempt
  }
}
