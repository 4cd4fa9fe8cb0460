// Folded states of aggregates: from the cache when they are there, else from the store. The cache is a baseline only:
// every commit is checked against the stream's version, so a stale entry costs one more decision, never a wrong one.
import { LRUCache } from 'lru-cache'
import { evolve } from '../aggregates/aggregate.ts'
import type { AggregateParts } from '../aggregates/aggregate.ts'
import { deepFreeze } from '../codec/json.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { EventDecoder } from '../stores/event/event-decoder.ts'
import type { EventStore } from '../stores/event/event-store.ts'

export interface AggregateState {
  readonly version: number
  /** Frozen to its depth. */
  readonly state: unknown
}
export interface AggregateStates {
  key(tenant: string, aggregateType: string, aggregateId: string): string
  /** The state that is in memory, when there is one. */
  cached(key: string): AggregateState | undefined
  /** The state as the store has it now, starting from what is in memory. Errors: `event_unreadable`. */
  load(aggregate: AggregateParts, tenant: string, id: string): Promise<AggregateState>
  /** Takes in events that were just stored. */
  advance(key: string, aggregate: AggregateParts, before: AggregateState, events: readonly RecordedEvent[]): void
  forget(key: string): void
}

const pageEvents = 500

/** States of up to `cachedMax` aggregates; the least used one leaves first. */
export function createAggregateStates(store: EventStore, decoder: EventDecoder, cachedMax: number): AggregateStates {
  const cache = cachedMax > 0 ? new LRUCache<string, AggregateState>({ max: cachedMax }) : undefined
  const keyOf = (tenant: string, aggregateType: string, aggregateId: string): string =>
    `${tenant}\0${aggregateType}\0${aggregateId}`

  return {
    key: keyOf,
    cached: (key) => cache?.get(key),
    load: async (aggregate, tenant, id) => {
      const key = keyOf(tenant, aggregate.name, id)
      let current = cache?.get(key) ?? initialState(aggregate)
      for (;;) {
        const page = await store.readStream({
          tenant,
          aggregateType: aggregate.name,
          aggregateId: id,
          after: current.version,
          limit: pageEvents,
        })
        for (const stored of page) {
          if (!aggregate.folds.has(stored.type))
            throw unknownStored(aggregate, `${stored.commandId}.${stored.index}`, stored.type, stored.schemaVersion)
          current = { version: stored.version, state: evolve(aggregate, current.state, decoder.decode(stored)) }
        }
        // Large events make short pages; only an empty one is the end.
        if (page.length === 0) break
      }
      deepFreeze(current.state)
      cache?.set(key, current)
      return current
    },
    advance: (key, aggregate, before, events) => {
      try {
        let { state } = before
        for (const event of events) state = evolve(aggregate, state, event)
        cache?.set(key, { version: before.version + events.length, state: deepFreeze(state) })
      } catch {
        // The events are stored and their command has ended; whoever loads the aggregate next meets the fault.
        cache?.delete(key)
      }
    },
    forget: (key) => {
      cache?.delete(key)
    },
  }
}

/** The state before the first event. */
export function initialState(aggregate: AggregateParts): AggregateState {
  return { version: 0, state: deepFreeze(aggregate.initial()) }
}

function unknownStored(aggregate: AggregateParts, eventId: string, type: string, schemaVersion: number): GestaError {
  const message = `The stream of ${aggregate.name} holds the event ${eventId} of type ${type}, schema version ${schemaVersion}, which the aggregate has no .on(...) for. Add it back: stored events stay readable for ever.`
  return new GestaError('event_unreadable', message, { facts: { eventId, type, schemaVersion } })
}
