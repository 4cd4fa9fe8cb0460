// Folded states of aggregates: from the cache when they are there, else from the store. The cache is a baseline only:
// every commit is checked against the stream's version, so a stale entry costs one more decision, never a wrong one.
import { LRUCache } from 'lru-cache'
import { evolve } from '../aggregates/aggregate.ts'
import type { AggregateParts } from '../aggregates/aggregate.ts'
import { deepFreeze } from '../codec/json.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { EventDecoder } from '../stores/event/event-decoder.ts'
import { deletedEventType } from '../stores/event/event-store.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { AggregateState } from './aggregate-state.ts'
import type { Snapshots } from './snapshots.ts'

export interface AggregateStates {
  key(tenant: string, aggregateType: string, aggregateId: string): string
  /** The state that is in memory, when there is one. */
  cached(key: string): AggregateState | undefined
  /** The state as the store has it now, starting from what is in memory. Errors: `event_unreadable`. */
  load(aggregate: AggregateParts, tenant: string, id: string): Promise<AggregateState>
  /** Takes in events that were just stored, at least one. */
  advance(key: string, aggregate: AggregateParts, before: AggregateState, events: readonly RecordedEvent[]): void
  forget(key: string): void
  /** Forgets the tenant's aggregates of these types, also those that are being loaded or decided on now. */
  forgetTypes(tenant: string, aggregateTypes: ReadonlySet<string>): void
}

const pageEvents = 500

/** States of up to `cachedMax` aggregates; the least used one leaves first. */
export function createAggregateStates(
  store: EventStore,
  decoder: EventDecoder,
  snapshots: Snapshots,
  cachedMax: number,
): AggregateStates {
  const cache = cachedMax > 0 ? new LRUCache<string, AggregateState>({ max: cachedMax }) : undefined
  const keyOf = (tenant: string, aggregateType: string, aggregateId: string): string =>
    `${tenant}\0${aggregateType}\0${aggregateId}`
  let forgettings = 0
  const remember = (key: string, state: AggregateState): AggregateState => {
    cache?.set(key, state)
    return state
  }

  return {
    key: keyOf,
    cached: (key) => cache?.get(key),
    load: async (aggregate, tenant, id) => {
      const key = keyOf(tenant, aggregate.name, id)
      const begunAt = forgettings
      const before = cache?.get(key) ?? (await snapshots.begin(aggregate, tenant, id))
      let { state } = before
      let last: RecordedEvent | undefined
      for (;;) {
        const page = await store.readStream({
          tenant,
          aggregateType: aggregate.name,
          aggregateId: id,
          after: last?.version ?? before.version,
          limit: pageEvents,
        })
        const decoding = decoder.decodePage(page)
        for (const event of decoding instanceof Promise ? await decoding : decoding) {
          last = event
          if (event.type === deletedEventType) continue
          if (!aggregate.folds.has(event.type)) throw unknownStored(aggregate, event)
          state = evolve(aggregate, state, event)
        }
        // Large events make short pages; only an empty one is the end.
        if (page.length === 0) break
      }
      const current =
        last === undefined ? before : snapshots.keep(aggregate, tenant, id, after(before, last.version, state), last.id)
      // What was to be forgotten while it was being read is good for one decision, and not kept.
      return begunAt === forgettings ? remember(key, current) : current
    },
    advance: (key, aggregate, before, events) => {
      // A state that was forgotten since does not come back.
      if (cache !== undefined && cache.peek(key) !== before) return void cache.delete(key)
      try {
        let { state } = before
        for (const event of events) state = evolve(aggregate, state, event)
        const last = events.at(-1)
        if (last === undefined) return
        const next = after(before, last.version, state)
        remember(key, snapshots.keep(aggregate, last.tenant, last.aggregate.id, next, last.id))
      } catch {
        // The events are stored and their command has ended; whoever loads the aggregate next meets the fault.
        cache?.delete(key)
      }
    },
    forget: (key) => {
      cache?.delete(key)
    },
    forgetTypes: (tenant, aggregateTypes) => {
      forgettings++
      const isMeant = (key: string): boolean => {
        const [ofTenant, aggregateType = ''] = key.split('\0', 2)
        return ofTenant === tenant && aggregateTypes.has(aggregateType)
      }
      for (const key of [...(cache?.keys() ?? [])].filter(isMeant)) cache?.delete(key)
    },
  }
}

/** Spelled out, so that all states have one shape. */
function after({ snapshotVersion, removals }: AggregateState, version: number, state: unknown): AggregateState {
  return { version, state: deepFreeze(state), snapshotVersion, removals }
}

function unknownStored(aggregate: AggregateParts, { id, type, schemaVersion }: RecordedEvent): GestaError {
  const message = `The stream of ${aggregate.name} holds the event ${id} of type ${type}, schema version ${schemaVersion}, which the aggregate has no .on(...) for. Add it back: stored events stay readable for ever.`
  return new GestaError('event_unreadable', message, { facts: { eventId: id, type, schemaVersion } })
}
