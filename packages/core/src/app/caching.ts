// The cache of a started app: its layers, what it hears of the log, and what the app's users get of it.
import { createCache } from '../cache/cache.ts'
import type { Cache, CacheState } from '../cache/cache.ts'
import { cachingSettings } from '../cache/options.ts'
import type { CachingOptions } from '../cache/options.ts'
import type { Token } from '../contracts/recorded-event.ts'
import type { CachedKey, CachedOptions, Caching, Loading } from '../dispatch/caching.ts'
import { tagAppend } from '../dispatch/cache-tags.ts'
import { commitOwn } from '../dispatch/own-commit.ts'
import { followNames } from '../pump/follow-names.ts'
import type { Pump } from '../pump/pump.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import type { Tokens } from '../stores/event/token.ts'
import type { Alarms } from '../time/alarms.ts'
import { deadline } from '../time/deadline.ts'

export interface CacheGetOptions extends CachedOptions {
  /** Whose value it is. Default: of the app without tenants. */
  readonly tenant?: string | undefined
  /** The value is not older than this token. */
  readonly after?: Token | undefined
  /** Gives up waiting; the load goes on for others. */
  readonly signal?: AbortSignal | undefined
}
/** The cache beside handlers: for jobs, subscribers and programs. Whoever holds the app may use it: no permission is checked here. */
export interface AppCache {
  /**
   * The value that was kept, or what `load` finds; `undefined`: there is none. Loads of one key are one at a time in a process. Values are JSON
   * and frozen. Errors: what `load` throws, unless an older value may stand in; `invalid_output`, `invalid_key`, `deadline_exceeded`.
   * Reference: docs/reference/cache.md.
   */
  get<Value>(
    key: CachedKey<Value>,
    load: (loading: Loading) => Promise<Value | undefined>,
    options: CacheGetOptions,
  ): Promise<Value | undefined>
  /** Ends what was cached under tags, in every process: a commit of its own. Errors: `invalid_key`, `store_*`, `outcome_unknown`. */
  invalidate(
    tags: readonly string[],
    options?: { readonly tenant?: string | undefined },
  ): Promise<{ readonly token: Token }>
  /** Forgets one value here and in the shared layer; other processes keep theirs until its end. Errors: `store_*`. */
  forget(key: CachedKey<unknown>, options?: { readonly tenant?: string | undefined }): Promise<void>
  /** What it has and what it did. */
  readonly state: CacheState
}
export interface CachingParts {
  readonly backend: OpenBackend
  readonly options: CachingOptions
  /** Whether the cache store was given apart from the backend. */
  readonly hasOwnStore: boolean
  readonly pump: Pump
  readonly tokens: Tokens
  readonly alarms: Alarms
  readonly where: string
}
export interface OpenCaching extends AsyncDisposable {
  readonly caching: Caching
  readonly cache: AppCache
  /** `undefined` before it is first asked for something. */
  state(): CacheState | undefined
}

const commandType = 'Gesta.InvalidateCache'

export function openCaching(
  { backend, options, hasOwnStore, pump, tokens, alarms, where }: CachingParts,
  { clock, ids }: BackendRuntime,
): OpenCaching {
  const { events: store } = backend
  const isShared = options.shared ?? hasOwnStore
  const unlimited = deadline(alarms, undefined, undefined)
  let made: Cache | undefined
  let following: Promise<void> | undefined
  /** Made when it is first asked for: an app that caches nothing follows nothing for it. */
  const cacheOf = (): Cache => {
    if (made !== undefined) return made
    const cache = createCache({
      store,
      tokens,
      alarms,
      ids,
      settings: cachingSettings(options, where),
      shared: isShared ? backend.cache : undefined,
      head: pump.head,
      manyWriters: backend.shared === true,
    })
    following = followNames(
      {
        pump,
        store,
        clock,
        ids,
        onEvents: (events, position) => {
          for (const { tenant, aggregateType, aggregateId, position: at } of events)
            cache.heard(tenant, aggregateType, aggregateId, at)
          cache.followed(position)
        },
        onTrouble: () => cache.followed(undefined),
      },
      pump.head,
    )
    made = cache
    return cache
  }
  const cache: AppCache = {
    get: async (key, load, asked) => {
      const { tenant = '', after, signal } = asked
      return cacheOf().get(key, load, asked, {
        tenant,
        after: after === undefined ? undefined : tokens.place(after).position,
        deadline: signal === undefined ? unlimited : deadline(alarms, undefined, signal),
      })
    },
    invalidate: (tags, { tenant = '' } = {}) =>
      commitOwn(
        { store, tokens, clock, ids, unsure: () => undefined },
        { commandType, tenant, streams: [...new Set(tags)].map(tagAppend) },
      ),
    forget: (key, { tenant = '' } = {}) => cacheOf().forget(key, tenant),
    get state() {
      return cacheOf().state
    },
  }
  return {
    caching: { get: (key, load, how, asked) => cacheOf().get(key, load, how, asked) },
    cache,
    state: () => made?.state,
    // The pump has stopped by then, and with it what follows it.
    [Symbol.asyncDispose]: async () => {
      await following
      await made?.[Symbol.asyncDispose]()
    },
  }
}
