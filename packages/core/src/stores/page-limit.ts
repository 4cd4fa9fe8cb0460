// Where an answer of a store begins and how many items it may hold: one rule for every list and every backend, so that no caller
// can ask for everything.

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

/** The number of items to leave out first, 0 by default. Throws a `RangeError` for one that is not a whole number from 0. */
export function pageOffset(offset: number | undefined): number {
  if (offset === undefined) return 0
  if (Number.isSafeInteger(offset) && offset >= 0) return offset
  throw new RangeError(
    `Expected offset to be a whole number from 0, received ${offset}. Count the items before the page.`,
  )
}
