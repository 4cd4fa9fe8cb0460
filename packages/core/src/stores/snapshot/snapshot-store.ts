// The snapshot store: folded states that shorten a cold load. Losing them costs time, never truth.
import type { Store } from '../store.ts'

/** Whose state a snapshot is. */
export interface SnapshotKey {
  readonly tenant: string
  readonly aggregateType: string
  readonly aggregateId: string
}
export interface Snapshot extends SnapshotKey {
  /** The shape of the state; a snapshot of another one is not found. */
  readonly stateVersion: number
  /** The stream's version that the state stands for, from 1. */
  readonly version: number
  /** The log that it was folded from: a snapshot of another incarnation is not found. */
  readonly incarnation: string
  /** The id of the last event that was folded into it, `<commandId>.<index>`: readers pass over one whose event the stream does not have. */
  readonly eventId: string
  /** JSON text. */
  readonly state: string
  /** Whether a field marked `personal` may have flowed into it: such snapshots go when any subject of the tenant is erased. */
  readonly personal: boolean
  /** Microseconds UTC. */
  readonly takenAt: number
}

/**
 * One snapshot is kept per aggregate and state version, the one with the highest stream version.
 * Concurrency: any number of calls; of two saves for one key the higher version stays, whatever their order. What was removed does
 * not come back: a state that was folded before a removal can be saved with the removals that its reader knew of, and is then left out.
 * Errors: `store_*`; `invalid_key`; `invalid_output` for a state that is no JSON text; a `RangeError` for numbers that are not whole.
 * Not promised: durability beyond the process. Reference: docs/reference/snapshots.md.
 */
export interface SnapshotStore extends Store {
  /**
   * Keeps a snapshot unless a later one of the same incarnation is there. One of another incarnation is replaced.
   * With `removals`, the number that was read before the events were: unless anything of the tenant was removed since.
   */
  save(snapshot: Snapshot, removals?: number): Promise<void>
  /** The snapshot of this shape and this log; absent when there is none. */
  latest(key: SnapshotKey, stateVersion: number, incarnation: string): Promise<Snapshot | undefined>
  /** How often snapshots of the tenant were removed, by any call below. Only rises. */
  removals(tenant: string): Promise<number>
  /** Removes an aggregate's snapshots, of all shapes. */
  delete(key: SnapshotKey): Promise<void>
  /** Removes a tenant's snapshots that personal data may have flowed into. Returns how many. */
  deletePersonal(tenant: string): Promise<number>
  total(tenant?: string): Promise<number>
  /** Removes all snapshots of a tenant, or of all tenants. */
  reset(tenant?: string): Promise<void>
}
