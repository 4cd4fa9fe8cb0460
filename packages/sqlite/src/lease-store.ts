// The lease store on SQLite: for the parts of one process, as a store has one. The port is the same as that of a database server.
import { checkHeldLease, checkKey, checkLeaseDuration } from '@gesta/core/ports'
import type { LeaseStore } from '@gesta/core/ports'
import type { LeaseOperations } from './lease-file.ts'
import type { SideStore } from './side-stores.ts'

export function createSqliteLeaseStore(side: SideStore<LeaseOperations>): LeaseStore {
  return {
    acquire: async (name, owner, durationMs) => {
      checkHeldLease({ name, owner, fencingToken: 1 })
      checkLeaseDuration(durationMs)
      return side.call('acquire', name, owner, durationMs)
    },
    renew: async ({ name, owner, fencingToken }, durationMs) => {
      checkHeldLease({ name, owner, fencingToken })
      checkLeaseDuration(durationMs)
      return side.call('renew', { name, owner, fencingToken }, durationMs)
    },
    release: async ({ name, owner, fencingToken }) => {
      checkHeldLease({ name, owner, fencingToken })
      return side.call('release', { name, owner, fencingToken })
    },
    holder: async (name) => {
      checkKey(name, 'lease name')
      return side.call('holder', name)
    },
    list: () => side.call('list'),
    total: () => side.call('total'),
    reset: () => side.call('reset'),
    info: async () => ({
      store: 'lease',
      backend: 'sqlite',
      readOnly: false,
      items: await side.call('total'),
      details: await side.call('details'),
    }),
    [Symbol.asyncDispose]: () => side[Symbol.asyncDispose](),
  }
}
