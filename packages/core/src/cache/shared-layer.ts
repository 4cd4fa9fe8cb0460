// The layer that processes share: a cache store, which may be slow, gone or behind. A value lies there with the position that it was
// loaded at; who finds it asks the log how far its streams are, and takes it only if none has moved since. So nothing has to be
// removed there when somebody writes, and a slow reader that puts an old value there puts what nobody takes.
import { decode } from '../codec/json.ts'
import { erasureStream } from '../contracts/subject-erased.ts'
import type { CacheStore } from '../stores/cache/cache-store.ts'
import type { EventStore, TenantStream } from '../stores/event/event-store.ts'
import type { Alarms } from '../time/alarms.ts'
import { deadline } from '../time/deadline.ts'
import { createCircuit } from './circuit.ts'
import type { Circuit } from './circuit.ts'
import type { Counters } from './counters.ts'

export interface SharedEntry {
  readonly at: number
  /** Milliseconds since 1970 until it is stale. */
  readonly untilMs: number
  readonly value: unknown
  /** Characters of its text. */
  readonly size: number
}
interface SharedFound {
  /** Absent: nothing, or nothing that may be used. It may be stale, never old. */
  readonly entry: SharedEntry | undefined
  /** The newest event of the streams, or erasure of the tenant; 0 when there is none, or nobody can say. */
  readonly newest: number
}
export interface SharedLayer {
  /** Never rejects: what is wrong with the layer is counted, and nothing was found. */
  find(tenant: string, key: string, streams: readonly TenantStream[]): Promise<SharedFound>
  /** Keeps it, when that is possible. Returns at once. `text`: its JSON; absent: there is none. */
  keep(
    tenant: string,
    key: string,
    entry: Omit<SharedEntry, 'value' | 'size'>,
    text: string | undefined,
    ttlMs: number,
  ): void
  /** Removes one value. Errors: `store_*`. */
  delete(tenant: string, key: string): Promise<void>
  /** What of the tenant was loaded before this position is not given out again, and removed as soon as that is possible. */
  erase(tenant: string, position: number): void
  readonly circuit: Circuit
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>
}
export interface SharedParts {
  readonly store: CacheStore
  readonly events: Pick<EventStore, 'readTails' | 'list' | 'identity'>
  readonly alarms: Alarms
  readonly random: () => number
  readonly timeoutMs: number
  readonly counters: Counters
}

const valueLengthMax = 300_000

export function createSharedLayer({ store, events, alarms, random, timeoutMs, counters }: SharedParts): SharedLayer {
  const { clock } = alarms
  const circuit = createCircuit(clock, random)
  const working = new Set<Promise<unknown>>()
  /** By tenant: where somebody was erased last, and whether what was kept before is still to be removed. */
  const erased = new Map<string, { readonly position: number; due: boolean }>()
  /** Tenants whose erasures of before this process listened are known too. */
  const remembered = new Set<string>()
  const keyOf = (tenant: string, key: string) => ({ tenant, key: `cached/${events.identity.incarnation}/${key}` })

  const call = async <Result>(doing: string, work: () => Promise<Result>): Promise<Result | undefined> => {
    if (!circuit.enter()) {
      counters.sharedSkipped++
      return undefined
    }
    const limit = deadline(alarms, timeoutMs, undefined)
    try {
      const result = await limit.race(doing, work())
      circuit.succeeded()
      return result
    } catch {
      counters.sharedErrors++
      circuit.failed()
      return undefined
    }
  }
  const later = (work: Promise<unknown>): void => {
    working.add(work)
    void work.finally(() => working.delete(work))
  }
  const flush = async (tenant: string): Promise<void> => {
    const mark = erased.get(tenant)
    if (mark?.due !== true) return
    const done = await call('values were being removed', () => store.flush(tenant).then(() => true))
    if (done === true) mark.due = false
  }
  /** Where somebody of the tenant was erased last: also while no process ran, or none reached the layer to empty it. */
  const erasedAt = async (tenant: string): Promise<number> => {
    if (!remembered.has(tenant)) {
      const filter = { tenant, aggregateType: erasureStream, order: 'newest' } as const
      const [last] = (await events.list(filter, { limit: 1 })).items
      const position = Math.max(last?.position ?? 0, erased.get(tenant)?.position ?? 0)
      if (position > 0) erased.set(tenant, { due: false, ...erased.get(tenant), position })
      remembered.add(tenant)
    }
    return erased.get(tenant)?.position ?? 0
  }
  const newestOf = async (streams: readonly TenantStream[]): Promise<number> => {
    if (streams.length === 0) return 0
    const tails = await events.readTails({ streams, limit: 1 })
    return Math.max(...tails.map(([last]) => last?.position ?? 0))
  }

  return {
    find: async (tenant, key, streams) => {
      if (!circuit.allows || key.length > keyLengthMax) {
        counters.sharedSkipped++
        return nothing
      }
      await flush(tenant)
      const reading = call('a value was being looked for', () => store.get(keyOf(tenant, key)))
      // Begun now, not before the question: what is stored by then counts.
      const moved = await Promise.all([newestOf(streams), erasedAt(tenant)]).catch(() => undefined)
      const text = await reading
      if (moved === undefined) return nothing
      const newest = Math.max(...moved)
      const entry = text === undefined ? undefined : read(text)
      const oldest = Math.max(newest, erased.get(tenant)?.position ?? 0)
      return { entry: entry !== undefined && entry.at >= oldest ? entry : undefined, newest }
    },
    keep: (tenant, key, { at, untilMs }, text, ttlMs) => {
      if (key.length > keyLengthMax || (text !== undefined && text.length > valueLengthMax)) return
      const value = text === undefined ? `[${at},${untilMs}]` : `[${at},${untilMs},${text}]`
      later(call('a value was being kept', () => store.set(keyOf(tenant, key), value, { ttlMs })))
    },
    delete: async (tenant, key) => {
      await store.delete(keyOf(tenant, key))
    },
    erase: (tenant, position) => {
      // Told twice of what this process did itself.
      if (position <= (erased.get(tenant)?.position ?? 0)) return
      erased.set(tenant, { position, due: true })
      later(flush(tenant))
    },
    circuit,
    settled: async () => {
      await Promise.all(working)
    },
  }
}

/** Keys of cache stores have 512, of which the incarnation takes some. */
export const keyLengthMax = 440
const nothing: SharedFound = { entry: undefined, newest: 0 }

/** `undefined` for what is none of ours, or of another release. */
function read(text: string): SharedEntry | undefined {
  try {
    const parts = decode(text)
    if (!Array.isArray(parts)) return undefined
    const [at, untilMs, value] = parts as readonly unknown[]
    if (typeof at !== 'number' || typeof untilMs !== 'number') return undefined
    return { at, untilMs, value, size: text.length }
  } catch {
    return undefined
  }
}
