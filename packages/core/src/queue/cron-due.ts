// Which firings of a cron are due: those of its schedule between the last one and now, as its policy for missed ones has it.
import type { CronParts } from './cron.ts'

export interface DueTick {
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number
  readonly isLate: boolean
}

/** Milliseconds after its time within which a firing is no missed one. */
const graceMs = 60_000

/**
 * Oldest first. `afterMs`: the last firing, or since when the cron counts; one at or before it never comes again, wherever the clock goes.
 */
export function dueTicks(
  { runs, missed, missedMax }: Pick<CronParts, 'runs' | 'missed' | 'missedMax'>,
  afterMs: number,
  nowMs: number,
): readonly DueTick[] {
  return runs
    .upTo(nowMs, missed === 'all' ? missedMax : 1)
    .filter((atMs) => atMs > afterMs)
    .map((atMs) => ({ atMs, isLate: nowMs - atMs > graceMs }))
    .filter(({ isLate }) => missed !== 'skip' || !isLate)
}
