// When a schedule has its runs, in a time zone. Pure: it is asked for the runs around an instant, and keeps no time of its own.
import { Cron as Pattern } from 'croner'

/** Instants are milliseconds since 1970 UTC, whole seconds. */
export interface CronSchedule {
  /** The first run after an instant; absent: there is none any more. */
  next(afterMs: number): number | undefined
  /** The last runs up to an instant and with it, oldest first, `count` at most. */
  upTo(ms: number, count: number): readonly number[]
}

/**
 * Fields: (second) minute hour day month weekday. Local times that a change of the clocks leaves out or repeats: a schedule with fixed hours and
 * minutes (no `*` and no step in them) runs once all the same, at the end of the gap or at one of both; any other runs at neither or both.
 * Errors: plain ones for a schedule or a time zone that is none.
 */
export function cronSchedule(schedule: string, timeZone: string, where: string): CronSchedule {
  const pattern = patternOf(schedule, timeZone, where)
  return {
    next: (afterMs) => pattern.nextRun(new Date(afterMs))?.getTime(),
    // The reference itself is left out there, and only whole seconds count.
    upTo: (ms, count) =>
      pattern
        .previousRuns(count, new Date((Math.floor(ms / 1000) + 1) * 1000))
        .map((run) => run.getTime())
        .toReversed(),
  }
}

function patternOf(schedule: string, timeZone: string, where: string): Pattern {
  // A date in place of a schedule would be a run that nothing finds again.
  if (!fields.test(schedule)) throw unfit(where, schedule)
  const options = { timezone: timeZone, paused: true, mode: '5-or-6-parts', fixedTimeRule: 'no-wildcard' } as const
  try {
    const pattern = new Pattern(schedule, options)
    if (pattern.nextRun(new Date(0)) !== null) return pattern
  } catch (cause) {
    if (isTimeZone(timeZone)) throw unfit(where, schedule, cause)
    throw new Error(`Expected ${where} to have a time zone such as "Europe/Berlin", received "${timeZone}".`, { cause })
  }
  throw new Error(`The schedule "${schedule}" of ${where} has no run, ever. Name a day that there is.`)
}

/** Five or six of them, or a name such as `@daily`. */
const fields = /^\s*(@\w+|\S+(\s+\S+){4,5})\s*$/

function unfit(where: string, schedule: string, cause?: unknown): Error {
  const expected = `Expected ${where} to have a schedule such as "0 2 * * *" (minute hour day month weekday)`
  return new Error(`${expected}, received "${schedule}".`, { cause })
}

function isTimeZone(timeZone: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}
