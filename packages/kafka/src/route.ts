// How messages get to the broker: each by itself, or in transactions.
import type { Message } from './messages.ts'

export interface Route extends AsyncDisposable {
  /** The portions, one after the other. Ends in time. */
  carry(portions: readonly (readonly Message[])[]): Promise<void>
}
