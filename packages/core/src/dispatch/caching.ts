// What handlers keep and find again: the port of the cache. The cache fills it.
import type { Token } from '../contracts/recorded-event.ts'
import type { Readable } from '../read-models/read-model.ts'
import type { Deadline } from '../time/deadline.ts'

declare const cachedValue: unique symbol

/** Names a value of this type in the cache. Made by what `cacheKey` returns. */
export interface CachedKey<Value> {
  readonly text: string
  readonly [cachedValue]?: Value
}

/** How long a value may be used, and what makes it old. The same key is always given the same `aggregates` and `tags`. */
export interface CachedOptions {
  /** Milliseconds that a value is used, 1 to 31,536,000,000 (365 days). It is up to a tenth less, so that values do not all end at once. */
  readonly ttlMs: number
  /** Aggregates that it was made from: an event of one of them ends it. 64 together with `tags`. */
  readonly aggregates?: readonly (readonly [aggregate: { readonly name: string }, id: string])[] | undefined
  /** Names that it is ended by, with others that have them. */
  readonly tags?: readonly string[] | undefined
  /** Milliseconds that "there is none" is used, 0 for not at all. Default: `ttlMs`, at most 5,000. */
  readonly negativeTtlMs?: number | undefined
  /** Milliseconds after its end that a value is still given while loading fails. Default 0. */
  readonly staleOnErrorMs?: number | undefined
  /** Milliseconds after its end that a value is given at once while it is loaded anew behind it. Default 0. */
  readonly staleWhileLoadingMs?: number | undefined
}

/** What a load is given. */
export interface Loading {
  /** What was stored up to here the load must see: give it to queries as `after`. */
  readonly after: Token
  /** Aborts when the load has taken too long, or the app stops. */
  readonly signal: AbortSignal
}
/** What a load in a handler is given: others may wait for the same one, so it has a deadline of its own. */
export interface HandlerLoading extends Loading {
  /** A read model's reader, whose methods wait for `after`. */
  read<Reader>(model: Readable<Reader>): Reader
}
/** The cache as a query's handler sees it: that of the query's tenant. */
export interface HandlerCache {
  /**
   * The value that was kept, or what `load` finds; `undefined`: there is none. Loads of one key are one at a time. Values are JSON and frozen.
   * Errors: what `load` throws, unless an older value may stand in; `invalid_output`, `deadline_exceeded`. Reference: docs/reference/cache.md.
   */
  get<Value>(
    key: CachedKey<Value>,
    load: (loading: HandlerLoading) => Promise<Value | undefined>,
    options: CachedOptions,
  ): Promise<Value | undefined>
}

/** A load as the cache gives it to those that make readers of it. */
export interface Loads extends Loading {
  /** The position behind `after`. */
  readonly position: number
  readonly deadline: Deadline
}
export interface CacheAsked {
  readonly tenant: string
  /** A position that the value must not be older than. */
  readonly after: number | undefined
  /** Of this caller alone; the load goes on for others. */
  readonly deadline: Deadline
}
export interface Caching {
  get<Value>(
    key: CachedKey<Value>,
    load: (loads: Loads) => Promise<Value | undefined>,
    options: CachedOptions,
    asked: CacheAsked,
  ): Promise<Value | undefined>
}
