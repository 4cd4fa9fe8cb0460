// What the cases of this suite are written with: a store, other processes that play parts on it, and transactions in its way.
import type { Commit } from '../../stores/commit.ts'
import type { EventStore } from '../../stores/event/event-store.ts'
import type { Clock } from '../../time/clock.ts'
import type { BackendPlace, Case } from '../suite.ts'
import type { Part, PartReport } from './parts.ts'

/**
 * `durable`: what was acknowledged is found again when the store is opened again.
 * `manyWriters`: several processes can have the place open at the same time, and write; so a held order may be committed too.
 * `otherReaders`: other processes can read the log while this one writes.
 * `heldOrder`: a transaction from outside can hold the order for a while.
 * `openWriter`: a write transaction that does not touch the log can stay open in the same database.
 * `openWriterElsewhere`: a write transaction can stay open in another database of the same server.
 * `oldReader`: a read transaction can stay open, and go on seeing what it saw first.
 * `groups`: commits that wait are stored in groups.
 */
export type ContentionCapability =
  | 'durable'
  | 'manyWriters'
  | 'otherReaders'
  | 'heldOrder'
  | 'openWriter'
  | 'openWriterElsewhere'
  | 'oldReader'
  | 'groups'

/** How a transaction that holds the order ends. */
export type HeldEnd = 'commit' | 'roll back'
/** A transaction that holds the order, with a commit in it that nobody else sees yet. */
export interface HeldOrder {
  /** Ends the transaction, and lets the others go on. */
  release(end: HeldEnd): Promise<void>
}
/** A transaction that is begun, does what its name says, and stays open until it is disposed. */
export type OpenTransaction = 'open write' | 'open write elsewhere' | 'old read'

/** Where a backend keeps its data, and how it is reached from outside of the store that a case is given. */
export interface ContentionPlace extends BackendPlace {
  /** Real time, which core has none of. */
  readonly clock: Clock
  /** Plays a part in a process of its own. With `otherReaders` alone it is asked for the part `follow` only. */
  play?(part: Part): Promise<PartReport>
  /** Needed for `heldOrder` and `manyWriters`: takes the order, and stores a commit of one event, to a stream that is new, without ending its transaction. */
  holdOrder?(commit: Commit): Promise<HeldOrder>
  /** Needed for `openWriter`, `openWriterElsewhere` and `oldReader`. */
  begin?(transaction: OpenTransaction): Promise<AsyncDisposable>
}

export interface GivenContention {
  readonly store: EventStore
  readonly clock: Clock
  /** Multiplies what a case does: 1 takes seconds for the whole suite. */
  readonly effort: number
  /** Where random choices come from. */
  readonly seed: number
  /** Closes the store and opens it again. */
  reopen(): Promise<EventStore>
  /** Plays a part in this process, on the store. */
  playHere(part: Part): Promise<PartReport>
  playElsewhere(part: Part): Promise<PartReport>
  holdOrder(commit: Commit): Promise<HeldOrder>
  begin(transaction: OpenTransaction): Promise<AsyncDisposable>
}
export type ContentionCase = Case<GivenContention, ContentionCapability>
