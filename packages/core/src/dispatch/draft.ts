// A decision before it is stored: which streams were read and what is appended to them, what leaves, and the answer.
import { hash } from 'node:crypto'
import type { AggregateParts } from '../aggregates/aggregate.ts'
import { checkPayloadSize, decode, encode } from '../codec/json.ts'
import { keyLengthMax } from '../codec/key-text.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Event, Outgoing, Rejected } from '../contracts/messages.ts'
import { audienceOf } from '../registry/envelope.ts'
import { encodeContext } from '../request-context/request-context.ts'
import { parse } from '../schema/parse.ts'
import type { RecordedError } from '../stores/command-log/command-record.ts'
import type {
  Commit,
  CommandHeader,
  NewEvent,
  NewJob,
  OutgoingMessage,
  ReadCondition,
  StreamAppend,
} from '../stores/commit.ts'
import { encodeSender } from '../stores/job/job-sender.ts'
import { auditedState } from './audited-state.ts'
import { actOf } from './auditing.ts'
import { epochAppends } from './advances.ts'
import { tagAppends } from './cache-tags.ts'
import type { Auditing } from './auditing.ts'
import type { Engine, Execution } from './engine.ts'
import { createEventSealer, noSealer } from './event-sealer.ts'
import type { Seal } from './event-sealer.ts'
import type { AggregateState } from './aggregate-state.ts'
import { termsOf } from './job-terms.ts'
import { outgoingKey } from './outgoing.ts'
import type { Leaving, Shown } from './outgoing.ts'
import { sealedDetail, sealedHeader } from './sealed-record.ts'

/** One aggregate that the decision read, and what it appends to it. */
export interface DraftStream {
  readonly aggregate: AggregateParts
  readonly id: string
  readonly key: string
  /** What the decision was taken on. */
  readonly before: AggregateState
  readonly events: readonly Event<'domain', string, unknown>[]
}
export interface Draft {
  readonly streams: readonly DraftStream[]
  readonly leaving: readonly Leaving[]
  readonly outcome: 'accepted' | 'rejected'
  /** The result, or the rejection. */
  readonly answer: unknown
}
/** A draft as it will be stored, and what browsers are shown once it is. */
export interface Written {
  readonly draft: Draft
  readonly commit: Commit
  /** The commit's header with its answer as the caller gets it, sealed or not in the commit. */
  readonly header: CommandHeader
  readonly shown: readonly Shown[]
}

/**
 * Writes a draft: every payload is checked against its schema and becomes text. At once, or a promise when a schema is
 * asynchronous. Errors: `invalid_output`, `payload_too_large`; a plain one for a message that no domain declares.
 */
export function write(
  draft: Draft,
  execution: Execution,
  engine: Pick<Engine, 'outgoing' | 'sealing' | 'recording' | 'auditing' | 'advances' | 'cacheTags'>,
): Written | Promise<Written> {
  const { outgoing, sealing, recording, advances, cacheTags } = engine
  const waits: Promise<unknown>[] = []
  const streams: StreamAppend[] = []
  const reads: ReadCondition[] = []
  const sealer = sealing === undefined ? noSealer : createEventSealer(sealing, execution, reads)
  const isAudited = execution.contract.audited === true
  const plain: string[] | undefined = isAudited || advances.size > 0 || cacheTags.size > 0 ? [] : undefined
  let index = 0
  for (const { aggregate, id, before, events } of draft.streams) {
    if (events.length === 0) {
      reads.push({ aggregateType: aggregate.name, aggregateId: id, version: before.version })
      continue
    }
    const rows: NewEvent[] = []
    for (const { type, data } of events) {
      const contract = aggregate.folds.get(type)?.contract
      const { schema, schemaVersion = 1 } = contract ?? {}
      const put = (written: string): void => void rows.push({ type, schemaVersion, data: written })
      const at = index++
      const seal = sealer.sealOf(contract, type, id, at)
      text(schema, data, 'the event', type, waits, put, plain === undefined ? seal : noting(plain, at, seal))
    }
    streams.push({ aggregateType: aggregate.name, aggregateId: id, expectation: before.version, events: rows })
  }
  for (const condition of execution.arrival.conditions) reads.push(condition)
  const messages: OutgoingMessage[] = draft.leaving.length === 0 ? none : []
  const jobs: NewJob[] = draft.leaving.length === 0 ? none : []
  const shown: Shown[] = draft.leaving.length === 0 ? none : []
  let messageCount = 0
  let jobCount = 0
  for (const { message, audience } of draft.leaving) {
    const contract = outgoing.get(outgoingKey(message))
    if (contract === undefined) throw undeclared(execution.contract.type, message)
    const { type } = message
    const { schemaVersion = 1 } = contract
    if (message.kind === 'job') {
      jobCount++
      const terms = termsOf(contract, message, execution.arrivedAt)
      text(contract.input, message.data, 'the job', type, waits, (data) => jobs.push({ type, data, terms }))
    } else if (message.category === 'presentation')
      text(contract.schema, message.data, 'the event', type, waits, (data) => {
        const value = decode(data)
        shown.push({ type, schemaVersion, value, audience: audienceOf(audience, contract, value) })
      })
    else {
      messageCount++
      text(contract.schema, message.data, 'the event', type, waits, (data) =>
        messages.push({ key: messageKey(draft, execution), type, schemaVersion, data }),
      )
    }
  }
  const header: CommandHeader = {
    commandType: execution.contract.type,
    outcome: draft.outcome,
    answer: draft.answer === undefined ? undefined : encode(draft.answer, `the answer of ${execution.contract.type}`),
    version: versionAfter(draft.streams),
    fingerprint: execution.fingerprint,
  }
  const isTold = execution.contract.secretResult !== true || draft.outcome === 'rejected'
  const kept = isTold ? header : { ...header, answer: undefined }
  const detail = recording?.detailOf(execution, rejectionOf(draft), messageCount, jobCount)
  const commit: Commit = {
    commandId: execution.commandId,
    tenant: execution.tenant,
    context: jobCount === 0 ? encodeContext(execution.context) : encodeSender(execution.context),
    recordedAt: execution.arrivedAt,
    streams,
    reads,
    header: sealing === undefined ? kept : sealedHeader(kept, sealing, execution, waits),
    detail: sealing === undefined ? detail : sealedDetail(detail, sealing, execution, waits),
    idempotency: execution.idempotency,
    messages,
    jobs,
    audit: none,
  }
  const finish = (): Written => {
    // Behind everything that the command itself decided, so that nothing of this is counted otherwise for it.
    for (const append of epochAppends(advances, execution.tenant, draft.streams, plain ?? none)) streams.push(append)
    for (const append of tagAppends(cacheTags, execution.tenant, draft.streams, plain ?? none)) streams.push(append)
    const whole = audited(commit, engine.auditing, draft, execution, isAudited ? plain : undefined)
    return { draft, commit: whole, header, shown }
  }
  return waits.length === 0 ? finish() : Promise.all(waits).then(finish)
}

