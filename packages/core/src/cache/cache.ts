// The cache: what was loaded is kept, and used until its time is over or what it was made from has changed.
//
// Every kept value and every load carries the position of the log that it was begun at, and a load sees at least what was stored up to
// there. An event behind that position, of a stream that it depends on, makes it old: it is not given out and not kept. This process hears
// of its own commits before their callers do (`onAppend`), and of others by following the log.
import { decode, encode } from '../codec/json.ts'
import { erasureStream } from '../contracts/subject-erased.ts'
import type { CacheAsked, CachedKey, CachedOptions, Caching, Loads } from '../dispatch/caching.ts'
import type { Ids } from '../ids/ids.ts'
import { eventCount } from '../stores/commit.ts'
import type { CacheStore } from '../stores/cache/cache-store.ts'
import type { EventStore, StoredCommit } from '../stores/event/event-store.ts'
import type { Tokens } from '../stores/event/token.ts'
import type { Alarms } from '../time/alarms.ts'
import { deadline } from '../time/deadline.ts'
import { createCounters } from './counters.ts'
import type { CacheCounts } from './counters.ts'
import { createDependencies, isCurrent, streamsOf } from './dependencies.ts'
import type { Cell } from './dependencies.ts'
import { createFlights } from './flights.ts'
import { createMemoryLayer } from './memory-layer.ts'
import type { CachedEntry } from './memory-layer.ts'
import { timesOf } from './options.ts'
import type { CachingSettings, Times } from './options.ts'
import { createSharedLayer, keyLengthMax } from './shared-layer.ts'
import type { SharedEntry } from './shared-layer.ts'

export interface CacheParts {
  readonly store: Pick<EventStore, 'onAppend' | 'head' | 'readTails' | 'list' | 'identity'>
  readonly tokens: Tokens
  readonly alarms: Alarms
  readonly ids: Pick<Ids, 'random'>
  readonly settings: CachingSettings
  /** The layer that processes share; absent: memory alone. */
  readonly shared: CacheStore | undefined
  /** The end of the log as this process knows it when the cache begins. */
  readonly head: number
  /** Whether other processes write to the log too. */
  readonly manyWriters: boolean
}
export interface CacheState extends CacheCounts {
  readonly entries: number
  /** About. */
  readonly bytes: number
  readonly loading: number
  /** Whether the shared layer is used; `left alone`: it failed. */
  readonly shared: 'none' | 'in use' | 'left alone'
  /** Whether the log can be followed. While it cannot, and others may write to it, values are loaded each time. */
  readonly hearing: boolean
}
export interface Cache extends Caching, AsyncDisposable {
  /** An event of the log, told once in order by who follows it. */
  heard(tenant: string, aggregateType: string, aggregateId: string, position: number): void
  /** Every event up to here was told; or the log cannot be followed for now. */
  followed(position: number | undefined): void
  /** Forgets one value, here and in the shared layer. Errors: `store_*`. */
  forget(key: CachedKey<unknown>, tenant: string): Promise<void>
  readonly state: CacheState
}

interface Asking extends CacheAsked {
  readonly key: string
  readonly id: string
  readonly load: (loads: Loads) => Promise<unknown>
  readonly options: CachedOptions
}

