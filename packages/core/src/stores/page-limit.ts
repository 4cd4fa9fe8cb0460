// How many items one answer of a store may hold: one rule for every list, so that no caller can ask for everything.

/** Items that one answer may hold at most. */
const pageLimitMax = 10_000

/** The limit to use. Throws a `RangeError` for one that is not a whole number from 1 to `pageLimitMax`. */
export function pageLimit(limit: number | undefined, byDefault: number): number {
  if (limit === undefined) return byDefault
  if (Number.isInteger(limit) && limit >= 1 && limit <= pageLimitMax) return limit
  throw new RangeError(
    `Expected limit to be a whole number from 1 to ${pageLimitMax}, received ${limit}. Ask for pages.`,
  )
}
