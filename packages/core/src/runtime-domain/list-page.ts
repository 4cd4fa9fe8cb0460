// A page of a list that is in memory: filtered, sorted by name, counted, cut.
import type { ListInput, ListPage } from './rows.ts'

interface Named {
  readonly name: string
}
const limitDefault = 100

/** `rows`: copies, which whoever gets them may keep. */
export function listPage<Row extends Named>(
  rows: readonly (Row & { readonly domain?: string })[],
  { domain, limit = limitDefault, offset = 0 }: ListInput,
): ListPage<Row> {
  const found = rows
    .filter((row) => domain === undefined || row.domain === domain)
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return { items: found.slice(offset, offset + limit), total: found.length }
}

/** The rows that a question lets pass; all are asked at once, so that those that have to look into a store share the look. */
export async function thoseThat<Row>(
  rows: readonly Row[],
  passes: (row: Row) => Promise<boolean>,
): Promise<readonly Row[]> {
  const answers = await Promise.all(rows.map(passes))
  return rows.filter((_, at) => answers[at])
}
