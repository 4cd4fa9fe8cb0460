// What the relay has done since its last settlement, and the settlement of it: kept in one step, or found to be refused.
import type { HeldFacts, MessagePlace, OutboxStore, Settlement } from '../stores/outbox/outbox-store.ts'
import type { OutboxBatch } from './outbox-relay-batch.ts'

export interface Ledger {
  /** The last commit whose messages are done, settled or not. */
  readonly doneTo: number
  /** Messages that are done and not settled. */
  readonly unsettled: number
  /** Whether a held message changed: what is due, and which keys wait, is known to the store only after the settlement. */
  readonly hasHeld: boolean
  /** Whether the last settlement was not answered; it has to be asked again before anything else. */
  readonly hasUnanswered: boolean
  /** Notes batches of the order as done, from where the last ones ended. */
  noteCommits(batches: readonly OutboxBatch[]): void
  /** Notes held messages that were tried again. */
  noteHeld(batches: readonly OutboxBatch[]): void
  /** Keeps what was noted. Whether the store took it: if not, somebody else relays. Errors: `store_*`; calling again is harmless then. */
  settle(): Promise<boolean>
}

/** A ledger that goes on from the store's cursor. */
export function createLedger(outbox: OutboxStore, fencingToken: number, cursor: number): Ledger {
  let from = cursor
  let doneTo = cursor
  let unsettled = 0
  let sent: MessagePlace[] = []
  let held: (MessagePlace & HeldFacts)[] = []
  /** Handed to the store, without an answer: it may have been kept. */
  let unanswered: Settlement | undefined

  const hold = ({ messages, outcome }: OutboxBatch): void => {
    if (outcome === undefined || outcome === 'sent') return
    for (const { commitNo, index } of messages) held.push({ commitNo, index, ...outcome })
  }
  const keep = async (settlement: Settlement, isRepeated: boolean): Promise<boolean> => {
    unanswered = settlement
    if (!(await outbox.settle(settlement))) {
      // The first time may have been kept, and the answer lost.
      if (!isRepeated || settlement.to === settlement.from || (await outbox.cursor()) !== settlement.to) return false
    }
    unanswered = undefined
    from = settlement.to
    return true
  }

  return {
    get doneTo() {
      return doneTo
    },
    get unsettled() {
      return unsettled
    },
    get hasHeld() {
      return held.length > 0 || sent.length > 0
    },
    get hasUnanswered() {
      return unanswered !== undefined
    },
    noteCommits: (batches) => {
      for (const batch of batches) {
        hold(batch)
        unsettled += batch.messages.length
        doneTo = batch.messages[0]?.commitNo ?? doneTo
      }
    },
    noteHeld: (batches) => {
      for (const batch of batches) {
        hold(batch)
        unsettled += batch.messages.length
        if (batch.outcome === 'sent') sent.push(...batch.messages.map(({ commitNo, index }) => ({ commitNo, index })))
      }
    },
    settle: async () => {
      if (unanswered !== undefined && !(await keep(unanswered, true))) return false
      if (unsettled === 0) return true
      const settlement = { fencingToken, from, to: doneTo, sent, held }
      unsettled = 0
      sent = []
      held = []
      return keep(settlement, false)
    },
  }
}
