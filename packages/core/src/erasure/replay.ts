// After the key store was restored from a backup: the log knows who was erased since, so the keys go again.
import { erasureStream } from '../contracts/subject-erased.ts'
import type { EventStore, StoredEvent } from '../stores/event/event-store.ts'
import type { KeyStore, ShredEntry } from '../stores/key/key-store.ts'

const pageEvents = 1_000

/** Destroys the keys of all subjects whose erasure the log tells. Returns how many keys went. Errors: `store_*`. */
export async function replayErasures(store: EventStore, keys: KeyStore): Promise<number> {
  let destroyed = 0
  for (let cursor: string | undefined; ;) {
    const page = await store.list({ aggregateType: erasureStream }, { limit: pageEvents, cursor })
    if (page.items.length > 0) destroyed += await keys.replay(page.items.map(entryOf))
    cursor = page.cursor
    if (cursor === undefined) return destroyed
  }
}

function entryOf({ tenant, aggregateId, data, recordedAt }: StoredEvent, at: number): ShredEntry {
  const { reason } = JSON.parse(data) as { readonly reason: string }
  return { number: at + 1, tenant, subject: aggregateId, keyId: undefined, reason, shreddedAt: recordedAt }
}
