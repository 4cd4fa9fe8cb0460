// The lease store: who owns a name for a while. One owner in a cluster, taken over when it dies, fenced against coming back.
import type { Store } from '../store.ts'

export interface Lease {
  readonly name: string
  /** Who holds it: unique per process. */
  readonly owner: string
  /** From 1; rises with every new holder of the name, for ever: what a former holder still tries under a lower token is refused. */
  readonly fencingToken: number
  /** Microseconds UTC by the clock of the store, which is the only one that counts. */
  readonly expiresAt: number
}
/** What a holder shows to prolong a lease or to give it up. */
export type HeldLease = Pick<Lease, 'name' | 'owner' | 'fencingToken'>

/** Milliseconds that a lease may be given for: a day. */
export const leaseDurationMsMax = 86_400_000

/**
 * Time is the store's own (the database's), so clocks of processes need not agree. A lease holds until its `expiresAt`, exclusive.
 * A holder must stop at its own count of the duration, from before it asked: what it does later than that is what the token refuses.
 * Atomicity: of any number of contenders for a free or expired name exactly one acquires it.
 * Durability: a token that was given out is never given out again, whatever ends the process.
 * Errors: `store_*`, `invalid_key`; a plain `RangeError` for a duration that is no whole number from 1 to 86,400,000.
 * Reference: docs/reference/leases.md.
 */
export interface LeaseStore extends Store {
  /**
   * Takes a free or expired name under a new token; the holder itself gets its lease again, `durationMs` from now, under the same one.
   * Absent: somebody else holds it.
   */
  acquire(name: string, owner: string, durationMs: number): Promise<Lease | undefined>
  /** Makes a lease that still holds (same owner and token, not expired) last until `durationMs` from now. Absent: it is lost. */
  renew(lease: HeldLease, durationMs: number): Promise<Lease | undefined>
  /** Gives a lease up at once; one that is lost already is left alone. The name's token goes on rising. */
  release(lease: HeldLease): Promise<void>
  /** The lease that holds now; absent when the name is free. */
  holder(name: string): Promise<Lease | undefined>
  /** Leases that hold now, by name. */
  list(): Promise<readonly Lease[]>
  /** How many leases hold now. */
  total(): Promise<number>
  /** Ends all leases; tokens go on rising. */
  reset(): Promise<void>
}
