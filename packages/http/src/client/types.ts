// The client's types: the app's own, carried over the wire.
import type { EventSubscription, SubscribeOptions } from './subscriptions.ts'
import type {
  AnyContract,
  AnyDomain,
  Asked,
  Command,
  DispatchOptions,
  Event,
  HistoryAsked,
  Outcome,
  QueriesInvalidatedData,
  Query,
  QueryOptions,
} from '@gesta/core'

export interface ClientOptions<A = unknown> {
  /** Where the app is served, such as `https://shop.example`; a path is kept. */
  readonly baseUrl: string
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Sent with every call, such as `authorization`; a function is asked before each. */
  readonly headers?: HeaderValues | (() => HeaderValues | Promise<HeaderValues>) | undefined
  /** The access token or API key of who asks, for `authorization: Bearer`; asked before each call. */
  readonly token?: (() => string | undefined | Promise<string | undefined>) | undefined
  /**
   * `cookie`, in a browser: who asks is known by cookies that no script reads, sign-in sets them, and they are refreshed by themselves.
   * Default: by `token` or `headers`.
   */
  readonly session?: 'cookie' | undefined
  /**
   * Called when the server knows the caller no more (401): once for all calls that are under way, which are then sent once more. It is given
   * a client that neither sends the token nor refreshes. What it resolves to counts unless it is `false` or an outcome that says no; what
   * it throws ends nothing but the calls. Default with `session: 'cookie'`: `Auth.Refresh`.
   */
  readonly refresh?: ((client: Client<A>) => unknown) | undefined
  /** Milliseconds without a sign of life after which a stream of events is opened anew; more than the server's heartbeat. Default 45,000. */
  readonly silenceMs?: number | undefined
}
type HeaderValues = { readonly [name: string]: string }

/** Of `dispatch`'s options, those that travel. With an idempotency key, a call whose answer was lost is sent again by itself. */
export type CommandCallOptions = Pick<
  DispatchOptions,
  'idempotencyKey' | 'commandId' | 'expectedVersion' | 'deadlineMs' | 'signal'
>
/** Of `query`'s options, those that travel. */
export interface QueryCallOptions<History = undefined> extends Pick<QueryOptions, 'after' | 'deadlineMs' | 'signal'> {
  readonly history?: History | undefined
}

type DomainsOf<A> = A extends { readonly domains: readonly (infer D extends AnyDomain)[] } ? D : never
/** Options come second: without an input, pass `undefined` first. */
type Arguments<Input extends readonly unknown[], Options> = Input extends readonly []
  ? [input?: undefined, options?: Options]
  : [...Input, options?: Options]
type Remote<Contract> = Contract extends (
  ...input: infer Input
) => Command<string, unknown, infer Result, infer Rejections>
  ? (...input: Arguments<Input, CommandCallOptions>) => Promise<Outcome<Result, Rejections>>
  : Contract extends (...input: infer Input) => Query<string, unknown, infer Result>
    ? RemoteQuery<Input, Result>
    : Contract extends (data: infer Data) => Event<'presentation', string, unknown>
      ? Shown<Data>
      : never
/** `void` stands for a question of which nothing is known, as in `ReturnType`: its answer is the result. */
type RemoteQuery<Input extends readonly unknown[], Result> = <History extends HistoryAsked | void = undefined>(
  ...input: Arguments<Input, QueryCallOptions<History>>
) => Promise<void extends History ? Result : History extends HistoryAsked ? Asked<Result, History> : never>
/** A presentation event, `client.Order.Changed.subscribe(...)`. Reference: docs/reference/fanout.md. */
interface Shown<Data> {
  subscribe(listener: (data: Data) => void, options?: SubscribeOptions): EventSubscription
}
type RemoteDomain<Name extends string, Contract extends AnyContract> = {
  readonly [
    C in Contract as C extends { readonly kind: 'command' | 'query' } | { readonly category: 'presentation' }
      ? C['type'] extends `${Name}.${infer Local}`
        ? Local
        : never
      : never
  ]: Remote<C>
}
/** `client.Order.Place({ ... })`. Properties, not a generic call: the compiler resolves only what is used, once. */
export type Client<A> = {
  readonly [D in DomainsOf<A> as D['name']]: RemoteDomain<D['name'], D['contracts'][number]>
} & {
  /** What every app may show. */
  readonly Gesta: { readonly QueriesInvalidated: Shown<QueriesInvalidatedData> }
}
