// Writes the detail of a command's record. It is on the path of every command: one object of one shape, and texts that are there already.
import { isKey } from '../codec/key-text.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Attempt } from '../dispatch/command-recording.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { Violation } from '../schema/parse.ts'
import { noMetadata } from '../stores/command-log/command-detail.ts'
import type {
  CommandDetail,
  RecordedError,
  RecordedPermission,
  Truncated,
} from '../stores/command-log/command-record.ts'
import type { Sealing } from '../stores/event/sealing.ts'
import type { Clock } from '../time/clock.ts'
import { boundedMetadata, cutWords } from './bounds.ts'
import type { CommandLogOptions } from './options.ts'
import { cutPayload, nothingKept, withoutMarked } from './payload.ts'
import type { Marks } from './payload.ts'

/** What came of an attempt. */
export interface End {
  /** The code and reason of a business no, or what went wrong. */
  readonly error?: RecordedError | undefined
  readonly cause?: unknown
  /** Whether every check has let it pass; default: yes. */
  readonly passed?: boolean | undefined
  readonly duplicateOf?: string | undefined
  /** Bytes of the payload that are kept; default: as many as a record may have. */
  readonly payloadBytes?: number | undefined
  readonly messages?: number | undefined
  readonly jobs?: number | undefined
}
export interface DetailParts {
  readonly clock: Pick<Clock, 'monotonicUs'>
  /** Command type to the level of the permission table, or `custom`. */
  readonly asked: ReadonlyMap<string, string>
  /** Command type to the fields that are replaced; absent for a command that has none. */
  readonly marks: ReadonlyMap<string, Marks>
  readonly options: CommandLogOptions
  readonly sealing: Pick<Sealing, 'all'> | undefined
}

export function detailWriter({
  clock,
  asked,
  marks,
  options,
  sealing,
}: DetailParts): (attempt: Attempt, end: End) => CommandDetail {
  const allowed = new Map<string, RecordedPermission>()
  const shared = new Map<string, RecordedPermission>()
  for (const [type, level] of asked) {
    const permission = shared.get(level) ?? Object.freeze({ asked: level, allowed: true })
    shared.set(level, permission)
    allowed.set(type, permission)
  }

  const permissionOf = ({ type }: Attempt, { cause, passed = true }: End): RecordedPermission | undefined => {
    if (cause instanceof GestaError && cause.code === 'permission_denied' && cause.facts['contract'] === type) {
      const { reason } = cause.facts
      const level = asked.get(type) ?? 'none'
      return { asked: level, allowed: false, reason: typeof reason === 'string' ? cutWords(reason) : undefined }
    }
    return passed ? allowed.get(type) : undefined
  }
  const noted = ({ type, raw, context, options: dispatched }: Attempt): { readonly [name: string]: string } => {
    const { metadata = noMetadata } = dispatched
    if (options.metadata === undefined) return metadata
    try {
      return { ...metadata, ...options.metadata({ type, data: raw, context, options: dispatched }) }
    } catch {
      return metadata
    }
  }

  return (attempt, end) => {
    const { contract, canonical, startedUs, retries } = attempt
    const { idempotencyKey } = attempt.options
    let payload = canonical
    let redacted: readonly string[] = none
    let truncated: Truncated[] | undefined
    if (contract === undefined) ({ text: payload, redacted } = nothingKept)
    else if (payload === undefined) truncated = ['payload']
    else {
      const marked = marks.get(attempt.type)
      if (marked !== undefined) ({ text: payload, redacted } = withoutMarked(payload, marked))
      const cut = payload && cutPayload(payload, end.payloadBytes)
      if (cut !== payload) truncated = ['payload']
      payload = cut
    }
    let metadata = noted(attempt)
    if (metadata !== noMetadata) {
      const bounded = boundedMetadata(metadata)
      metadata = bounded.metadata
      if (bounded.isCut) (truncated ??= []).push('metadata')
    }
    const isReadable = contract !== undefined && sealing?.all !== true
    const said = end.error && wordsOf(attempt.type, isReadable ? { redact: marks.get(attempt.type) } : undefined, end)
    const error = said && { code: said.code, message: cutWords(said.message) }
    if (error !== undefined && error.message.length < (said?.message.length ?? 0)) (truncated ??= []).push('error')
    return {
      durationUs: Math.round(clock.monotonicUs() - startedUs),
      payload,
      metadata,
      error,
      permission: permissionOf(attempt, end),
      idempotencyKey: idempotencyKey !== undefined && isKey(idempotencyKey) ? idempotencyKey : undefined,
      duplicateOf: end.duplicateOf,
      retries,
      messages: end.messages ?? 0,
      jobs: end.jobs ?? 0,
      redacted,
      truncated: truncated ?? none,
    }
  }
}

/**
 * Schemas word their own refusals and may repeat what they refuse, so where fields are marked only the names of fields are kept. Without a
 * contract nothing of the payload may be read, and a name may be a piece of it.
 */
export function wordsOf(
  type: string,
  contract: Pick<ContractParts, 'redact'> | undefined,
  { error, cause }: Pick<End, 'error' | 'cause'>,
): RecordedError | undefined {
  if ((contract !== undefined && contract.redact === undefined) || !(cause instanceof GestaError)) return error
  const violations = cause.facts['violations'] as readonly Violation[] | undefined
  if (error === undefined || violations === undefined) return error
  const names = new Set(violations.map((violation) => nameOf(violation, contract?.redact)))
  const at = [...names].filter((name) => name !== '').join(', ')
  return { code: error.code, message: `${type} does not fit a schema${at === '' ? '' : ` at: ${at}`}.` }
}

/** Where a violation is, as far as it may be said: below a marked field the names may be what was marked, as those of a map are. */
function nameOf({ path }: Violation, marks: Marks | undefined): string {
  if (marks === undefined) return ''
  return Object.keys(marks).find((field) => path.startsWith(`${field}.`)) ?? path
}

const none: readonly never[] = Object.freeze([])
