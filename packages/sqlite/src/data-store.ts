// The data store on SQLite: a file beside the log's, behind a side thread.
import { askObjects, checkNewObject, checkObjectKey, checkTenant, pageOf } from '@gesta/core/ports'
import type { Clock, DataStore } from '@gesta/core/ports'
import type { DataOperations } from './data-file.ts'
import type { SideStore } from './side-stores.ts'

export function createSqliteDataStore(side: SideStore<DataOperations>, clock: Pick<Clock, 'nowUs'>): DataStore {
  return {
    get: async (key) => {
      checkObjectKey(key)
      return side.call('get', key)
    },
    head: async (key) => {
      checkObjectKey(key)
      return side.call('head', key)
    },
    set: async (object) => {
      checkNewObject(object)
      // A copy of its own bytes, because a part of an array would be cloned with the whole array around it.
      return side.call('set', { ...object, content: new Uint8Array(object.content) }, clock.nowUs())
    },
    copy: async (from, to) => {
      checkObjectKey(from)
      checkObjectKey({ ...to, tenant: from.tenant })
      return side.call('copy', from, to, clock.nowUs())
    },
    list: async (filter, page) => {
      const asked = askObjects(filter, page)
      const { heads, total } = await side.call('list', { ...asked, ...filter, limit: asked.limit + 1 })
      return pageOf(asked, heads, ({ bucket, object }) => [bucket, object], total)
    },
    delete: async (key) => {
      checkObjectKey(key)
      return side.callOnce('delete', key)
    },
    usage: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return side.call('usage', tenant)
    },
    total: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return side.call('total', tenant)
    },
    reset: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return side.call('reset', tenant)
    },
    info: async () => {
      const usage = await side.call('usage', undefined)
      const details = { ...usage, fileBytes: await side.call('fileBytes') }
      return { store: 'data', backend: 'sqlite', readOnly: false, items: usage.objects, details }
    },
    [Symbol.asyncDispose]: () => side[Symbol.asyncDispose](),
  }
}
