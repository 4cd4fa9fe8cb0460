// Held messages whose time has come. Of a few keys also what waits behind the first one: a key of many would else need a look for each.
import type { HeldMessage, OutboxStore } from '../stores/outbox/outbox-store.ts'
import { batchOfHeld } from './outbox-relay-batch.ts'
import type { OutboxBatch } from './outbox-relay-batch.ts'
import { pageMessages } from './outbox-relay-pages.ts'

/** So many keys at most are asked for more than their first message, and for so many messages each. */
const keysMax = 16
const messagesOfKey = 64

/** One batch for each message, those of a key in order. Errors: `store_*`. */
export async function dueBatches(outbox: OutboxStore, nowUs: number): Promise<readonly OutboxBatch[]> {
  const due = await outbox.due(nowUs, pageMessages)
  if (due.length > keysMax) return due.map(batchOfHeld)
  const lines = await Promise.all(
    due.map(async ({ tenant, key }): Promise<readonly HeldMessage[]> => {
      const { items } = await outbox.list({ state: 'waiting', tenant, key }, { limit: messagesOfKey })
      const late = items.findIndex(({ dueAt }) => dueAt > nowUs)
      return late === -1 ? items : items.slice(0, late)
    }),
  )
  return lines.flat().map(batchOfHeld)
}
