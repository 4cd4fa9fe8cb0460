// A decision before it is stored: which streams were read and what is appended to them, what leaves, and the answer.
import type { AggregateParts } from '../aggregates/aggregate.ts'
import { checkPayloadSize, decode, encode } from '../codec/json.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Event, Outgoing } from '../contracts/messages.ts'
import { encodeContext } from '../request-context/request-context.ts'
import { parse } from '../schema/parse.ts'
import type { Commit, NewEvent, NewJob, OutgoingMessage, ReadCondition, StreamAppend } from '../stores/commit.ts'
import type { Execution } from './engine.ts'
import type { AggregateState } from './aggregate-states.ts'
import { outgoingKey } from './outgoing.ts'
import type { Leaving, OutgoingContracts, Shown } from './outgoing.ts'

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
  readonly shown: readonly Shown[]
}

/**
 * Writes a draft: every payload is checked against its schema and becomes text. At once, or a promise when a schema is
 * asynchronous. Errors: `invalid_output`, `payload_too_large`; a plain one for a message that no domain declares.
 */
export function write(
  draft: Draft,
  execution: Execution,
  outgoing: OutgoingContracts,
  fingerprint: string | undefined,
): Written | Promise<Written> {
  const waits: Promise<unknown>[] = []
  const streams: StreamAppend[] = []
  const reads: ReadCondition[] = []
  for (const { aggregate, id, before, events } of draft.streams) {
    if (events.length === 0) {
      reads.push({ aggregateType: aggregate.name, aggregateId: id, version: before.version })
      continue
    }
    const rows: NewEvent[] = []
    for (const { type, data } of events) {
      const { schema, schemaVersion = 1 } = aggregate.folds.get(type)?.contract ?? {}
      text(schema, data, 'the event', type, waits, (written) => rows.push({ type, schemaVersion, data: written }))
    }
    streams.push({ aggregateType: aggregate.name, aggregateId: id, expectation: before.version, events: rows })
  }
  const messages: OutgoingMessage[] = draft.leaving.length === 0 ? none : []
  const jobs: NewJob[] = draft.leaving.length === 0 ? none : []
  const shown: Shown[] = draft.leaving.length === 0 ? none : []
  for (const { message, audience } of draft.leaving) {
    const contract = outgoing.get(outgoingKey(message))
    if (contract === undefined) throw undeclared(execution.contract.type, message)
    const { type } = message
    const { schemaVersion = 1 } = contract
    if (message.kind === 'job')
      text(contract.input, message.data, 'the job', type, waits, (data) => jobs.push({ type, data }))
    else if (message.category === 'presentation')
      text(contract.schema, message.data, 'the event', type, waits, (data) =>
        shown.push({ type, schemaVersion, value: decode(data), audience }),
      )
    else
      text(contract.schema, message.data, 'the event', type, waits, (data) =>
        messages.push({ type, schemaVersion, data }),
      )
  }
  const commit: Commit = {
    commandId: execution.commandId,
    tenant: execution.tenant,
    context: encodeContext(execution.context),
    recordedAt: execution.arrivedAt,
    streams,
    reads,
    header: {
      commandType: execution.contract.type,
      outcome: draft.outcome,
      answer: draft.answer === undefined ? undefined : encode(draft.answer, `the answer of ${execution.contract.type}`),
      version: versionAfter(draft.streams),
      fingerprint,
    },
    idempotency: execution.idempotency,
    messages,
    jobs,
    audit: none,
  }
  const written = { draft, commit, shown }
  return waits.length === 0 ? written : Promise.all(waits).then(() => written)
}

function versionAfter(streams: readonly DraftStream[]): number | undefined {
  const [own, other] = streams
  return own === undefined || other !== undefined ? undefined : own.before.version + own.events.length
}

/** Shared by the commits that have none of a part, which are nearly all. */
const none: never[] = []

/** Appends in order also when a schema answers later: the slot is taken at once. */
function text(
  schema: ContractParts['schema'],
  data: unknown,
  kind: string,
  type: string,
  waits: Promise<unknown>[],
  put: (text: string) => void,
): void {
  const what = `${kind} ${type}`
  const parsed = parse(schema, data, 'invalid_output', what)
  const keep = (value: unknown): void => {
    const written = encode(value, what)
    checkPayloadSize(written, what)
    put(written)
  }
  if (!(parsed instanceof Promise) && waits.length === 0) return keep(parsed)
  const wait = (waits.at(-1) ?? Promise.resolve()).then(() => parsed).then(keep)
  waits.push(wait)
  // The first fault is the draft's; the ones behind it are never waited for and must not count as unhandled.
  wait.catch(() => undefined)
  if (parsed instanceof Promise) parsed.catch(() => undefined)
}

function undeclared(command: string, { kind, type }: Outgoing): Error {
  const mend = kind === 'job' ? 'Add its handler to a domain of the app' : "Add it to the domain's emits"
  return new Error(`${command} sends ${type}, which no domain declares. ${mend}.`)
}
