// One tenure of the relay, look by look: what is due goes first, then the next page of the order; what was done is settled.
import type { OutboxStore } from '../stores/outbox/outbox-store.ts'
import { backoffMs } from '../time/backoff.ts'
import { pause } from '../time/unless-aborted.ts'
import { batchesOf, batchOfHeld, behind, keyOf } from './outbox-relay-batch.ts'
import type { OutboxBatch } from './outbox-relay-batch.ts'
import { sendInLanes } from './outbox-relay-lanes.ts'
import { createLedger } from './outbox-relay-ledger.ts'
import type { Ledger } from './outbox-relay-ledger.ts'
import { createPages, pageMessages } from './outbox-relay-pages.ts'
import { createRetention } from './outbox-relay-retention.ts'
import { sendBatch } from './outbox-relay-send.ts'
import type { SendParts } from './outbox-relay-send.ts'

/**
 * Sends what there is, up to a page. `more`: there may be more at once. `refused`: somebody else relays. A number: there was nothing
 * left, and nothing to do for that many milliseconds. Errors: `store_*`; the next call goes on where this one failed.
 */
export type OutboxLook = () => Promise<'more' | 'refused' | number>
export interface OutboxLookParts extends SendParts {
  readonly outbox: OutboxStore
  readonly fencingToken: number
  readonly counts: { sent: number; held: number; dead: number }
  readonly isHeld: () => boolean
  /** Whether another batch may go. */
  readonly isOpen: () => boolean
  /** Ends waiting. */
  readonly leaving: AbortSignal
  /** Ends sending. */
  readonly ending: AbortSignal
  /** Told that the broker is away, and that it is there again. */
  readonly onBroker: (isAway: boolean) => void
}

/** Milliseconds for which settlements of sent messages are gathered: commits wait for the same lock. */
const settleMs = 50

/** Looks at the outbox in the name of one lease. */
export function createOutboxLook(parts: OutboxLookParts): OutboxLook {
  const { outbox, settings, runtime, isHeld, isOpen, leaving, ending, onBroker } = parts
  const { clock, ids } = runtime
  const pageAfter = createPages(outbox)
  const removeOld = createRetention(outbox, clock, settings.retentionMs)
  let ledger: Ledger | undefined
  let settledUs = clock.monotonicUs()
  /** Rounds in succession in which the broker was away. */
  let away = 0
  /** Whether any message waited when this look began. */
  let anyWaits = true

  const settle = async (own: Ledger): Promise<boolean> => {
    if (!isHeld()) return false
    settledUs = clock.monotonicUs()
    return own.settle()
  }
  const send = async (batch: OutboxBatch): Promise<OutboxBatch['outcome']> => {
    const outcome = await sendBatch(parts, batch, ending)
    if (outcome === undefined || away === 0) return outcome
    away = 0
    onBroker(false)
    return outcome
  }
  /** Sends all batches, waiting for a broker that is away. `done` notes what is done and returns the rest. Whether it was not refused. */
  const deliver = async (
    own: Ledger,
    batches: readonly OutboxBatch[],
    waiting: Set<string>,
    done: (batches: readonly OutboxBatch[]) => readonly OutboxBatch[],
  ): Promise<boolean> => {
    // After an outage one batch goes ahead of the others.
    const inFlightMax = (): number => (away > 0 ? 1 : settings.inFlightMax)
    const lanes = { waiting, inFlightMax, isOpen, send, behind: () => behind(clock.nowUs()) }
    for (let rest = batches; ;) {
      await sendInLanes(rest, lanes)
      rest = done(rest)
      if (rest.length === 0 || !isOpen()) return true
      away += 1
      onBroker(true)
      // Nothing that is done is sent again if this process ends while it waits.
      if (!(await settle(own))) return false
      await pause(clock, backoffMs(settings.brokerBackoff, away, ids.random), leaving).catch(() => undefined)
    }
  }
  /** How many messages were due; `undefined`: refused. */
  const deliverDue = async (own: Ledger): Promise<number | undefined> => {
    const nowUs = clock.nowUs()
    const dueAt = await outbox.nextDue()
    anyWaits = dueAt !== undefined
    if (dueAt === undefined || dueAt > nowUs) return 0
    const due = await outbox.due(nowUs, pageMessages)
    const isKept = await deliver(own, due.map(batchOfHeld), new Set(), (batches) => {
      const settled = batches.filter(({ outcome }) => outcome !== undefined)
      own.noteHeld(settled)
      count(parts, settled)
      return batches.filter(({ outcome }) => outcome === undefined)
    })
    // Which keys wait is known to the store only when this is settled.
    return isKept && (await settle(own)) ? due.length : undefined
  }
  /** How many messages the page had; `undefined`: refused. */
  const deliverPage = async (own: Ledger): Promise<number | undefined> => {
    const page = await pageAfter(own.doneTo)
    if (page.length === 0) return 0
    const batches = batchesOf(page)
    const waiting = anyWaits ? await waitingKeys(outbox, batches) : new Set<string>()
    const isKept = await deliver(own, batches, waiting, (rest) => {
      // What lies behind one that has not gone is settled too when this relay leaves: else the next one sends it again.
      if (!isOpen()) holdGaps(rest, clock.nowUs())
      const open = rest.findIndex(({ outcome }) => outcome === undefined)
      const settled = rest.slice(0, open === -1 ? rest.length : open)
      own.noteCommits(settled)
      count(parts, settled)
      return rest.slice(settled.length)
    })
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
  for (const batch of batches.slice(0, last + 1)) batch.outcome ??= behind(nowUs)
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
