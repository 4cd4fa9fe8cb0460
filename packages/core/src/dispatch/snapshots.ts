// Snapshots of aggregates: where a cold load may begin, and when a state is worth keeping. They save time and decide nothing:
// one that cannot be read, or that is of another history, is passed over and the stream is read from its start.
import type { AggregateParts } from '../aggregates/aggregate.ts'
import { decode, encode } from '../codec/json.ts'
import type { EventStore, StoredEvent } from '../stores/event/event-store.ts'
import type { Snapshot, SnapshotStore } from '../stores/snapshot/snapshot-store.ts'
import type { Clock } from '../time/clock.ts'
import { initialState } from './aggregate-state.ts'
import type { AggregateState } from './aggregate-state.ts'

export interface Snapshots {
  /** The state to begin with: the last snapshot's, or the one before the first event. */
  begin(aggregate: AggregateParts, tenant: string, id: string): Promise<AggregateState>
  /** Keeps the state when enough events came since the last snapshot, without anybody waiting; returns it as it goes on. */
  keep(aggregate: AggregateParts, tenant: string, id: string, state: AggregateState, eventId: string): AggregateState
  /** Resolves when what is being kept is kept. */
  settled(): Promise<void>
}

/** Snapshots in this store, of the log in that one. */
export function createSnapshots(snapshots: SnapshotStore, events: EventStore, clock: Clock): Snapshots {
  const { incarnation } = events.identity
  const saving = new Set<Promise<void>>()

  return {
    begin: async (aggregate, tenant, aggregateId) => {
      const start = initialState(aggregate)
      if (aggregate.snapshotEvery === undefined) return start
      const key = { tenant, aggregateType: aggregate.name, aggregateId }
      try {
        // Read first: what is removed from here on was in the events that are about to be read.
        const removals = isPersonal(aggregate) ? await snapshots.removals(tenant) : undefined
        const found = await snapshots.latest(key, aggregate.stateVersion, incarnation)
        if (found === undefined) return { ...start, removals }
        const [last] = await events.readStream({ ...key, after: found.version - 1, limit: 1 })
        // A backup that was restored and written on has other events under the same versions.
        if (last === undefined || idOf(last) !== found.eventId) return { ...start, removals }
        return { version: found.version, state: decode(found.state), snapshotVersion: found.version, removals }
      } catch {
        // What is wrong with the log itself is met again by the load that follows.
        return start
      }
    },
    keep: (aggregate, tenant, aggregateId, state, eventId) => {
      const { snapshotEvery } = aggregate
      if (snapshotEvery === undefined || state.version - (state.snapshotVersion ?? 0) < snapshotEvery) return state
      const snapshot = {
        tenant,
        aggregateType: aggregate.name,
        aggregateId,
        stateVersion: aggregate.stateVersion,
        version: state.version,
        incarnation,
        eventId,
        state: state.state,
        personal: isPersonal(aggregate),
        takenAt: clock.nowUs(),
      }
      const work = save(snapshot, state.removals)
      saving.add(work)
      void work.then(() => saving.delete(work))
      return { ...state, snapshotVersion: state.version }
    },
    settled: async () => {
      await Promise.all(saving)
    },
  }

  /** Nothing is worth less than a snapshot: one that fails is taken again `snapshotEvery` events later. */
  async function save(
    { state, ...rest }: Omit<Snapshot, 'state'> & { readonly state: unknown },
    removals: number | undefined,
  ): Promise<void> {
    // Without the number of removals nobody could tell whether personal data was erased since the state was folded.
    if (rest.personal && removals === undefined) return
    try {
      await snapshots.save({ ...rest, state: encode(state, `the state of ${rest.aggregateType}`) }, removals)
    } catch {
      // As for every snapshot that is not there, the stream is read instead.
    }
  }
}

/** Whether data of a subject may flow into the aggregate's state. */
function isPersonal({ folds }: AggregateParts): boolean {
  return [...folds.values()].some(({ contract }) => 'personal' in contract)
}

function idOf({ commandId, index }: StoredEvent): string {
  return `${commandId}.${index}`
}
