// The snapshot store in memory.
import { checkTenant } from '../check-text.ts'
import { storeClosed } from '../event/commit-queue.ts'
import { checkSnapshot, checkSnapshotKey } from './check-snapshot.ts'
import type { Snapshot, SnapshotKey, SnapshotStore } from './snapshot-store.ts'

/** A snapshot store that lives as long as its process. */
export function createMemorySnapshotStore(): SnapshotStore {
  const snapshots = new Map<string, Snapshot>()
  const removed = new Map<string, number>()
  let removedOfAll = 0
  let closed = false
  const open = (): void => {
    if (closed) throw storeClosed()
  }
  const removals = (tenant: string): number => (removed.get(tenant) ?? 0) + removedOfAll
  /** Removes what matches and counts the removal of the tenant, or of all. */
  const remove = (tenant: string | undefined, matches: (snapshot: Snapshot) => boolean): number => {
    if (tenant === undefined) removedOfAll += 1
    else removed.set(tenant, (removed.get(tenant) ?? 0) + 1)
    const before = snapshots.size
    for (const [id, snapshot] of snapshots) {
      if ((tenant === undefined || snapshot.tenant === tenant) && matches(snapshot)) snapshots.delete(id)
    }
    return before - snapshots.size
  }
  const total = (tenant?: string): number => {
    if (tenant === undefined) return snapshots.size
    let count = 0
    for (const snapshot of snapshots.values()) if (snapshot.tenant === tenant) count += 1
    return count
  }
  return {
    save: async (snapshot, known) => {
      open()
      checkSnapshot(snapshot)
      if (known !== undefined && known !== removals(snapshot.tenant)) return
      const id = idOf(snapshot, snapshot.stateVersion)
      const kept = snapshots.get(id)
      if (kept?.incarnation === snapshot.incarnation && kept.version > snapshot.version) return
      snapshots.set(id, { ...snapshot })
    },
    latest: async (key, stateVersion, incarnation) => {
      open()
      checkSnapshotKey(key)
      const kept = snapshots.get(idOf(key, stateVersion))
      return kept?.incarnation === incarnation ? kept : undefined
    },
    removals: async (tenant) => {
      open()
      checkTenant(tenant)
      return removals(tenant)
    },
    delete: async (key) => {
      open()
      checkSnapshotKey(key)
      remove(
        key.tenant,
        ({ aggregateType, aggregateId }) => aggregateType === key.aggregateType && aggregateId === key.aggregateId,
      )
    },
    deletePersonal: async (tenant) => {
      open()
      checkTenant(tenant)
      return remove(tenant, ({ personal }) => personal)
    },
    total: async (tenant) => {
      open()
      if (tenant !== undefined) checkTenant(tenant)
      return total(tenant)
    },
    reset: async (tenant) => {
      open()
      if (tenant !== undefined) checkTenant(tenant)
      remove(tenant, () => true)
    },
    info: async () => {
      open()
      return { store: 'snapshot', backend: 'memory', readOnly: false, items: snapshots.size, details: {} }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}

function idOf({ tenant, aggregateType, aggregateId }: SnapshotKey, stateVersion: number): string {
  return JSON.stringify([tenant, aggregateType, aggregateId, stateVersion])
}
