// Process managers: what follows from events, as a state of its own for each key, and what is sent at each step. Definitions only, no I/O.
import { partsOf } from '../contracts/contract.ts'
import type { AnyEvent, CommandContract, DataOf, JobContract, ReadOf } from '../contracts/contract.ts'
import type { RejectedBy, Role } from '../contracts/messages.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import type { Envelope } from '../registry/envelope.ts'
import { bitsOf } from '../registry/roles.ts'
import { checkOptions } from '../schema/options.ts'
import type { Json, MustBeJson } from '../schema/schema.ts'
import { checkWhole } from '../stores/check-text.ts'
import type { ProcessManagerParts, React } from './process-manager-parts.ts'
import type { Sendable } from './sendable.ts'

/** What follows from something that happened. What is absent stays as it is. */
export interface Step<State> {
  /** The state from now on. It is stored as it is: keep ids in it, and nothing of what an erasure has to reach. */
  readonly state?: State | undefined
  /** Stored with the state, in one commit, and sent after it. */
  readonly send?: readonly Sendable[] | undefined
  /** By name: milliseconds from now until `.onDeadline` of this name runs, instead of what was set before; `null` calls it off. */
  readonly deadlinesMs?: { readonly [name: string]: number | null } | undefined
  /** The process is over: its deadlines are called off, and what still happens to its key is passed over. */
  readonly end?: boolean | undefined
}
/** A business no to a command that the process has sent. */
export interface SentRefused<Data, Rejections> {
  readonly rejection: RejectedBy<Rejections>
  /** The input that was sent. */
  readonly data: Data
}
/** A command or job that the process has sent, and that was given up. */
export interface SentFailed<Data> {
  /** The input that was sent. */
  readonly data: Data
  /** The last failure as codes and names, without what an error said. */
  readonly error: string
  /** Runs that failed. */
  readonly attempts: number
}

type SeenData<E> = E extends { readonly category: 'integration' } ? DataOf<E> : ReadOf<E>
type SeenEvent<E> = E extends { readonly category: 'domain'; readonly type: infer Type extends string }
  ? RecordedEvent<Type, ReadOf<E>>
  : Envelope

/** Immutable: each method returns another definition. Errors of all: plain ones, at set-up, for what is registered twice. */
export interface ProcessManager<Name extends string, State> {
  readonly name: Name
  /**
   * Runs for every domain event of this type, of any domain, or for an integration event that a source of the app delivers.
   * @param key names the process that the event belongs to; `undefined`: none.
   * @param react a pure, synchronous function: it may run again for the same event.
   */
  on<const E extends AnyEvent<'domain' | 'integration'>>(
    event: E,
    key: (data: SeenData<E>, event: SeenEvent<E>) => string | undefined,
    react: (state: State, data: SeenData<E>, event: SeenEvent<E>) => Step<NoInfer<State>>,
  ): ProcessManager<Name, State>
  /** Runs when a deadline of this name has passed that was neither called off nor set again. */
  onDeadline(name: string, react: (state: State, key: string) => Step<NoInfer<State>>): ProcessManager<Name, State>
  /** Runs when a command that the process has sent was rejected. */
  onRejected<Type extends string, In, Result, Rejections, Parsed>(
    command: CommandContract<Type, In, Result, Rejections, Parsed>,
    react: (state: State, refused: SentRefused<In, Rejections>, key: string) => Step<NoInfer<State>>,
  ): ProcessManager<Name, State>
  /** Runs when a command or job that the process has sent is a dead letter: every attempt failed, or it was denied. */
  onFailed<In>(
    contract: CommandContract<string, In, unknown, unknown, unknown> | JobContract<string, In, unknown>,
    react: (state: State, failed: SentFailed<In>, key: string) => Step<NoInfer<State>>,
  ): ProcessManager<Name, State>
}

