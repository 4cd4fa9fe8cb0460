// A batch far behind the end of the log, shared out over workers. They are opened when they are first needed and closed whenever what
// they keep of the rows may not be what the view has. What goes wrong with them is left to who folds alone.
import { timeText } from '../time/clock.ts'
import { unlessAborted } from '../time/unless-aborted.ts'
import type { StoredEvent } from '../stores/event/event-store.ts'
import type { View } from '../stores/read-model/read-model-store.ts'
import type { PartFolded, Partitions } from './partitions.ts'

/** What a batch became, and its last event. */
interface Shared extends PartFolded {
  readonly skipped: number
  readonly last: { readonly position: number; readonly id: string; readonly recordedAt: string }
}
export interface Shares {
  /** Whether there are workers, and nothing has gone wrong with them yet. */
  readonly isPossible: boolean
  readonly isOpen: boolean
  /** Opens the workers, if they are not. Rejects with the signal's reason; what else goes wrong makes it impossible. */
  open(signal: AbortSignal): Promise<void>
  /** Errors: what a worker fails with, after which it is impossible. `undefined` at the end of the log. */
  fold(events: readonly StoredEvent[], signal: AbortSignal): Promise<Shared | undefined>
  close(): Promise<void>
}

/** `share` opens workers for a view; absent: there are none. */
export function createShares(share: ((view: View) => Promise<Partitions>) | undefined, view: View): Shares {
  let isPossible = share !== undefined
  let partitions: Partitions | undefined
  const orImpossible = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
    try {
      return await unlessAborted(signal, work)
    } catch (cause) {
      isPossible &&= signal.aborted
      throw cause
    }
  }
  return {
    get isPossible() {
      return isPossible
    },
    get isOpen() {
      return partitions !== undefined
    },
    open: async (signal) => {
      if (partitions === undefined && share !== undefined) partitions = await orImpossible(share(view), signal)
    },
    fold: async (events, signal) => {
      const last = events.at(-1)
      if (last === undefined || partitions === undefined) return undefined
      const made = await orImpossible(partitions.fold(events), signal)
      const { position, commandId, index, recordedAt } = last
      return {
        ...made,
        skipped: events.length - made.applied,
        last: { position, id: `${commandId}.${index}`, recordedAt: timeText(recordedAt) },
      }
    },
    close: async () => {
      const ending = partitions
      partitions = undefined
      await ending?.[Symbol.asyncDispose]()
    },
  }
}
