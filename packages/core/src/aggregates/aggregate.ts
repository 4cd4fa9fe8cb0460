// Aggregates: a fold over the aggregate's own events, and the commands that it decides. Definitions only, no I/O.
import type { CommandContract, DomainEventContract, Handler } from '../contracts/contract.ts'
import { partsOf } from '../contracts/contract.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Accepted, Event, Outgoing, RejectedBy, Role } from '../contracts/messages.ts'
import type { AsRead } from '../contracts/personal.ts'
import type { Position, RecordedEvent } from '../contracts/recorded-event.ts'
import { checkOptions } from '../schema/options.ts'
import type { Json } from '../schema/schema.ts'
import { emptyContext } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'

/** What a decider may know beside state and input; all of it is the same when the decision is taken again. */
export interface Facts {
  /** RFC 3339, UTC: when the command arrived. */
  readonly now: string
  readonly context: RequestContext
  /** The aggregate's version; 0 when it has no events yet. */
  readonly version: number
  newId(): string
}

/** A list of messages, a yes with a result, or a business no. */
export type Decision<Events, Result, Rejections> =
  | (undefined extends Result
      ? readonly (Events | Outgoing)[]
      : readonly 'this command has a result: return command.accept(messages, result)'[])
  | Accepted<Events | Outgoing, Result>
  | RejectedBy<Rejections>

export interface Aggregate<Name extends string, State, Events> {
  readonly name: Name
  /** The aggregate's own event, and the state after it. What has no `on` cannot be emitted. Errors: a plain one for a second `on`. */
  on<Type extends string, Data, Personal extends string>(
    event: DomainEventContract<Type, Data, Personal>,
    evolve: (state: State, data: AsRead<Data, Personal>, event: RecordedEvent<Type, AsRead<Data, Personal>>) => State,
  ): Aggregate<Name, State, Events | Event<'domain', Type, Data>>
  /**
   * Binds a command to a decider: a pure, synchronous function of state and input.
   * @param id the field of the parsed input that holds the aggregate's id, or a function of input and facts.
   */
  decide<Type extends string, In, Result, Rejections, Parsed>(
    command: CommandContract<Type, In, Result, Rejections, Parsed>,
    id:
      | { [K in keyof Parsed & string]: Parsed[K] extends string ? K : never }[keyof Parsed & string]
      | ((input: Parsed, facts: Facts) => string),
    decider: (state: State, input: Parsed, facts: Facts) => Decision<Events, Result, Rejections>,
    options?: { readonly roles?: readonly (Role | 'any')[] | undefined },
  ): Handler<CommandContract<Type, In, Result, Rejections, Parsed>>
  /** The state after these events, as the runtime folds it. */
  fold(events: readonly NoInfer<Events>[]): State
}
export type StateOf<A> = A extends Aggregate<string, infer State, infer _> ? State : never
export type EventsOf<A> = A extends Aggregate<string, infer _, infer Events> ? Events : never

/** What the runtime reads of an aggregate. */
export interface AggregateParts {
  readonly name: string
  readonly initial: () => unknown
  readonly folds: ReadonlyMap<string, EventFold>
  readonly stateVersion: number
  readonly snapshotEvery: number | undefined
}
interface EventFold {
  readonly contract: ContractParts
  readonly evolve: (state: unknown, data: unknown, event: RecordedEvent) => unknown
}
/** A command bound to a decider. */
export interface DecideHandler {
  readonly contract: ContractParts
  readonly roles: readonly (Role | 'any')[] | undefined
  readonly aggregate: AggregateParts
  readonly idOf: (input: unknown, facts: Facts) => unknown
  readonly decider: (state: unknown, input: unknown, facts: Facts) => unknown
}

export interface AggregateOptions {
  /**
   * A snapshot of the state is kept each time that so many events came, a whole number from 1; default: none is. It bounds the
   * events that a cold load reads, and costs one write of the whole state, which nobody waits for.
   */
  readonly snapshotEvery?: number | undefined
  /** The shape of the state, a whole number from 1; default 1. Raise it when folds change: older snapshots are then passed over. */
  readonly stateVersion?: number | undefined
}

