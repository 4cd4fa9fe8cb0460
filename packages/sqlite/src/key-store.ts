// The key store on SQLite: a file beside the log's, behind the side thread.
import {
  askPage,
  checkKeyFilter,
  checkLedger,
  checkScope,
  checkShredding,
  checkTenant,
  checkWhole,
  checkWrappedKey,
  pageLimit,
  pageOf,
} from '@gesta/core/ports'
import type { KeyStore } from '@gesta/core/ports'
import type { KeyOperations } from './key-file.ts'
import type { SideStore } from './side-stores.ts'

export function createSqliteKeyStore(side: SideStore<KeyOperations>): KeyStore {
  return {
    get: async (scope) => {
      checkScope(scope)
      return side.call('get', scope)
    },
    putIfAbsent: async (key) => {
      checkWrappedKey(key)
      return side.call('putIfAbsent', key)
    },
    rewrap: async (key, from) => {
      checkWrappedKey(key)
      checkKeyFilter({ wrappedBy: from })
      return side.call('rewrap', key, from)
    },
    list: async (filter, page) => {
      checkKeyFilter(filter)
      const asked = askPage({ list: 'keys', question: filter }, ['text', 'text'], page)
      const { found, total } = await side.call('list', filter, asked)
      return pageOf(asked, found, (key) => [key.tenant, key.subject] as const, total)
    },
    shred: async (scope, reason, shreddedAt) => {
      checkShredding(scope, reason, shreddedAt)
      return side.call('shred', scope, reason, shreddedAt)
    },
    ledger: async (after, limit) => {
      checkWhole(after, 'number', 0)
      return side.call('ledger', after, pageLimit(limit, 100))
    },
    replay: async (entries) => side.call('replay', checkLedger(entries)),
    total: async (tenant) => {
      checkKeyFilter({ tenant })
      return side.call('total', tenant)
    },
    reset: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return side.call('reset', tenant)
    },
    info: async () => ({
      store: 'key',
      backend: 'sqlite',
      readOnly: false,
      items: await side.call('total', undefined),
      details: await side.call('details'),
    }),
    [Symbol.asyncDispose]: () => side[Symbol.asyncDispose](),
  }
}