/** Nothing for nearly all commands: their contract is not audited, and their handler notes nothing. */
function audited(
  commit: Commit,
  auditing: Auditing,
  draft: Draft,
  execution: Execution,
  plain: readonly string[] | undefined,
): Commit {
  if (plain === undefined && execution.notes.length === 0) return commit
  const outcome = draft.outcome === 'accepted' ? 'succeeded' : 'rejected'
  const states = plain === undefined ? {} : auditedState(draft.streams, plain, execution)
  const end = { outcome, reason: rejectionOf(draft)?.code, ...states } as const
  return { ...commit, audit: auditing.entriesOf(actOf(execution), end, execution.notes) }
}

/** Keeps the text of an event as it is before it is sealed. */
function noting(plain: string[], at: number, seal: Seal | undefined): Seal {
  return (data) => {
    plain[at] = data
    return seal === undefined ? data : seal(data)
  }
}

/** What the messages are about: the first aggregate that the command changes or, when it changes none, has loaded; else the command. */
function messageKey({ streams }: Draft, { commandId }: Execution): string {
  const about = streams.find(({ events }) => events.length > 0) ?? streams[0]
  if (about === undefined) return commandId
  const key = `${about.aggregate.name}/${about.id}`
  return key.length > keyLengthMax ? hash('sha256', key, 'base64url') : key
}

function versionAfter(streams: readonly DraftStream[]): number | undefined {
  const [own, other] = streams
  return own === undefined || other !== undefined ? undefined : own.before.version + own.events.length
}

/** Shared by the commits that have none of a part, which are nearly all. */
const none: never[] = []

/** Code and reason of a business no. */
function rejectionOf({ outcome, answer }: Draft): RecordedError | undefined {
  if (outcome !== 'rejected') return undefined
  const { code, reason } = answer as Rejected<string, unknown>
  return { code, message: reason }
}

/** Appends in order also when a schema or a key comes later: the slot is taken at once. */
function text(
  schema: ContractParts['schema'],
  data: unknown,
  kind: string,
  type: string,
  waits: Promise<unknown>[],
  put: (text: string) => void,
  seal?: Seal,
): void {
  const what = `${kind} ${type}`
  const parsed = parse(schema, data, 'invalid_output', what)
  const finish = (written: string): void => {
    checkPayloadSize(written, what)
    put(written)
  }
  const keep = (value: unknown): void | Promise<void> => {
    const plain = encode(value, what)
    const written = seal === undefined ? plain : seal(plain)
    return written instanceof Promise ? written.then(finish) : finish(written)
  }
  let wait: Promise<void>
  if (!(parsed instanceof Promise) && waits.length === 0) {
    const kept = keep(parsed)
    if (kept === undefined) return
    wait = kept
  } else wait = (waits.at(-1) ?? Promise.resolve()).then(() => parsed).then(keep)
  waits.push(wait)
  // The first fault is the draft's; the ones behind it are never waited for and must not count as unhandled.
  wait.catch(() => undefined)
  if (parsed instanceof Promise) parsed.catch(() => undefined)
}

function undeclared(command: string, { kind, type }: Outgoing): Error {
  const mend = kind === 'job' ? 'Add its handler to a domain of the app' : "Add it to the domain's emits"
  return new Error(`${command} sends ${type}, which no domain declares. ${mend}.`)
}
