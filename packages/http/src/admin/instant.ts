// Times as operators write and read them: RFC 3339, to the microsecond. The command log counts microseconds.
import type { Kind } from './fields.ts'

/** A time with its zone, such as `2026-01-05T10:00:00Z`. */
export const instant: Kind<string> = {
  type: 'string',
  expected: 'a time such as 2026-01-05T10:00:00Z, from 1970 to 2254',
  takes: (value): value is string => typeof value === 'string' && microsecondsIn(value) !== undefined,
}

/** Microseconds UTC of a time; absent when there is none, or when it is none. */
export function microsecondsIn(text: string | undefined): number | undefined {
  const [, seconds, fraction = '', zone] = form.exec(text ?? '') ?? []
  const milliseconds = Date.parse(`${seconds}${zone}`)
  if (seconds === undefined || !(milliseconds >= 0) || !isInCalendar(seconds)) return undefined
  const microseconds = milliseconds * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'))
  return Number.isSafeInteger(microseconds) ? microseconds : undefined
}

const form = /^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/

/** The 31st of February would be taken for a day in March, and more would be purged than was said. */
function isInCalendar(seconds: string): boolean {
  const [day, time] = seconds.split(/[Tt ]/)
  return new Date(`${day}T${time}Z`).toISOString().startsWith(`${day}T${time}`)
}

/** The same in UTC, with all six digits. */
export function instantOf(microseconds: number): string {
  const seconds = new Date(Math.floor(microseconds / 1_000_000) * 1000).toISOString().slice(0, -'.000Z'.length)
  return `${seconds}.${String(microseconds % 1_000_000).padStart(6, '0')}Z`
}
