// Contracts: named, typed definitions of messages. Each is the function that makes its message.
import type { Schema } from '../schema/schema.ts'
import type { MustBeStorable } from '../schema/schema.ts'
import type { JobOptions, JobSettings } from './job-options.ts'
import type { Accepted, Category, Command, Event, Job, Kind, Query, Rejected, Role } from './messages.ts'
import type { AsRead, MustKeepPersonal, PersonalAfter, PersonalParts, RevisedPersonal } from './personal.ts'

type Arguments<In> = [In] extends [void] ? [] : [input: In]
type DetailsArgument<Details> = [Details] extends [undefined]
  ? []
  : undefined extends Details
    ? [details?: Details]
    : [details: Details]

/** The least that a contract of any kind has; constraints use it, so that no `any` is needed. */
export interface AnyContract {
  readonly kind: Kind
  readonly type: string
}
export interface AnyEvent<C extends Category = Category> {
  readonly kind: 'event'
  readonly category: C
  readonly type: string
}

export interface CommandContract<Type extends string, In, Result = void, Rejections = {}, Parsed = In> {
  (...input: Arguments<In>): Command<Type, In, Result, Rejections>
  readonly kind: 'command'
  readonly type: Type
  readonly input: Schema<In, Parsed> | undefined
  /** A business no: returned, never thrown. */
  reject<Code extends keyof Rejections & string>(
    code: Code,
    ...details: DetailsArgument<Rejections[Code]>
  ): Rejected<Code, Rejections[Code]>
  /** A yes with a result. */
  accept<Message>(messages: readonly Message[], result: Result): Accepted<Message, Result>
}
export interface QueryContract<Type extends string, In, Result, Parsed = In> {
  (...input: Arguments<In>): Query<Type, In, Result>
  readonly kind: 'query'
  readonly type: Type
  readonly input: Schema<In, Parsed> | undefined
}
type JobArguments<In> = [In] extends [void]
  ? [input?: undefined, options?: JobOptions]
  : [input: In, options?: JobOptions]

export interface JobContract<Type extends string, In, Parsed = In> {
  /** The second argument says how this one job is run. */
  (...input: JobArguments<In>): Job<Type, In>
  readonly kind: 'job'
  readonly type: Type
  readonly input: Schema<In, Parsed> | undefined
}
export interface EventContract<C extends Category, Type extends string, Data> {
  (data: Data): Event<C, Type, Data>
  readonly kind: 'event'
  readonly category: C
  readonly type: Type
  /** Counts from 1; each `revise` adds one. */
  readonly schemaVersion: number
}
/** `Personal`: the names of the fields that are about a person. Handlers see them as they are, or erased. */
export interface DomainEventContract<Type extends string, Data, Personal extends string = never> extends EventContract<
  'domain',
  Type,
  Data
> {
  readonly personal: PersonalParts<Personal> | undefined
  /**
   * The next schema version, and how stored data of this one becomes data of the next. Only the last version can be emitted.
   * Personal fields stay so; `options.personal` names them anew, `'none'` says that there are none any more.
   */
  revise<In, Next, const Said extends RevisedPersonal<Next> = never>(
    schema: Schema<In, Next> & MustBeStorable<In, Next> & MustKeepPersonal<Next, Said, Personal>,
    upcast: (old: AsRead<Data, Personal>) => NoInfer<AsRead<Next, PersonalAfter<Said, Personal>>>,
    options?: { readonly personal?: Said | undefined },
  ): DomainEventContract<Type, Next, PersonalAfter<Said, Personal>>
}

/** What the runtime reads of a contract; the typed interfaces above are what users see. */
export interface ContractParts {
  readonly kind: Kind
  readonly type: string
  readonly category?: Category
  readonly input?: Schema<unknown, unknown> | undefined
  readonly result?: Schema<unknown, unknown> | undefined
  readonly resultName?: string | undefined
  readonly rejections?: { readonly [code: string]: RejectionOption } | undefined
  readonly redact?: { readonly [field: string]: 'secret' | 'personal' } | undefined
  readonly anonymousKeys?: boolean | undefined
  /** The result is told once and stored nowhere. */
  readonly secretResult?: boolean | undefined
  /** What the permission of this name allows, for people; default: the name. */
  readonly description?: string | undefined
  /** Every outcome leaves an entry in the audit log. */
  readonly audited?: boolean | undefined
  /** Queries: `false` when no caller may ask for the history of what the answer shows. */
  readonly history?: false | undefined
  /** Jobs: how they are run. */
  readonly settings?: JobSettings | undefined
  /** Events: schema of the current version, and one step per older version. */
  readonly schema?: Schema<unknown, unknown> | undefined
  readonly schemaVersion?: number
  readonly upcasts?: readonly ((old: unknown) => unknown)[]
  /** Presentation events: the labels that a client must all hold to see one, made of its data; absent: everyone. */
  readonly audience?: (data: unknown) => readonly string[]
  /** Domain events: the personal fields of the current version; absent when there are none. */
  readonly personal?: PersonalParts
}
export type RejectionOption = string | { readonly reason: string; readonly details: Schema<unknown, unknown> }

/** The runtime side of a contract. */
export function partsOf(contract: AnyContract): ContractParts {
  return contract
}

/** A contract bound to what runs it. Opaque to users; folds and dispatch share it without a circle. */
export interface Handler<Contract extends AnyContract> {
  readonly contract: Contract
  readonly roles: readonly (Role | 'any')[] | undefined
}

/** The parsed input of a contract, for a decider that stands alone. */
export type InputOf<Contract> = Contract extends { readonly input: Schema<infer _, infer Parsed> | undefined }
  ? Parsed
  : never
/** The data of an event contract. */
export type DataOf<Contract> = Contract extends EventContract<Category, string, infer Data> ? Data : never
/** The data of a domain event as handlers see it: personal fields may have been erased. */
export type ReadOf<Contract> =
  Contract extends DomainEventContract<string, infer Data, infer Personal> ? AsRead<Data, Personal> : never
/** The message that a contract makes. */
export type MessageOf<Contract> = Contract extends (...input: never[]) => infer Message ? Message : never
