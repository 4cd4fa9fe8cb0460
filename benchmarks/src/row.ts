// One figure and the limit that it stands beside.
import type { Comparison } from './measure.ts'

/** How safe an acknowledged command is: on disk, handed to the system, or in memory only. */
export type Durability = 'full' | 'normal' | 'none'

/** The names of the fields are read by other programs: they are a contract. */
export interface Row {
  readonly suite: string
  readonly case: string
  readonly perSec: number
  /** `null` where single commands were not timed. */
  readonly p50us: number | null
  readonly p99us: number | null
  readonly limitPerSec: number
  readonly ratio: number
  readonly durability: Durability
  /** In rows that tell what something costs: the part of the throughput that it takes, in percent. */
  readonly overheadPct?: number
}

/** The row, whose limit is the same work without what is measured. */
export function withOverhead(row: Row): Row {
  return { ...row, overheadPct: tenths((1 - row.ratio) * 100) }
}

export function rowOf(
  suite: string,
  name: string,
  durability: Durability,
  { perSec, p50us, p99us, limitPerSec, ratio }: Comparison,
): Row {
  return {
    suite,
    case: name,
    perSec: Math.round(perSec),
    p50us: p50us === undefined ? null : tenths(p50us),
    p99us: p99us === undefined ? null : tenths(p99us),
    limitPerSec: Math.round(limitPerSec),
    ratio: Math.round(ratio * 1000) / 1000,
    durability,
  }
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10
}
