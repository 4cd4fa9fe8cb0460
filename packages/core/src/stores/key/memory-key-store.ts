// The key store in memory: keys by scope, and the ledger of those that were destroyed.
import { storeClosed } from '../event/commit-queue.ts'
import { askPage, pageLimit, pageOf } from '../page.ts'
import { compareText } from '../read-model/row-order.ts'
import { checkTenant, checkWhole } from '../check-text.ts'
import { checkKeyFilter, checkLedger, checkScope, checkShredding, checkWrappedKey } from './check-key-store.ts'
import type { KeyFilter, KeyScope, KeyStore, ShredEntry, WrappedKey } from './key-store.ts'

/** A key store that lives as long as its process: what its keys sealed is lost with it. */
export function createMemoryKeyStore(): KeyStore {
  const keys = new Map<string, WrappedKey>()
  const shredded = new Map<string, ShredEntry>()
  let closed = false
  const open = (): void => {
    if (closed) throw storeClosed()
  }
  const found = (id: string): WrappedKey | 'shredded' | undefined => (shredded.has(id) ? 'shredded' : keys.get(id))
  /** Writes the ledger unless it has the scope. A `Map` keeps the order of its first entries. */
  const enter = (entry: Omit<ShredEntry, 'number'>): ShredEntry => {
    const id = idOf(entry)
    const { tenant, subject, keyId, reason, shreddedAt } = entry
    const kept = shredded.get(id) ?? { number: shredded.size + 1, tenant, subject, keyId, reason, shreddedAt }
    shredded.set(id, kept)
    return kept
  }
  const matching = ({ tenant, wrappedBy }: KeyFilter): readonly WrappedKey[] =>
    [...keys.values()]
      .filter((key) => (tenant ?? key.tenant) === key.tenant && (wrappedBy ?? key.wrappedBy) === key.wrappedBy)
      .toSorted(compareScopes)
  return {
    get: async (scope) => {
      open()
      checkScope(scope)
      return found(idOf(scope))
    },
    putIfAbsent: async (key) => {
      open()
      checkWrappedKey(key)
      const id = idOf(key)
      const kept = found(id) ?? { ...key }
      if (kept !== 'shredded') keys.set(id, kept)
      return kept
    },
    rewrap: async (key, from) => {
      open()
      checkWrappedKey(key)
      checkKeyFilter({ wrappedBy: from })
      const kept = keys.get(idOf(key))
      if (kept?.keyId !== key.keyId) return false
      if (kept.wrappedBy === key.wrappedBy && kept.wrapped === key.wrapped) return true
      if (kept.wrappedBy !== from) return false
      keys.set(idOf(key), { ...kept, wrappedBy: key.wrappedBy, wrapped: key.wrapped })
      return true
    },
    list: async (filter, page) => {
      open()
      checkKeyFilter(filter)
      const asked = askPage({ list: 'keys', question: filter }, ['text', 'text'], page)
      const [tenant, subject] = asked.after ?? []
      const all = matching(filter)
      const rest =
        tenant === undefined || subject === undefined
          ? all
          : all.filter((key) => compareScopes(key, { tenant, subject }) > 0)
      return pageOf(
        asked,
        rest.slice(asked.offset, asked.offset + asked.limit + 1),
        (key) => [key.tenant, key.subject] as const,
        asked.withTotal ? all.length : undefined,
      )
    },
    shred: async ({ tenant, subject }, reason, shreddedAt) => {
      open()
      checkShredding({ tenant, subject }, reason, shreddedAt)
      const id = idOf({ tenant, subject })
      const keyId = keys.get(id)?.keyId
      keys.delete(id)
      return enter({ tenant, subject, keyId, reason, shreddedAt })
    },
    ledger: async (after, limit) => {
      open()
      checkWhole(after, 'number', 0)
      return [...shredded.values()].slice(after, after + pageLimit(limit, 100))
    },
    replay: async (entries) => {
      open()
      let gone = 0
      for (const entry of checkLedger(entries)) {
        const keyId = entry.keyId ?? keys.get(idOf(entry))?.keyId
        if (keys.delete(idOf(entry))) gone += 1
        enter({ ...entry, keyId })
      }
      return gone
    },
    total: async (tenant) => {
      open()
      checkKeyFilter({ tenant })
      return matching({ tenant }).length
    },
    reset: async (tenant) => {
      open()
      if (tenant !== undefined) checkTenant(tenant)
      for (const [id, key] of keys) if (tenant === undefined || key.tenant === tenant) keys.delete(id)
    },
    info: async () => {
      open()
      const details = { shredded: shredded.size }
      return { store: 'key', backend: 'memory', readOnly: false, items: keys.size, details }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}

function idOf({ tenant, subject }: KeyScope): string {
  return JSON.stringify([tenant, subject])
}

function compareScopes(a: KeyScope, b: KeyScope): number {
  return compareText(a.tenant, b.tenant) || compareText(a.subject, b.subject)
}
