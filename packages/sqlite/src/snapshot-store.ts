// The snapshot store on SQLite: a file beside the log's, behind the side thread.
import { checkSnapshot, checkSnapshotKey, checkTenant } from '@gesta/core/ports'
import type { SnapshotStore } from '@gesta/core/ports'
import type { SideStore } from './side-stores.ts'
import type { SnapshotOperations } from './snapshot-file.ts'

export function createSqliteSnapshotStore(side: SideStore<SnapshotOperations>): SnapshotStore {
  return {
    save: async (snapshot, removals) => {
      checkSnapshot(snapshot)
      return side.call('save', snapshot, removals)
    },
    latest: async (key, stateVersion, incarnation) => {
      checkSnapshotKey(key)
      return side.call('latest', key, stateVersion, incarnation)
    },
    removals: async (tenant) => {
      checkTenant(tenant)
      return side.call('removals', tenant)
    },
    delete: async (key) => {
      checkSnapshotKey(key)
      return side.call('delete', key)
    },
    deletePersonal: async (tenant) => {
      checkTenant(tenant)
      return side.call('deletePersonal', tenant)
    },
    total: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return side.call('total', tenant)
    },
    reset: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return side.call('reset', tenant)
    },
    info: async () => ({
      store: 'snapshot',
      backend: 'sqlite',
      readOnly: false,
      items: await side.call('total', undefined),
      details: { fileBytes: await side.call('fileBytes') },
    }),
    [Symbol.asyncDispose]: () => side[Symbol.asyncDispose](),
  }
}
