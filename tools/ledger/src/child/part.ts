// What a process plays: told lines, it tells lines, until it is closed.
import type { ToParty } from '../protocol.ts'

export interface Part {
  take(line: ToParty): void
  /** Ends in order: what is in hand is finished. */
  close(): Promise<void>
}