/** Defines an aggregate. `initial` makes the state before the first event. Reference: docs/reference/aggregates.md. */
export function aggregate<const Name extends string, State>(
  name: Name,
  initial: () => State,
  options: AggregateOptions & SnapshotsSurviveJson<NoInfer<State>> = {},
): Aggregate<Name, State, never> {
  const { snapshotEvery, stateVersion = 1 } = checkedOptions(name, options)
  return build({ name, initial, folds: new Map(), snapshotEvery, stateVersion }) as Aggregate<Name, State, never>
}

/** A state that does not survive JSON can be folded, but no snapshot of it can be kept. */
type SnapshotsSurviveJson<State> = [State] extends [Json<State>]
  ? unknown
  : {
      readonly snapshotEvery?: 'a state that does not survive JSON (Date, bigint, Map, Set, function) has no snapshots'
    }

function checkedOptions(name: string, options: AggregateOptions): AggregateOptions {
  checkOptions(options, ['snapshotEvery', 'stateVersion'], `aggregate('${name}')`)
  for (const field of ['snapshotEvery', 'stateVersion'] as const) {
    const value = options[field]
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw new Error(`Expected ${field} of the aggregate ${name} to be a whole number from 1, received ${value}.`)
  }
  return options
}

/** The runtime side of an aggregate. */
export function aggregateParts(definition: { readonly name: string }): AggregateParts {
  return definition as AggregateParts
}

/** The state after one more event. Errors: a plain one when the aggregate does not know the event. */
export function evolve(parts: AggregateParts, state: unknown, event: RecordedEvent): unknown {
  const fold = parts.folds.get(event.type)
  if (fold === undefined) throw unknownEvent(parts, event.type)
  return fold.evolve(state, event.data, event)
}

export function unknownEvent(parts: AggregateParts, type: string): Error {
  return new Error(
    `The aggregate ${parts.name} has no .on(...) for the event ${type}. Add one: what an aggregate cannot fold it cannot emit.`,
  )
}

function build(parts: AggregateParts): unknown {
  return Object.freeze({
    ...parts,
    on: (event: DomainEventContract<string, unknown>, step: EventFold['evolve']) => {
      if (parts.folds.has(event.type))
        throw new Error(`The aggregate ${parts.name} has a second .on(...) for ${event.type}. Keep one.`)
      return build({
        ...parts,
        folds: new Map(parts.folds).set(event.type, { contract: partsOf(event), evolve: step }),
      })
    },
    decide: (
      command: CommandContract<string, unknown>,
      id: string | DecideHandler['idOf'],
      decider: DecideHandler['decider'],
      options?: { readonly roles?: readonly (Role | 'any')[] | undefined },
    ): DecideHandler => ({
      contract: partsOf(command),
      roles: options?.roles,
      aggregate: parts,
      idOf: typeof id === 'string' ? (input) => (input as Record<string, unknown>)[id] : id,
      decider,
    }),
    fold: (events: readonly Event<'domain', string, unknown>[]) =>
      events.reduce((state, event, index) => evolve(parts, state, imagined(parts, event, index + 1)), parts.initial()),
  })
}

/** A recorded form for an event that was never stored, for folds in tests. */
function imagined(parts: AggregateParts, event: Event<'domain', string, unknown>, version: number): RecordedEvent {
  return {
    id: `imagined.${version}`,
    commandId: 'imagined',
    type: event.type,
    data: event.data,
    schemaVersion: parts.folds.get(event.type)?.contract.schemaVersion ?? 1,
    position: version as Position,
    tenant: '',
    workspace: undefined,
    domain: event.type.slice(0, event.type.indexOf('.')),
    aggregate: { type: parts.name, id: 'imagined' },
    version,
    recordedAt: '1970-01-01T00:00:00.000Z',
    context: emptyContext,
  }
}
