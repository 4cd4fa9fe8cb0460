// One order of rows on every backend. By key: code point after code point. By content: absent and null first (they are the
// same), then false, true, numbers, strings by code point, and last what has no order (arrays and objects). Keys break ties.
import type { RowPath } from './read-model-store.ts'

/** Compares two texts by code point. JavaScript's `<` compares UTF-16 units, which is another order beyond U+D7FF. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const end = Math.min(a.length, b.length)
  let at = 0
  while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at += 1
  if (at === end) return a.length - b.length
  // The difference may lie in the second half of a pair; in front of two that are none stands the same lone half.
  const before = at === 0 ? 0 : a.charCodeAt(at - 1)
  const inPairs = before >= 0xd800 && before <= 0xdbff ? (a.codePointAt(at - 1) ?? 0) - (b.codePointAt(at - 1) ?? 0) : 0
  return inPairs !== 0 ? inPairs : (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0)
}

/** What lies at a path of a decoded row. Steps name fields of objects; an array has none. */
export function valueAt(row: unknown, path: RowPath): unknown {
  let value = row
  for (const step of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step))
      return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return value
}

/** Compares two decoded values in the order of rows. */
export function compareValues(a: unknown, b: unknown): number {
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0) return rank
  if (typeof a === 'number') return a - (b as number)
  return typeof a === 'string' ? compareText(a, b as string) : 0
}

/** Whether a value is the one that a filter asks for; null asks for null or absent. */
export function equalsValue(value: unknown, asked: string | number | boolean | null): boolean {
  return asked === null ? value === null || value === undefined : value === asked
}

function rankOf(value: unknown): number {
  if (value === undefined || value === null) return 0
  if (value === false) return 1
  if (value === true) return 2
  if (typeof value === 'number') return 3
  return typeof value === 'string' ? 4 : 5
}
