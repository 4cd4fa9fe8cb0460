// What the cases of this suite are written with: a snapshot store, and snapshots made from the few fields that a case is about.
import type { Snapshot, SnapshotKey, SnapshotStore } from '../../stores/snapshot/snapshot-store.ts'
import type { GivenStore } from '../store-place.ts'
import type { Case } from '../suite.ts'

/** `durable`: what was saved is found again when the store is closed and opened again. */
export type SnapshotStoreCapability = 'durable'
export type GivenSnapshotStore = GivenStore<SnapshotStore>
export type SnapshotStoreCase = Case<GivenSnapshotStore, SnapshotStoreCapability>

export const tenant = 'tenant-1'
export const order: SnapshotKey = { tenant, aggregateType: 'Order', aggregateId: 'order-1' }

/** A snapshot of `order` at version 1 of the shape 1, unless its fields say otherwise. Its state says its version. */
export function snapshot(fields: Partial<Snapshot> = {}): Snapshot {
  const { version = 1 } = fields
  return {
    ...order,
    stateVersion: 1,
    version,
    incarnation: 'log-1',
    eventId: `command-${version}.0`,
    state: `{"version":${version}}`,
    personal: false,
    takenAt: 1_700_000_000_000_000 + version,
    ...fields,
  }
}
/** The version of what is found for `key` in the shape 1 of log-1; `undefined` when nothing is. */
export async function versionAt(store: SnapshotStore, key: SnapshotKey = order): Promise<number | undefined> {
  return (await store.latest(key, 1, 'log-1'))?.version
}
