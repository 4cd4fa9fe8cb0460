// The credential store on SQLite: a file beside the log's, behind the side thread.
import {
  askPage,
  checkCredentialFilter,
  checkCredentialKey,
  checkNewCredential,
  checkTenant,
  checkWhole,
  pageLimit,
  pageOf,
} from '@gesta/core/ports'
import type { CredentialStore } from '@gesta/core/ports'
import type { CredentialOperations } from './credential-file.ts'
import type { SideStore } from './side-stores.ts'

export function createSqliteCredentialStore(side: SideStore<CredentialOperations>): CredentialStore {
  return {
    get: async (key) => {
      checkCredentialKey(key)
      return side.call('get', key)
    },
    put: async (credential, expected) => {
      checkNewCredential(credential, expected)
      return side.call('put', credential, expected)
    },
    // Whoever removed it may take that for the right to what it stood for, so it is never said of a removal that was repeated.
    remove: async (key, expected) => {
      checkCredentialKey(key)
      if (expected !== undefined) checkWhole(expected, 'expected version', 1)
      return side.callOnce('remove', key, expected)
    },
    removeOf: async (tenant, subject) => {
      checkCredentialFilter({ tenant, subject })
      return side.call('removeOf', tenant, subject)
    },
    removeExpired: async (before, limit) => {
      checkWhole(before, 'time', 0)
      return side.call('removeExpired', before, pageLimit(limit, 1_000))
    },
    list: async (filter, page) => {
      checkCredentialFilter(filter)
      const asked = askPage({ list: 'credentials', question: filter }, ['text', 'text', 'text'], page)
      const { items, limit, total } = await side.call('list', filter, asked)
      return pageOf({ ...asked, limit }, items, ({ tenant, kind, id }) => [tenant, kind, id] as const, total)
    },
    total: async (filter = {}) => {
      checkCredentialFilter(filter)
      return side.call('total', filter)
    },
    reset: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return side.call('reset', tenant)
    },
    info: async () => ({
      store: 'credential',
      backend: 'sqlite',
      readOnly: false,
      items: await side.call('total', {}),
      details: await side.call('details'),
    }),
    [Symbol.asyncDispose]: () => side[Symbol.asyncDispose](),
  }
}
