// What a suite is given and what it makes.
import type { Effort } from '../measure.ts'
import type { Row } from '../row.ts'

interface SuiteSettings extends Effort {
  /** A directory on a disk, for the suite's files. */
  readonly scratch: string
  /** Events of the long history; 100,000 unless a test wants fewer. */
  readonly historyEvents: number
  /** Events of the large log, 5,000,000 unless a test wants fewer; a hundredth of them for the small one. */
  readonly largeEvents: number
  /** Events of the log that views are built from; 200,000 unless told. */
  readonly viewEvents: number
  /** Events of the shortest log that views are built from; 10,000 unless a test wants fewer. */
  readonly fewEvents: number
  /** Records of the long command log; 5,000,000 unless told. */
  readonly loggedCommands: number
  /** Commands whose instructions are counted; 30,000, or 0 for a test, which then counts none. */
  readonly countedCommands: number
  /** Dispatches at once under one idempotency key; 1,000 unless a test wants fewer. */
  readonly sameKeyDispatches: number
  /** Clients of event streams; 1,000 unless a test wants fewer. */
  readonly streamClients: number
  /** Seconds that a transaction is held open while others append; 600 unless a test wants fewer. */
  readonly oldSnapshotSeconds: number
  /** Seconds that a transaction is held open while jobs are processed; 20 unless told. */
  readonly heldSeconds: number
  /** Lines of each imported file, about; 30,000 unless a test wants fewer. */
  readonly importLines: number
}
/** Gives each row as soon as it was measured. */
export type Suite = (settings: SuiteSettings) => AsyncIterable<Row>
