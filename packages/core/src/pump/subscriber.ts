// Subscribers: functions that run when something has happened. A definition, nothing runs here.
import { partsOf } from '../contracts/contract.ts'
import type { AnyEvent, ContractParts, DataOf, ReadOf } from '../contracts/contract.ts'
import type { Command, Query, Role } from '../contracts/messages.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import type { Outcome } from '../dispatch/handler.ts'
import type { QueryOptions, SentOptions } from '../dispatch/options.ts'
import type { Envelope } from '../registry/envelope.ts'
import { bitsOf } from '../registry/roles.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import { deletedEventType } from '../stores/event/event-store.ts'
import { leaseDurationMsMax } from '../stores/lease/lease-store.ts'

/** What a subscriber is given beside the data of an event. */
export interface EventContext<Event> {
  /** As it lies in the log; an integration event as it came. */
  readonly event: Event
  /** What is sent is sent on behalf of this: who caused the event, its tenant, its correlation, and the event as the cause. */
  readonly context: RequestContext
  /** Which run of this event it is, from 1; a process that takes over begins anew. */
  readonly attempt: number
  /** Aborts when another process has taken over, or the app stops and has waited long enough. */
  readonly signal: AbortSignal
  /**
   * Sends a command. Its id is made from subscriber, event and the number of the call, so a repeated run finds the first outcome
   * and must send the same. `options.context` is added to `context`. Errors: as `running.dispatch`.
   */
  dispatch<Result, Rejections>(
    command: Command<string, unknown, Result, Rejections>,
    options?: SentOptions,
  ): Promise<Outcome<Result, Rejections>>
  /** Asks; read models have this event, unless `after` names another place. Errors: as `running.query`. */
  query<Result>(message: Query<string, unknown, Result>, options?: Omit<QueryOptions, 'signal'>): Promise<Result>
}

type SeenData<E> = E extends { readonly category: 'integration' } ? DataOf<E> : ReadOf<E>
type SeenEvent<E> = E extends { readonly category: 'domain'; readonly type: infer Type extends string }
  ? RecordedEvent<Type, ReadOf<E>>
  : Envelope

export interface Subscriber<Name extends string> {
  readonly name: Name
  /**
   * Runs for every domain event of this type, whichever domain's it is, or for an integration event that a source of the app
   * delivers. One function per event. It may run again for the same event.
   */
  on<const E extends AnyEvent<'domain' | 'integration'>>(
    event: E,
    run: (data: SeenData<E>, context: EventContext<SeenEvent<E>>) => Promise<unknown> | void,
  ): Subscriber<Name>
  /** Runs for every domain event, after what `.on` registered for it. Deleted events are passed over. */
  onAny(run: (data: unknown, context: EventContext<RecordedEvent>) => Promise<unknown> | void): Subscriber<Name>
}

export interface SubscriberOptions {
  /**
   * `true` (default): keeps its place in the store, runs in one process of all, and sees every event at least once. `false`: runs in
   * every process for what happens while it is there, and keeps nothing.
   */
  readonly durable?: boolean | undefined
  /** Where a durable one begins when it is new: with the first event of the log, or with the next one. Default `start`. */
  readonly from?: 'start' | 'end' | undefined
  /** In which processes it runs. Default: in all. */
  readonly roles?: readonly (Role | 'any')[] | undefined
  /** Failed runs of one event after which it stops, from 1; `Infinity` never stops. Default 10. */
  readonly attemptsMax?: number | undefined
  /** Milliseconds that its process may be silent before another one takes over, 300 to 86,400,000. Default 10,000. */
  readonly leaseMs?: number | undefined
}
const optionNames = ['durable', 'from', 'roles', 'attemptsMax', 'leaseMs'] as const
const leaseMsMin = 300

export type Run = (data: unknown, context: EventContext<unknown>) => unknown
interface Registered {
  readonly contract: ContractParts
  readonly run: Run
}
/** What the runtime reads of a subscriber. */
export interface SubscriberParts {
  readonly name: string
  readonly durable: boolean
  readonly from: 'start' | 'end'
  readonly roles: readonly (Role | 'any')[] | undefined
  readonly attemptsMax: number
  readonly leaseMs: number
  /** By type of the event. */
  readonly domain: ReadonlyMap<string, Registered>
  readonly integration: ReadonlyMap<string, Registered>
  readonly any: Run | undefined
}

/** Defines a subscriber. Errors: plain ones, at set-up. Reference: docs/reference/subscribers.md. */
export function subscriber<const Name extends string>(name: Name, options: SubscriberOptions = {}): Subscriber<Name> {
  const where = `The subscriber ${name}`
  checkOptions(options, optionNames, where)
  if (!namePattern.test(name))
    throw new Error(`Expected a subscriber's name like "SendMail" (letters, digits, dots), received "${name}".`)
  const { durable = true, from = 'start', roles, attemptsMax = 10, leaseMs = 10_000 } = options
  if (from !== 'start' && from !== 'end')
    throw new Error(`Expected from of the subscriber ${name} to be "start" or "end", received ${JSON.stringify(from)}.`)
  if (!durable && (options.from !== undefined || options.leaseMs !== undefined))
    throw new Error(`${where} is not durable, so it has neither from nor leaseMs. Leave them out.`)
  bitsOf(roles, 'event')
  if (attemptsMax !== Number.POSITIVE_INFINITY) checkWhole(attemptsMax, 'option attemptsMax', 1)
  checkWhole(leaseMs, 'option leaseMs', leaseMsMin, leaseDurationMsMax)
  const events = { domain: new Map(), integration: new Map(), any: undefined }
  return build({ name, durable, from, roles, attemptsMax, leaseMs, ...events }) as Subscriber<Name>
}

const namePattern = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$/

/** The runtime side of a subscriber. */
export function subscriberParts(definition: { readonly name: string }): SubscriberParts {
  return definition as SubscriberParts
}

/** What it runs for an event of the log, in this order; nothing for one that was deleted. */
export function runsFor({ domain, any }: SubscriberParts, { type }: RecordedEvent): readonly Run[] {
  if (type === deletedEventType) return none
  const own = domain.get(type)?.run
  if (own === undefined) return any === undefined ? none : [any]
  return any === undefined ? [own] : [own, any]
}
const none: readonly Run[] = []

function build(parts: SubscriberParts): unknown {
  return Object.freeze({
    ...parts,
    on: (event: AnyEvent, run: Run) => {
      const { category, type } = event
      if (category !== 'domain' && category !== 'integration')
        throw new Error(`The subscriber ${parts.name} cannot be .on(${type}): ${category} events are output only.`)
      checkRun(parts, `.on(${type}, ...)`, run)
      if (parts[category].has(type)) throw twice(parts, `.on(${type}, ...)`)
      return build({ ...parts, [category]: new Map(parts[category]).set(type, { contract: partsOf(event), run }) })
    },
    onAny: (run: Run) => {
      checkRun(parts, '.onAny(...)', run)
      if (parts.any !== undefined) throw twice(parts, '.onAny(...)')
      return build({ ...parts, any: run })
    },
  })
}

function checkRun({ name }: SubscriberParts, where: string, run: unknown): void {
  if (typeof run !== 'function') throw new Error(`Expected ${where} of the subscriber ${name} to be given a function.`)
}

function twice({ name }: SubscriberParts, where: string): Error {
  return new Error(
    `The subscriber ${name} has ${where} twice. Keep one, or make a subscriber of the other: it fails alone.`,
  )
}
