// One tenure of the relay, look by look: what is due goes first, then the next page of the order; what was done is settled.
import type { OutboxStore } from '../stores/outbox/outbox-store.ts'
import { batchesOf, behind, keyOf } from './outbox-relay-batch.ts'
import type { OutboxBatch } from './outbox-relay-batch.ts'
import { createDeliver } from './outbox-relay-deliver.ts'
import type { DeliverParts } from './outbox-relay-deliver.ts'
import { dueBatches } from './outbox-relay-due.ts'
import { createLedger } from './outbox-relay-ledger.ts'
import type { Ledger } from './outbox-relay-ledger.ts'
import { createPages, pageMessages } from './outbox-relay-pages.ts'
import { createRetention } from './outbox-relay-retention.ts'

/**
 * Sends what there is, up to a page. `more`: there may be more at once. `refused`: somebody else relays. A number: there was nothing
 * left, and nothing to do for that many milliseconds. Errors: `store_*`; the next call goes on where this one failed.
 */
export type OutboxLook = () => Promise<'more' | 'refused' | number>
export interface OutboxLookParts extends DeliverParts {
  readonly outbox: OutboxStore
  readonly fencingToken: number
  readonly counts: { sent: number; held: number; dead: number }
  readonly isHeld: () => boolean
}

/** Milliseconds for which settlements of sent messages are gathered: commits wait for the same lock. */
const settleMs = 50

/** Looks at the outbox in the name of one lease. */
export function createOutboxLook(parts: OutboxLookParts): OutboxLook {
  const { outbox, settings, isHeld, isOpen } = parts
  const { clock } = parts.runtime
  const pageAfter = createPages(outbox)
  const deliver = createDeliver(parts)
  const removeOld = createRetention(outbox, clock, settings.retentionMs, parts.onTrouble)
  let ledger: Ledger | undefined
  let settledUs = clock.monotonicUs()
  /** Whether any message waited when this look began. */
  let anyWaits = true

  const settle = async (own: Ledger): Promise<boolean> => {
    if (!isHeld()) return false
    settledUs = clock.monotonicUs()
    return own.settle()
  }
  /** How many messages were due; `undefined`: refused. */
  const deliverDue = async (own: Ledger): Promise<number | undefined> => {
    const nowUs = clock.nowUs()
    const dueAt = await outbox.nextDue()
    anyWaits = dueAt !== undefined
    if (dueAt === undefined || dueAt > nowUs) return 0
    const due = await dueBatches(outbox, nowUs)
    const done = (batches: readonly OutboxBatch[]): readonly OutboxBatch[] => {
      const changed = batches.filter(({ outcome, facts }) => outcome !== undefined && outcome !== facts)
      own.noteHeld(changed)
      count(parts, changed)
      return batches.filter(({ outcome }) => outcome === undefined)
    }
    const isKept = await deliver(due, new Set(), { done, settle: () => settle(own) })
    // Which keys wait is known to the store only when this is settled.
    return isKept && (await settle(own)) ? due.length : undefined
  }
  /** How many messages the page had; `undefined`: refused. */
  const deliverPage = async (own: Ledger): Promise<number | undefined> => {
    const page = await pageAfter(own.doneTo)
    if (page.length === 0) return 0
    const batches = batchesOf(page)
    const waiting = anyWaits ? await waitingKeys(outbox, batches) : new Set<string>()
    const done = (rest: readonly OutboxBatch[]): readonly OutboxBatch[] => {
      // What lies behind one that has not gone is settled too when this relay leaves: else the next one sends it again.
      if (!isOpen()) holdGaps(rest, clock.nowUs())
      const open = rest.findIndex(({ outcome }) => outcome === undefined)
      const settled = rest.slice(0, open === -1 ? rest.length : open)
      own.noteCommits(settled)
      count(parts, settled)
      return rest.slice(settled.length)
    }
    // Others show whether it is the broker that is away, or one batch that it cannot take.
    const more = async (rest: readonly OutboxBatch[]): Promise<readonly OutboxBatch[]> => {
      if (rest.reduce((sum, { messages }) => sum + messages.length, 0) >= pageMessages) return []
      const added = batchesOf(await pageAfter(rest.at(-1)?.messages[0]?.commitNo ?? own.doneTo))
      for (const key of await waitingKeys(outbox, added)) waiting.add(key)
      return added
    }
    const isKept = await deliver(batches, waiting, { done, more, settle: () => settle(own) })
    return isKept ? page.length : undefined
  }

  return async () => {
    const own = (ledger ??= createLedger(outbox, parts.fencingToken, await outbox.cursor()))
    if (own.hasUnanswered && !(await settle(own))) return 'refused'
    const due = await deliverDue(own)
    if (due === undefined) return 'refused'
    const messages = isOpen() ? await deliverPage(own) : 0
    if (messages === undefined) return 'refused'
    const restMs = settleMs - (clock.monotonicUs() - settledUs) / 1000
    const isTime = own.hasHeld || own.unsettled >= pageMessages || restMs <= 0 || !isOpen()
    if (own.unsettled > 0 && isTime && !(await settle(own))) return 'refused'
    if (!isOpen()) return 'more'
    const isRemoving = await removeOld()
    if (due > 0 || messages > 0 || isRemoving) return 'more'
    const dueAt = await outbox.nextDue()
    const dueMs = dueAt === undefined ? settings.pollMs : Math.max(0, dueAt - clock.nowUs()) / 1000
    return Math.min(settings.pollMs, dueMs, own.unsettled > 0 ? Math.max(0, restMs) : settings.pollMs)
  }
}

/** Holds what has no outcome and lies before something that has one. */
function holdGaps(batches: readonly OutboxBatch[], nowUs: number): void {
  const last = batches.findLastIndex(({ outcome }) => outcome !== undefined)
  for (const batch of batches.slice(0, last + 1)) batch.outcome ??= behind(batch, nowUs)
}

function count({ counts }: OutboxLookParts, batches: readonly OutboxBatch[]): void {
  for (const { messages, outcome } of batches) {
    if (outcome === undefined) continue
    counts[outcome === 'sent' ? 'sent' : outcome.state === 'dead' ? 'dead' : 'held'] += messages.length
  }
}

/** Of the keys of these batches, those of which a message waits in the store. */
async function waitingKeys(outbox: OutboxStore, batches: readonly OutboxBatch[]): Promise<Set<string>> {
  const keys = new Map(batches.flatMap(({ messages }) => messages.map((each) => [keyOf(each), each] as const)))
  const waiting = await outbox.waitingKeys([...keys.values()].map(({ tenant, key }) => ({ tenant, key })))
  return new Set([...keys.keys()].filter((_, at) => waiting.has(at)))
}
