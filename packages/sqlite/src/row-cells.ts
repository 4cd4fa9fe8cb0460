// Rows on their way between threads, as one flat array: the structured clone of a flat array costs a third of the same rows as arrays.
import type { Cell, Row } from './database.ts'

/** The first `width` cells of each row. */
export function flattenRows(rows: readonly Row[], width: number): readonly Cell[] {
  const cells: Cell[] = []
  for (const row of rows) for (let index = 0; index < width; index += 1) cells.push(row[index] as Cell)
  return cells
}

export function unflattenRows<Item>(
  cells: readonly Cell[],
  width: number,
  toItem: (row: Row) => Item,
): readonly Item[] {
  const items: Item[] = []
  for (let at = 0; at < cells.length; at += width) items.push(toItem(cells.slice(at, at + width)))
  return items
}
