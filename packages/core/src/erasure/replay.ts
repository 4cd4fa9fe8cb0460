// After keys or credentials were restored from a backup: the log knows who was erased since, so they go again.
import { erasureStream } from '../contracts/subject-erased.ts'
import type { CredentialStore } from '../stores/credential/credential-store.ts'
import type { EventStore, StoredEvent } from '../stores/event/event-store.ts'
import type { KeyStore, ShredEntry } from '../stores/key/key-store.ts'

const pageEvents = 1_000

/** Destroys keys and credentials of all subjects whose erasure the log tells. Returns how many keys went. Errors: `store_*`. */
export async function replayErasures(store: EventStore, keys: KeyStore, credentials: CredentialStore): Promise<number> {
  let destroyed = 0
  for (let cursor: string | undefined; ;) {
    const page = await store.list({ aggregateType: erasureStream }, { limit: pageEvents, cursor })
    if (page.items.length > 0) destroyed += await keys.replay(page.items.map(entryOf))
    for (const { tenant, aggregateId } of page.items) await credentials.removeOf(tenant, aggregateId)
    cursor = page.cursor
    if (cursor === undefined) return destroyed
  }
}

function entryOf({ tenant, aggregateId, data, recordedAt }: StoredEvent, at: number): ShredEntry {
  const { reason } = JSON.parse(data) as { readonly reason: string }
  return { number: at + 1, tenant, subject: aggregateId, keyId: undefined, reason, shreddedAt: recordedAt }
}
