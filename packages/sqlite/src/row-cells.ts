// Rows on their way between threads, as one flat array: the structured clone of a flat array costs a third of the same rows as arrays.
// A text that repeats the one of the row before stays at home, as `undefined`: events of a commit share most of theirs.
import type { Cell, Row } from './database.ts'

export type SentCells = readonly (Cell | undefined)[]

/** The first `width` cells of each row. */
export function flattenRows(rows: readonly Row[], width: number): SentCells {
  const cells: (Cell | undefined)[] = []
  let before: Row = []
  for (const row of rows) {
    for (let column = 0; column < width; column += 1) {
      const cell = row[column]
      cells.push(typeof cell === 'string' && cell === before[column] ? undefined : cell)
    }
    before = row
  }
  return cells
}

/** `toItem` is given all cells and where its row begins. */
export function unflattenRows<Item>(
  sent: SentCells,
  width: number,
  toItem: (cells: readonly Cell[], at: number) => Item,
): readonly Item[] {
  const cells: Cell[] = []
  for (const cell of sent) cells.push(cell === undefined ? (cells[cells.length - width] as Cell) : cell)
  const items: Item[] = []
  for (let at = 0; at < cells.length; at += width) items.push(toItem(cells, at))
  return items
}
