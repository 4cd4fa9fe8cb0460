// The records of a bus: one of the intent, one of the outcome, under the same id.
import { canonical } from '../codec/canonical.ts'
import { isKey } from '../codec/key-text.ts'
import { partsOf } from '../contracts/contract.ts'
import type { ContractParts } from '../contracts/contract.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { Ids } from '../ids/ids.ts'
import { emptyContext, encodeContext, tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { noMetadata } from '../stores/command-log/command-detail.ts'
import type { CommandRecord, RecordedPlace, Truncated } from '../stores/command-log/command-record.ts'
import type { Clock } from '../time/clock.ts'
import { boundedMetadata, cutWords } from './bounds.ts'
import type { RecordedOutcome, SentCommand, WithCommandLogOptions } from './bus-options.ts'
import { statusOf } from './classify.ts'
import { wordsOf } from './detail.ts'
import { cutPayload, nothingKept, withoutMarked } from './payload.ts'

/** What callers of apps and registries give beside a command. */
interface KnownOptions {
  readonly commandId?: string | undefined
  readonly context?: RequestContext | undefined
  readonly metadata?: { readonly [name: string]: string } | undefined
  readonly idempotencyKey?: string | undefined
  readonly signal?: AbortSignal | undefined
}
/** What apps and registries answer. */
interface KnownResult {
  readonly ok?: unknown
  readonly rejection?: { readonly code?: unknown; readonly reason?: unknown } | null | undefined
  readonly events?: unknown
}
export interface BusRecords<Options, Result> {
  started(sent: SentCommand<Options>): CommandRecord
  /** `durationUs`: since it was started. */
  ended(started: CommandRecord, durationUs: number, result: Result, sent: SentCommand<Options>): CommandRecord
  failed(started: CommandRecord, durationUs: number, cause: unknown, sent: SentCommand<Options>): CommandRecord
}

export function busRecords<Options, Result>(
  options: WithCommandLogOptions<Options, Result>,
  clock: Pick<Clock, 'nowUs'>,
  ids: Ids,
): BusRecords<Options, Result> {
  const contracts = new Map((options.contracts ?? []).map((contract) => [contract.type, partsOf(contract)]))
  const { id, context, metadata, outcome, events } = options

  return {
    started: (sent) => {
      const known = (sent.options ?? {}) as KnownOptions
      const sender = said(() => context?.(sent)) ?? known.context ?? emptyContext
      const payload = payloadOf(contracts.get(sent.type), sent.data)
      const noted = said(() => metadata?.(sent)) ?? known.metadata ?? noMetadata
      const bounded =
        noted === noMetadata ? { metadata: noted, isCut: false } : (said(() => boundedMetadata(noted)) ?? unread)
      return {
        tenant: said(() => tenantOf(sender)) ?? '',
        commandId: said(() => id?.(sent)) ?? known.commandId ?? ids.newId(),
        commandType: sent.type,
        status: 'started',
        recordedAt: clock.nowUs(),
        durationUs: undefined,
        // Other buses have options of this name too, and anything in them.
        context: said(() => encodeContext(sender)) ?? '{}',
        payload: payload.text,
        metadata: bounded.metadata,
        error: undefined,
        permission: undefined,
        idempotencyKey: isKey(known.idempotencyKey) ? known.idempotencyKey : undefined,
        duplicateOf: undefined,
        retries: 0,
        events: none,
        messages: none,
        jobs: none,
        redacted: payload.redacted,
        truncated: bounded.isCut ? [...payload.truncated, 'metadata'] : payload.truncated,
        commitNo: undefined,
      }
    },
    ended: (started, durationUs, result, sent) => {
      const ended = said(() => outcome?.(result, sent)) ?? outcomeOf(result)
      return endOf(started, durationUs, ended, said(() => events?.(result, sent)) ?? eventsOf(result))
    },
    failed: (started, durationUs, cause, sent) => {
      const { type, options: given } = sent
      const { status, error } = statusOf(cause, (given as KnownOptions | undefined)?.signal)
      const words = wordsOf(type, contracts.get(type), { error, cause })
      // A command whose events were not all delivered did what it was sent for, and its record is where they are found.
      const stands = cause instanceof GestaError && cause.facts['effectsStand'] === true
      const left = stands ? eventsOf({ events: cause.facts['eventIds'] }) : none
      return endOf(started, durationUs, { status: stands ? 'accepted' : status, error: words }, left)
    },
  }
}

function endOf(
  started: CommandRecord,
  durationUs: number,
  { status, error }: RecordedOutcome,
  events: readonly RecordedPlace[],
): CommandRecord {
  const message = error && cutWords(error.message)
  return {
    ...started,
    status,
    durationUs,
    error: error && { code: error.code, message: message ?? '' },
    events,
    truncated: message === error?.message ? started.truncated : [...started.truncated, 'error'],
  }
}

function payloadOf(
  contract: ContractParts | undefined,
  data: unknown,
): {
  readonly text: string | undefined
  readonly redacted: readonly string[]
  readonly truncated: readonly Truncated[]
} {
  if (contract === undefined) return unknownPayload
  try {
    const whole = canonical(data)
    const { text, redacted } =
      contract.redact === undefined ? { text: whole, redacted: none } : withoutMarked(whole, contract.redact)
    const kept = text && cutPayload(text)
    return { text: kept, redacted, truncated: kept === text ? none : cut }
  } catch {
    return unwritten
  }
}

function outcomeOf(result: unknown): RecordedOutcome {
  const { ok, rejection } = (result ?? accepted) as KnownResult
  if (ok !== false || typeof rejection !== 'object' || rejection === null) return accepted
  const { code, reason } = rejection
  return { status: 'rejected', error: { code: String(code), message: typeof reason === 'string' ? reason : '' } }
}

function eventsOf(result: unknown): readonly RecordedPlace[] {
  const { events } = (result ?? accepted) as KnownResult
  if (!Array.isArray(events) || events.length === 0) return none
  return events.flatMap((event: unknown) => {
    const id = typeof event === 'string' ? event : (event as { id?: unknown } | null)?.id
    return typeof id === 'string' ? [{ id, position: undefined }] : []
  })
}

/** What an extractor says, or what can be read; nothing when that throws, because no log may fail a command. */
function said<Value>(extract: () => Value | undefined): Value | undefined {
  try {
    return extract()
  } catch {
    return undefined
  }
}

const none: readonly never[] = Object.freeze([])
const cut: readonly Truncated[] = Object.freeze(['payload'])
const unknownPayload = { ...nothingKept, truncated: none }
/** Of metadata that cannot be read. */
const unread = { metadata: noMetadata, isCut: true }
/** Of what cannot be written as JSON. */
const unwritten = { text: undefined, redacted: none, truncated: cut }
const accepted: RecordedOutcome & KnownResult = { status: 'accepted' }
