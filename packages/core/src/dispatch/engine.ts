// What the dispatch functions share: the store, the folded states, the policies around a command.
import type { AggregateParts } from '../aggregates/aggregate.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { AuditNote, Auditing } from './auditing.ts'
import type { Attempt, CommandRecording } from './command-recording.ts'
import type { Outcome } from './handler.ts'
import type { Ids } from '../ids/ids.ts'
import type { Registry } from '../registry/registry.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { CommandHeader, IdempotencyEntry, ReadCondition } from '../stores/commit.ts'
import type { EventDecoder } from '../stores/event/event-decoder.ts'
import type { CommitOptions, EventStore } from '../stores/event/event-store.ts'
import type { Sealing } from '../stores/event/sealing.ts'
import type { Tokens } from '../stores/event/token.ts'
import type { Alarms } from '../time/alarms.ts'
import type { Clock } from '../time/clock.ts'
import type { Deadline } from '../time/deadline.ts'
import type { Advances } from './advances.ts'
import type { CacheTags } from './cache-tags.ts'
import type { Caching } from './caching.ts'
import type { AggregateQueue } from './aggregate-queue.ts'
import type { AggregateStates } from './aggregate-states.ts'
import type { Gate } from './gate.ts'
import type { Tracing } from '../observation/tracing.ts'
import type { Meter } from './meter.ts'
import type { Views } from './views.ts'
import type { OutgoingContracts } from './outgoing.ts'
import type { Present } from './present.ts'
import type { Role } from '../contracts/messages.ts'

export type AnyOutcome = Outcome<unknown, { [code: string]: unknown }>

/** One command on its way, after its input was parsed and every check has let it pass. */
export interface Execution extends Attempt {
  readonly contract: ContractParts
  readonly canonical: string
  /** Keyed hash of type, sender and payload. */
  readonly fingerprint: string
  readonly input: unknown
  readonly deadline: Deadline
  readonly commitOptions: CommitOptions | undefined
  readonly arrival: Arrival
  /** What its handler notes for the audit log, in the attempt that is being decided. */
  notes: readonly AuditNote[]
  /** Counted while it is decided. */
  retries: number
  /** Set by the idempotency policy before the decision. */
  idempotency: IdempotencyEntry | undefined
}
/** A message before its payload was read. */
export interface Arrival {
  readonly contract: ContractParts
  readonly context: RequestContext
  readonly deadline: Deadline
  readonly metadata: { readonly [name: string]: string } | undefined
  /** Whether a permission must be looked at anew, because no commit will say that it still holds: queries, repetitions, second attempts. */
  isStrict: boolean
  /** What must still hold when the command is stored; set by the policy that let it pass. */
  conditions: readonly ReadCondition[]
}

/** A policy around commands and queries. A phase that has nothing to wait for returns at once. */
export interface Middleware {
  readonly name: string
  /** Needs no payload; throws to refuse. */
  readonly authorize?: ((arrival: Arrival) => void | Promise<void>) | undefined
  /** Needs the parsed input; throws to refuse. */
  readonly check?: ((arrival: Arrival, input: unknown) => void | Promise<void>) | undefined
  /**
   * The store refused a commit because a stream of epochs is at version `actual`; or, without a stream, did not say whether it stored what
   * moves epochs. What the policy knows is read anew where it is older.
   */
  readonly outdated?:
    | ((stream?: { readonly tenant: string; readonly aggregateId: string }, actual?: number) => void)
    | undefined
  /** Around deciding and committing; commands only. */
  readonly around?: ((execution: Execution, next: () => Promise<AnyOutcome>) => Promise<AnyOutcome>) | undefined
}

export interface Engine {
  readonly registry: Registry
  readonly gate: Gate
  /** The role that the app was started with. */
  readonly role: Role | undefined
  readonly store: EventStore
  readonly decoder: EventDecoder
  /** Absent: nothing is sealed. */
  readonly sealing: Sealing | undefined
  readonly tokens: Tokens
  readonly states: AggregateStates
  readonly queue: AggregateQueue
  readonly views: Views
  readonly clock: Clock
  readonly alarms: Alarms
  readonly ids: Ids
  /** The tenant of a contract's data, by type, where its domain names one. */
  readonly places: ReadonlyMap<string, string>
  /** In the order in which they apply. */
  readonly middleware: readonly Middleware[]
  readonly aggregates: ReadonlyMap<string, AggregateParts>
  /** Contracts of the app's domain events, by type. */
  readonly events: ReadonlyMap<string, ContractParts>
  readonly outgoing: OutgoingContracts
  /** What tells the command log; absent when headers alone are recorded. */
  readonly recording: CommandRecording | undefined
  readonly auditing: Auditing
  readonly meter: Meter
  /** Absent: nobody traces. */
  readonly tracing?: Tracing | undefined
  /** Types of domain events that change permissions, with the epochs that each moves. */
  readonly advances: Advances
  /** Types of domain events that end what was cached, with the tags of each. */
  readonly cacheTags: CacheTags
  readonly caching: Caching
  /** Sends what a stored commit shows to the fanout. Never throws: the command's outcome stands. */
  readonly present: Present
}

/** The outcome that a header tells: to the command's caller, and in the same words to a repetition. */
export function outcomeOf(
  tokens: Tokens,
  header: CommandHeader,
  commandId: string,
  { position, eventCount }: { readonly position: number; readonly eventCount: number },
): AnyOutcome {
  const answer: unknown = header.answer === undefined ? undefined : JSON.parse(header.answer)
  const token = tokens.token(position, eventCount === 0 ? undefined : commandId)
  const rest = { token, commandId, version: header.version }
  return header.outcome === 'rejected'
    ? { ok: false, rejection: answer as never, ...rest }
    : { ok: true, result: answer, ...rest }
}
