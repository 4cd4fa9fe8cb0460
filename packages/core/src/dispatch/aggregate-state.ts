// The folded state of one aggregate, as the engine passes it on.
import type { AggregateParts } from '../aggregates/aggregate.ts'
import { deepFreeze } from '../codec/json.ts'

export interface AggregateState {
  readonly version: number
  /** Frozen to its depth. */
  readonly state: unknown
  /** The version of its last snapshot; absent when there is none. */
  readonly snapshotVersion?: number | undefined
  /** How often the tenant's snapshots had been removed before the events of this state were read. */
  readonly removals?: number | undefined
}

/** The state before the first event. */
export function initialState(aggregate: AggregateParts): AggregateState {
  return { version: 0, state: deepFreeze(aggregate.initial()), snapshotVersion: undefined, removals: undefined }
}
