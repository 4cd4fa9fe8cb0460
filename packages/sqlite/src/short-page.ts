// Pages of long texts: a page ends early when its texts are large, so that a list of anything fits into memory.
import type { Row } from './database.ts'

/** Characters that the texts of one page may have together, if it has more than one item. */
const pageCharactersMax = 4 * 1024 * 1024

export interface ShortPage<Item> {
  /** What the page holds, and one more when there is one. */
  readonly items: readonly Item[]
  /** Items that the page holds at most: fewer than asked for when it ended early. */
  readonly limit: number
}

/** Reads rows until the page is full, by number or by size. `rows` gives one row more than `limit`. */
export function shortPage<Item>(
  rows: Iterable<Row>,
  limit: number,
  toItem: (row: Row) => Item,
  charactersOf: (item: Item) => number,
): ShortPage<Item> {
  const items: Item[] = []
  let characters = 0
  for (const row of rows) {
    const item = toItem(row)
    items.push(item)
    characters += charactersOf(item)
    if (characters > pageCharactersMax && items.length > 1) return { items, limit: Math.min(limit, items.length - 1) }
  }
  return { items, limit }
}