export interface ProcessManagerOptions {
  /**
   * On whose behalf it sends. `cause` (default): of whoever caused what it reacts to, as far as this one may then. `system`: of the app
   * itself, which may do everything.
   */
  readonly actor?: 'cause' | 'system' | undefined
  /** Where it begins when it is new: with the first event of the log, or with the next one. Default `start`. */
  readonly from?: 'start' | 'end' | undefined
  /** In which processes it reacts. Default: in all. */
  readonly roles?: readonly (Role | 'any')[] | undefined
  /** Failed runs of one event after which `onFailure` applies, from 1; `Infinity`: it never does. Default 10. */
  readonly attemptsMax?: number | undefined
  /**
   * What follows then. `stop` (default): it stops at the event, and nothing is passed over. `park`: the event is kept with its key, and so
   * is what follows for this key, until somebody retries it; other keys go on.
   */
  readonly onFailure?: 'stop' | 'park' | undefined
  /** Milliseconds that its process may be silent before another one takes over, 300 to 86,400,000. Default 10,000. */
  readonly leaseMs?: number | undefined
}
const optionNames = ['actor', 'from', 'roles', 'attemptsMax', 'onFailure', 'leaseMs'] as const
const namePattern = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$/

/**
 * Defines a process manager. `initial` makes the state of a process before the first event of its key; it must survive JSON.
 * Errors: plain ones, at set-up. Reference: docs/reference/process-managers.md.
 */
export function processManager<const Name extends string, State>(
  name: Name,
  initial: (() => State) & ([State] extends [Json<State>] ? unknown : () => MustBeJson<State>),
  options: ProcessManagerOptions = {},
): ProcessManager<Name, State> {
  const where = `The process manager ${name}`
  checkOptions(options, optionNames, where)
  if (!namePattern.test(name))
    throw new Error(
      `Expected a process manager's name like "Order.Payment" (letters, digits, dots), received "${name}".`,
    )
  const { actor = 'cause', from = 'start', roles, attemptsMax = 10, onFailure = 'stop', leaseMs = 10_000 } = options
  checkOneOf(actor, ['cause', 'system'], `actor of ${where}`)
  checkOneOf(from, ['start', 'end'], `from of ${where}`)
  checkOneOf(onFailure, ['stop', 'park'], `onFailure of ${where}`)
  bitsOf(roles, 'event')
  if (attemptsMax !== Number.POSITIVE_INFINITY) checkWhole(attemptsMax, 'option attemptsMax', 1)
  const handlers = { events: new Map(), deadlines: new Map(), refusals: new Map(), failures: new Map() }
  return build({ name, initial, actor, from, roles, attemptsMax, onFailure, leaseMs, ...handlers }) as ProcessManager<
    Name,
    State
  >
}

function build(parts: ProcessManagerParts): unknown {
  const { name } = parts
  return Object.freeze({
    ...parts,
    on: (event: AnyEvent, key: (data: unknown, event: unknown) => unknown, react: React) => {
      const { category, type } = event
      if (category !== 'domain' && category !== 'integration')
        throw new Error(`The process manager ${name} cannot be .on(${type}): ${category} events are output only.`)
      checkFunctions(name, `.on(${type}, ...)`, key, react)
      const registered = { contract: partsOf(event), key, react }
      return build({ ...parts, events: added(name, parts.events, `${category}:${type}`, `.on(${type})`, registered) })
    },
    onDeadline: (deadline: string, react: React) => {
      checkFunctions(name, `.onDeadline("${deadline}", ...)`, react)
      const where = `.onDeadline("${deadline}")`
      return build({ ...parts, deadlines: added(name, parts.deadlines, deadline, where, react) })
    },
    onRejected: ({ type }: { readonly type: string }, react: React) => {
      checkFunctions(name, `.onRejected(${type}, ...)`, react)
      return build({ ...parts, refusals: added(name, parts.refusals, type, `.onRejected(${type})`, react) })
    },
    onFailed: ({ kind, type }: { readonly kind: string; readonly type: string }, react: React) => {
      checkFunctions(name, `.onFailed(${type}, ...)`, react)
      const where = `.onFailed(${type})`
      return build({ ...parts, failures: added(name, parts.failures, `${kind}:${type}`, where, react) })
    },
  })
}

function added<Value>(
  name: string,
  known: ReadonlyMap<string, Value>,
  key: string,
  where: string,
  value: Value,
): ReadonlyMap<string, Value> {
  if (known.has(key)) throw new Error(`The process manager ${name} has ${where} twice. Keep one.`)
  return new Map(known).set(key, value)
}

function checkFunctions(name: string, where: string, ...given: readonly unknown[]): void {
  if (given.every((one) => typeof one === 'function')) return
  throw new Error(`Expected ${where} of the process manager ${name} to be given functions.`)
}

function checkOneOf(value: string, known: readonly string[], what: string): void {
  if (!known.includes(value))
    throw new Error(`Expected ${what} to be one of ${known.join(', ')}, received ${JSON.stringify(value)}.`)
}
