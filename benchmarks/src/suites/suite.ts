// What a suite is given and what it makes.
import type { Effort } from '../measure.ts'
import type { Row } from '../row.ts'

interface SuiteSettings extends Effort {
  /** A directory on a disk, for the suite's files. */
  readonly scratch: string
  /** Events of the long history; 100,000 unless a test wants fewer. */
  readonly historyEvents: number
}
/** Gives each row as soon as it was measured. */
export type Suite = (settings: SuiteSettings) => AsyncIterable<Row>
