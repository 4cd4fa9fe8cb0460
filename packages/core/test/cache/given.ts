// A cache on a log in memory and a clock that stands still; loads end when the test says so.
import { createCache } from '../../src/cache/cache.ts'
import type { Cache } from '../../src/cache/cache.ts'
import { cachingSettings } from '../../src/cache/options.ts'
import type { CachingOptions } from '../../src/cache/options.ts'
import type { CachedKey, CachedOptions, Loads } from '../../src/dispatch/caching.ts'
import type { CacheStore } from '../../src/stores/cache/cache-store.ts'
import type { Commit } from '../../src/stores/commit.ts'
import { createMemoryEventStore } from '../../src/stores/event/memory-event-store.ts'
import type { AppendListener, EventStore } from '../../src/stores/event/event-store.ts'
import { createTokens } from '../../src/stores/event/token.ts'
import { createAlarms } from '../../src/time/alarms.ts'
import { deadline } from '../../src/time/deadline.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import type { FakeClock } from '../fake-clock.ts'

export const Price = { name: 'Price' }
export const untouched: CachedOptions = { ttlMs: 60_000 }

export interface Log {
  readonly store: EventStore
  readonly clock: FakeClock
  readonly runtime: ReturnType<typeof fakeRuntime>
}
export function createLog(): Log {
  const clock = createFakeClock()
  const runtime = fakeRuntime(clock)
  return { store: createMemoryEventStore(runtime.ids, false), clock, runtime }
}

/** One process with a cache on a log that it may share with others. */
export interface Process {
  readonly cache: Cache
  /** Appends an event; this process hears of it at once. */
  write(aggregate: string, id: string, tenant?: string): Promise<number>
  /** Reads the log to its end, as a process that follows it does. */
  hear(): Promise<void>
  get<Value>(
    key: CachedKey<Value>,
    load: (loads: Loads) => Promise<Value | undefined>,
    options: CachedOptions,
    asked?: { readonly tenant?: string; readonly after?: number; readonly signal?: AbortSignal },
  ): Promise<Value | undefined>
}
export interface ProcessOptions extends CachingOptions {
  readonly sharedStore?: CacheStore
  readonly manyWriters?: boolean
}

export function createProcess(
  log: Log,
  { sharedStore, manyWriters = false, ...caching }: ProcessOptions = {},
): Process {
  const { store, clock, runtime } = log
  const alarms = createAlarms(clock)
  const listeners = new Set<AppendListener>()
  const own: Pick<EventStore, 'onAppend' | 'head' | 'readTails' | 'list' | 'identity'> = {
    identity: store.identity,
    head: () => store.head(),
    readTails: (read) => store.readTails(read),
    list: (filter, page) => store.list(filter, page),
    onAppend: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
  const cache = createCache({
    store: own,
    tokens: createTokens(store.identity),
    alarms,
    ids: runtime.ids,
    settings: cachingSettings(caching, 'caching'),
    shared: sharedStore,
    head: 0,
    manyWriters,
  })
  let followed = 0
  return {
    cache,
    write: async (aggregateType, aggregateId, tenant = '') => {
      const commit = commitOf(runtime.ids.newId(), tenant, aggregateType, aggregateId)
      const verdict = await store.commit(commit)
      if (verdict.verdict !== 'stored') throw new Error(`Expected it to be stored, received ${verdict.verdict}.`)
      for (const listener of listeners) listener([{ commit, receipt: verdict }])
      return verdict.position
    },
    hear: async () => {
      const events = await store.readAll({ after: followed, limit: 1_000 })
      for (const { tenant, aggregateType, aggregateId, position } of events)
        cache.heard(tenant, aggregateType, aggregateId, position)
      followed = events.at(-1)?.position ?? followed
      cache.followed(followed)
    },
    get: (key, load, options, { tenant = '', after, signal } = {}) =>
      cache.get(key, load, options, { tenant, after, deadline: deadline(alarms, undefined, signal) }),
  }
}

function commitOf(commandId: string, tenant: string, aggregateType: string, aggregateId: string): Commit {
  return {
    commandId,
    tenant,
    context: '{}',
    recordedAt: 1,
    streams: [
      {
        aggregateType,
        aggregateId,
        expectation: 'any',
        events: [{ type: `${aggregateType}.Changed`, schemaVersion: 1, data: '{}' }],
      },
    ],
    reads: [],
    header: {
      commandType: 'Test.Write',
      outcome: 'accepted',
      answer: undefined,
      version: undefined,
      fingerprint: undefined,
    },
    idempotency: undefined,
    messages: [],
    jobs: [],
    audit: [],
  }
}

/** A load that ends when it is told to. */
export function slowLoad<Value>(): {
  readonly load: () => Promise<Value | undefined>
  readonly calls: number
  end(value: Value | undefined): void
  fail(error: Error): void
} {
  const waiting: PromiseWithResolvers<Value | undefined>[] = []
  let calls = 0
  return {
    load: () => {
      calls++
      const one = Promise.withResolvers<Value | undefined>()
      waiting.push(one)
      return one.promise
    },
    get calls() {
      return calls
    },
    end: (value) => waiting.shift()?.resolve(value),
    fail: (error) => waiting.shift()?.reject(error),
  }
}
