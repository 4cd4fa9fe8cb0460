// Numbers and spans as people read them.

export const grouped = (count: number): string => count.toLocaleString('en-GB')

/** With two digits at most behind the point. */
export const rounded = (value: number): string => String(Math.round(value * 100) / 100)

/** `1 row`, `2 rows`. */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : several}`

/** `45 s`, `3 min`, `2 h`. */
export function spanOf(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1_000)
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`
}
