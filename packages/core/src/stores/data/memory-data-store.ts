// The data store in memory. Bytes are copied on their way in and out, so that no caller holds what the store keeps.
import { hash } from 'node:crypto'
import type { Clock } from '../../time/clock.ts'
import { checkTenant } from '../check-text.ts'
import { storeClosed } from '../event/commit-queue.ts'
import { pageOf } from '../page.ts'
import { compareText } from '../read-model/row-order.ts'
import { askObjects, checkNewObject, checkObjectKey } from './check-object.ts'
import type { DataStore, DataUsage, NewObject, ObjectFilter, ObjectHead, ObjectKey } from './data-store.ts'

interface Kept {
  readonly head: ObjectHead
  readonly content: Uint8Array
}

/** A data store that lives as long as its process. */
export function createMemoryDataStore(clock: Pick<Clock, 'nowUs'>): DataStore {
  /** Objects of a tenant by bucket and object, which NUL keeps apart. */
  const tenants = new Map<string, Map<string, Kept>>()
  let closed = false
  const open = (): void => {
    if (closed) throw storeClosed()
  }
  const find = (key: ObjectKey): Kept | undefined => {
    open()
    checkObjectKey(key)
    return tenants.get(key.tenant)?.get(idOf(key))
  }
  const keep = (object: NewObject): ObjectHead => {
    open()
    checkNewObject(object)
    const { tenant, bucket, object: name, contentType, isPublic = false } = object
    const content = new Uint8Array(object.content)
    const head: ObjectHead = {
      tenant,
      bucket,
      object: name,
      contentType,
      isPublic,
      bytes: content.byteLength,
      hash: hash('sha256', content, 'hex'),
      storedAt: clock.nowUs(),
    }
    let objects = tenants.get(tenant)
    if (objects === undefined) tenants.set(tenant, (objects = new Map()))
    objects.set(idOf(head), { head, content })
    return head
  }
  const headsOf = (tenant: string | undefined): ObjectHead[] => {
    open()
    if (tenant !== undefined) checkTenant(tenant)
    const chosen = tenant === undefined ? [...tenants.values()] : [tenants.get(tenant) ?? new Map<string, Kept>()]
    return chosen.flatMap((objects) => [...objects.values()].map(({ head }) => head))
  }

  return {
    get: async (key) => {
      const kept = find(key)
      return kept && { ...kept.head, content: new Uint8Array(kept.content) }
    },
    head: async (key) => find(key)?.head,
    set: async (object) => keep(object),
    copy: async (from, to) => {
      checkObjectKey({ ...to, tenant: from.tenant })
      const kept = find(from)
      return kept && keep({ ...kept.head, ...to, content: kept.content })
    },
    list: async (filter, page) => {
      const asked = askObjects(filter, page)
      const found = headsOf(filter.tenant).filter(matches(filter)).sort(byName)
      const after = asked.after && { bucket: asked.after[0], object: asked.after[1] }
      const rest = after === undefined ? found.slice(asked.offset) : found.filter((head) => byName(head, after) > 0)
      return pageOf(asked, rest, ({ bucket, object }) => [bucket, object], asked.withTotal ? found.length : undefined)
    },
    delete: async (key) => find(key) !== undefined && tenants.get(key.tenant)?.delete(idOf(key)) === true,
    usage: async (tenant) => usageOf(headsOf(tenant)),
    total: async (tenant) => headsOf(tenant).length,
    reset: async (tenant) => {
      open()
      if (tenant === undefined) return tenants.clear()
      checkTenant(tenant)
      tenants.delete(tenant)
    },
    info: async () => {
      const usage = usageOf(headsOf(undefined))
      return { store: 'data', backend: 'memory', readOnly: false, items: usage.objects, details: { ...usage } }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      tenants.clear()
    },
  }
}

function idOf({ bucket, object }: Pick<ObjectKey, 'bucket' | 'object'>): string {
  return `${bucket}\0${object}`
}

function matches({ bucket, prefix = '' }: ObjectFilter): (head: ObjectHead) => boolean {
  return (head) => (bucket === undefined || head.bucket === bucket) && head.object.startsWith(prefix)
}

function byName(a: Pick<ObjectKey, 'bucket' | 'object'>, b: Pick<ObjectKey, 'bucket' | 'object'>): number {
  return compareText(a.bucket, b.bucket) || compareText(a.object, b.object)
}

function usageOf(heads: readonly ObjectHead[]): DataUsage {
  return {
    buckets: new Set(heads.map(({ tenant, bucket }) => `${tenant}\0${bucket}`)).size,
    objects: heads.length,
    bytes: heads.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}
