// Text for people: columns under each other.
import { visibleInLine } from './visible.ts'

/** Rows of cells, two spaces apart, each column as wide as its widest cell. */
export function tableOf(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(visibleInLine))
  const widths: number[] = []
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return rows.map(lineOf).join('\n')
}
