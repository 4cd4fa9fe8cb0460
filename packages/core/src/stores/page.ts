// Pages of lists: one rule and one kind of cursor for every list and every backend, so that no caller can ask for everything and
// reading on neither repeats nor skips what others write meanwhile. A list reads one item more than its page holds:
//
//   const asked = askPage({ list: 'snapshots', question: filter }, ['text', 'number'], page) // checked; `asked.after` is what the cursor says
//   const found = read(asked.after, asked.offset, asked.limit + 1)
//   return pageOf(asked, found, (item) => [item.id, item.version], asked.withTotal ? count() : undefined)
import { cursorSeal, openCursor, sealCursor } from './cursor.ts'
import type { CursorKey, CursorSeal, CursorShape, ListQuestion } from './cursor.ts'
import type { Page, PageRequest } from './store.ts'

/** Items that one answer may hold at most. */
const pageLimitMax = 10_000
const limitByDefault = 100

/** A page request whose fields are checked and whose defaults are filled in. */
export interface AskedPage<Key extends readonly (string | number)[]> {
  /** What binds the page's cursor to its question. */
  readonly seal: CursorSeal
  /** The key of the last item before the page; absent: from the start. */
  readonly after: Key | undefined
  /** Items to leave out first. */
  readonly offset: number
  readonly limit: number
  readonly withTotal: boolean
}

/**
 * Checks a page request. `asked` says which list, and what else has to be the same for a cursor to hold: everything that narrows or
 * orders it. `shape` says what its cursors hold.
 * Errors: `invalid_cursor`; a `RangeError` for a limit or offset out of bounds, and for a cursor together with an offset.
 */
export function askPage<const Shape extends CursorShape>(
  asked: ListQuestion,
  shape: Shape,
  { cursor, offset, limit, withTotal }: PageRequest = {},
): AskedPage<CursorKey<Shape>> {
  const start = pageOffset(offset)
  if (cursor !== undefined && start > 0) {
    throw new RangeError(`Expected a cursor or an offset, received both. A cursor says already where the page begins.`)
  }
  const seal = cursorSeal(asked)
  return {
    seal,
    after: cursor === undefined ? undefined : openCursor(seal, shape, cursor),
    offset: start,
    limit: pageLimit(limit, limitByDefault),
    withTotal: withTotal === true,
  }
}

/**
 * The page of what was found: at most `asked.limit` items, and a cursor when one more was found. `keyOf` must be what the list is
 * ordered by, and unique. A store that ends a page early, because of its size, passes `{ ...asked, limit }` with what it holds.
 */
// `| []` makes the compiler read a key that is written in place as a tuple.
export function pageOf<Item, Key extends readonly (string | number)[] | []>(
  { seal, limit }: AskedPage<Key>,
  found: readonly Item[],
  keyOf: (item: Item) => Key,
  total?: number,
): Page<Item> {
  const more = found.length > limit
  const items = more ? found.slice(0, limit) : found
  const last = items.at(-1)
  return {
    items,
    ...(more && last !== undefined && { cursor: sealCursor(seal, keyOf(last)) }),
    ...(total !== undefined && { total }),
  }
}

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