export function createCache(parts: CacheParts): Cache {
  const { store, tokens, alarms, ids, settings, manyWriters } = parts
  const { clock } = alarms
  const counters = createCounters()
  const dependencies = createDependencies()
  const memory = createMemoryLayer(settings, dependencies, () => void counters.evictions++)
  const flights = createFlights()
  const timeoutMs = settings.sharedTimeoutMs
  const shared =
    parts.shared &&
    createSharedLayer({ store: parts.shared, events: store, alarms, random: ids.random, timeoutMs, counters })
  const stopped = new AbortController()
  /** The last position that anything here has told, and the one up to which everything was. */
  let known = parts.head
  let complete = parts.head
  let hearing = true

  const heard: Cache['heard'] = (tenant, type, id, position) => {
    known = Math.max(known, position)
    if (dependencies.moved(tenant, type, id, position)) counters.invalidations++
    if (type !== erasureStream) return
    // Anything may hold what is personal.
    dependencies.movedTenant(tenant, position)
    shared?.erase(tenant, position)
  }
  const appended = ({ commit, receipt }: StoredCommit): void => {
    let position = receipt.position - eventCount(commit)
    for (const { aggregateType, aggregateId, events } of commit.streams) {
      position += events.length
      heard(commit.tenant, aggregateType, aggregateId, position)
    }
  }
  const listening = store.onAppend((stored) => stored.forEach(appended))

  /** Whether it may be given to somebody who has seen the log up to `after`. */
  const isUsable = (
    made: { readonly at: number; readonly cells: readonly Cell[] },
    after: number | undefined,
  ): boolean => isCurrent(made) && (hearing || !manyWriters) && hasSeen(made.at, after)
  const hasSeen = (at: number, after: number | undefined): boolean =>
    after === undefined || after <= at || after <= (manyWriters ? complete : known)

  const keep = (
    asking: Asking,
    times: Times,
    cells: readonly Cell[],
    at: number,
    value: unknown,
    text: string | undefined,
  ): void => {
    if (!isCurrent({ at, cells })) {
      counters.outdated++
      return
    }
    const isNone = value === undefined
    const lifeMs = (isNone ? times.negativeTtlMs : times.ttlMs) * (1 - ids.random() / 10)
    if (isNone && times.negativeTtlMs === 0) return void memory.delete(asking.id)
    put(asking, times, cells, { at, lifeMs, value, size: text?.length ?? 0 })
    const ttlMs = Math.ceil(lifeMs + times.staleOnErrorMs)
    shared?.keep(asking.tenant, asking.key, { at, untilMs: clock.nowUs() / 1000 + lifeMs }, text, Math.max(1, ttlMs))
  }
  const put = (
    { id }: Asking,
    times: Times,
    cells: readonly Cell[],
    {
      at,
      lifeMs,
      value,
      size,
    }: { readonly at: number; readonly lifeMs: number; readonly value: unknown; readonly size: number },
  ): CachedEntry => {
    const freshUntilUs = clock.monotonicUs() + lifeMs * 1000
    const entry: CachedEntry = {
      at,
      cells: dependencies.share(cells),
      value,
      freshUntilUs,
      whileLoadingUntilUs: freshUntilUs + times.staleWhileLoadingMs * 1000,
      onErrorUntilUs: freshUntilUs + times.staleOnErrorMs * 1000,
      size,
    }
    memory.set(id, entry)
    return entry
  }
  /** What the shared layer has, put into memory when it may be used; stale, it is kept for the case that loading fails. */
  const fromShared = (
    asking: Asking,
    times: Times,
    cells: readonly Cell[],
    at: number,
    entry: SharedEntry,
  ): CachedEntry => {
    // Clocks differ, and no value is used for longer than it was to be.
    const leftMs = Math.min(entry.untilMs - clock.nowUs() / 1000, times.ttlMs)
    return put(asking, times, cells, { ...entry, at, lifeMs: leftMs })
  }

  /** `at`: up to where the log reaches, of what the load must see. */
  const load = async (
    asking: Asking,
    times: Times,
    cells: readonly Cell[],
    at: number,
    position: number,
  ): Promise<unknown> => {
    counters.loads++
    const limit = deadline(alarms, settings.loadTimeoutMs, stopped.signal)
    try {
      const loads: Loads = { after: tokens.token(position), position, deadline: limit, signal: limit.signal }
      const found = await limit.race(`${asking.key} was being loaded`, asking.load(loads))
      if (found === undefined) {
        keep(asking, times, cells, at, undefined, undefined)
        return undefined
      }
      const text = encode(found, `the cached value ${asking.key}`)
      const value = decode(text)
      keep(asking, times, cells, at, value, text)
      return value
    } catch (error) {
      counters.loadErrors++
      throw error
    } finally {
      limit.release()
    }
  }
  const fly = async (asking: Asking, times: Times, cells: readonly Cell[], at: number): Promise<unknown> => {
    const { after = 0 } = asking
    // A token may be of events that the log has lost: of a value made behind its end no event up to there would end it.
    let reached = after <= at ? at : Math.max(at, Math.min(after, await store.head().catch(() => 0)))
    if (shared !== undefined) {
      const streams = streamsOf(asking.tenant, asking.options)
      const { entry, newest } = await shared.find(asking.tenant, asking.key, streams)
      reached = Math.max(reached, newest)
      // Older than what the log has just said, whatever this process has heard: it stands in for nothing.
      const old = memory.get(asking.id)
      if (old !== undefined && old.at < newest) memory.delete(asking.id)
      // What it was made from has not moved up to now: it is as if it had been loaded now.
      const found = entry && fromShared(asking, times, cells, reached, entry)
      if (found !== undefined && clock.monotonicUs() < found.freshUntilUs && isCurrent(found)) {
        counters.sharedHits++
        return found.value
      }
    }
    return load(asking, times, cells, reached, Math.max(reached, after))
  }
  /** What one caller may have in place of a load that failed: others, who wait for the same load, may ask for something newer. */
  const standIn = (id: string, after: number | undefined, error: unknown): unknown => {
    const old = memory.get(id)
    if (old === undefined || !isCurrent(old) || !hasSeen(old.at, after)) throw error
    if (clock.monotonicUs() >= old.onErrorUntilUs) throw error
    counters.stale++
    return old.value
  }
  const takeOff = (asking: Asking): Promise<unknown> => {
    const { id, key, tenant, options, after = 0 } = asking
    const at = known
    if (key.length > keyLengthMax)
      throw new Error(
        `Expected a cache key of at most ${keyLengthMax} characters, received ${key.length}. Use a hash of its parts.`,
      )
    const times = timesOf(options)
    const cells = dependencies.hold(tenant, streamsOf(tenant, options))
    const value = fly(asking, times, cells, at).finally(() => dependencies.release(cells))
    flights.add(id, { at, sees: Math.max(at, after), cells, value })
    return value
  }

  return {
    get: async <Value>(
      { text: key }: CachedKey<Value>,
      loadValue: (loads: Loads) => Promise<Value | undefined>,
      options: CachedOptions,
      asked: CacheAsked,
    ): Promise<Value | undefined> => {
      const { tenant, after } = asked
      const id = `${tenant}\0${key}`
      const entry = memory.get(id)
      const isGood = entry !== undefined && isUsable(entry, after)
      const nowUs = clock.monotonicUs()
      if (isGood && nowUs < entry.freshUntilUs) {
        counters.hits++
        if (entry.value === undefined) counters.negativeHits++
        return entry.value as Value | undefined
      }
      counters.misses++
      const going = flights.get(id)
      const mayJoin = going !== undefined && (after === undefined || after <= going.sees)
      if (mayJoin) counters.joined++
      const asking: Asking = { ...asked, key, id, load: loadValue, options }
      const flight = mayJoin ? going.value : takeOff(asking)
      if (isGood && nowUs < entry.whileLoadingUntilUs) {
        counters.stale++
        // Who asks next learns of it.
        flight.catch(() => undefined)
        return entry.value as Value | undefined
      }
      const answer = flight.catch((error: unknown) => standIn(id, after, error))
      return (await asked.deadline.race(`${key} was being loaded`, answer)) as Value | undefined
    },
    heard,
    followed: (position) => {
      hearing = position !== undefined
      if (position === undefined) return
      complete = Math.max(complete, position)
      known = Math.max(known, position)
    },
    forget: async ({ text: key }, tenant) => {
      memory.delete(`${tenant}\0${key}`)
      await shared?.delete(tenant, key)
    },
    get state() {
      const sharedState = shared === undefined ? 'none' : shared.circuit.state === 'open' ? 'left alone' : 'in use'
      return {
        ...counters,
        entries: memory.entries,
        bytes: memory.bytes,
        loading: flights.size,
        shared: sharedState,
        hearing,
      } as const
    },
    [Symbol.asyncDispose]: async () => {
      listening[Symbol.dispose]()
      stopped.abort(new Error('The app has stopped.'))
      memory.clear()
      await shared?.settled()
    },
  }
}
