// The credential store in memory.
import { storeClosed } from '../event/commit-queue.ts'
import { askPage, pageLimit, pageOf } from '../page.ts'
import { compareText } from '../read-model/row-order.ts'
import { checkTenant, checkWhole } from '../check-text.ts'
import { checkCredentialFilter, checkCredentialKey, checkNewCredential } from './check-credential.ts'
import type { CredentialFilter, CredentialKey, CredentialStore, StoredCredential } from './credential-store.ts'

/** A credential store that lives as long as its process. */
export function createMemoryCredentialStore(): CredentialStore {
  const kept = new Map<string, StoredCredential>()
  let closed = false
  const open = (): void => {
    if (closed) throw storeClosed()
  }
  const matching = ({ tenant, kind, subject, sealedBy }: CredentialFilter): readonly StoredCredential[] =>
    [...kept.values()]
      .filter(
        (one) =>
          (tenant ?? one.tenant) === one.tenant &&
          (kind ?? one.kind) === one.kind &&
          (subject ?? one.subject) === one.subject &&
          (sealedBy ?? one.sealedBy) === one.sealedBy,
      )
      .toSorted(compareKeys)
  const removeAll = (found: readonly StoredCredential[]): number => {
    for (const one of found) kept.delete(idOf(one))
    return found.length
  }
  return {
    get: async (key) => {
      open()
      checkCredentialKey(key)
      return kept.get(idOf(key))
    },
    put: async (credential, expected) => {
      open()
      checkNewCredential(credential, expected)
      const known = kept.get(idOf(credential))
      if ((known?.version ?? 0) === expected) {
        kept.set(idOf(credential), { ...credential, version: expected + 1 })
        return true
      }
      // The same call again: its sealed text is like no other.
      return known?.version === expected + 1 && known.sealed === credential.sealed
    },
    remove: async (key, expected) => {
      open()
      checkCredentialKey(key)
      if (expected !== undefined) checkWhole(expected, 'expected version', 1)
      const known = kept.get(idOf(key))
      return known !== undefined && (expected ?? known.version) === known.version && kept.delete(idOf(key))
    },
    removeOf: async (tenant, subject) => {
      open()
      checkCredentialFilter({ tenant, subject })
      return removeAll(matching({ tenant, subject }))
    },
    removeExpired: async (before, limit) => {
      open()
      checkWhole(before, 'time', 0)
      const expired = [...kept.values()].filter(({ expiresAt }) => expiresAt !== undefined && expiresAt < before)
      return removeAll(expired.slice(0, pageLimit(limit, 1_000)))
    },
    list: async (filter, page) => {
      open()
      checkCredentialFilter(filter)
      const asked = askPage({ list: 'credentials', question: filter }, ['text', 'text', 'text'], page)
      const [tenant, kind, id] = asked.after ?? []
      const all = matching(filter)
      const rest =
        tenant === undefined || kind === undefined || id === undefined
          ? all
          : all.filter((one) => compareKeys(one, { tenant, kind, id }) > 0)
      return pageOf(
        asked,
        rest.slice(asked.offset, asked.offset + asked.limit + 1),
        (one) => [one.tenant, one.kind, one.id] as const,
        asked.withTotal ? all.length : undefined,
      )
    },
    total: async (filter = {}) => {
      open()
      checkCredentialFilter(filter)
      return matching(filter).length
    },
    reset: async (tenant) => {
      open()
      if (tenant !== undefined) checkTenant(tenant)
      removeAll(matching({ tenant }))
    },
    info: async () => {
      open()
      return { store: 'credential', backend: 'memory', readOnly: false, items: kept.size, details: {} }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}

function idOf({ tenant, kind, id }: CredentialKey): string {
  return JSON.stringify([tenant, kind, id])
}

function compareKeys(a: CredentialKey, b: CredentialKey): number {
  return compareText(a.tenant, b.tenant) || compareText(a.kind, b.kind) || compareText(a.id, b.id)
}
