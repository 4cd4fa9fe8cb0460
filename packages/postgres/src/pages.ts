// A page of any list, as one statement: its rows and one more, fewer when their texts are large, and the total when it is asked for.
import { pageOf } from '@gesta/core/ports'
import type { AskedPage, Page } from '@gesta/core/ports'
import type { Where } from './conditions.ts'
import type { Row, Value } from './driver.ts'

/** What is listed: from where, in which order, and how large its rows are. */
export interface List<Item, Key extends readonly (string | number)[]> {
  readonly columns: string
  /** Tables, with the word FROM. */
  readonly from: string
  /** What the whole list is counted in, if `from` has no more than the page needs. */
  readonly countFrom?: string
  /** Expressions that order the list and tell its items apart, as its cursors do. */
  readonly order: readonly string[]
  readonly isDescending: boolean
  /** How a cursor's value is compared with its expression; default: as it is. */
  compared?(value: string): string
  /** Bytes of a row's long texts, as an expression. */
  readonly bytes: string
  /** How many the whole list has, as a query, if that is known without counting. */
  readonly count?: string
  toItem(row: Row): Item
  keyOf(item: Item): Key
}

/** Bytes that the texts of one page may have together, if it has more than one item. */
const pageBytes = 4 * 1024 * 1024

export async function readPage<Item, Key extends readonly (string | number)[]>(
  read: (sql: string, values: readonly Value[]) => Promise<readonly Row[]>,
  { columns, from, countFrom = from, order, isDescending, compared, bytes, count, toItem, keyOf }: List<Item, Key>,
  where: Where,
  asked: AskedPage<Key>,
): Promise<Page<Item>> {
  const direction = isDescending ? 'DESC' : 'ASC'
  const inOrder = (expressions: readonly string[]): string =>
    expressions.map((expression) => `${expression} ${direction}`).join(', ')
  const sorted = order.map((_, at) => `sorted_${at}`)
  const counting =
    where.values.length === 0 && count !== undefined ? count : `SELECT count(*) ${countFrom} WHERE ${where.sql}`
  const total = asked.withTotal ? `(${counting})` : 'NULL::bigint'
  const after = asked.after?.map((value) => compared?.(where.bind(value)) ?? where.bind(value)).join(', ')
  const start = after === undefined ? 'true' : `(${order.join(', ')}) ${isDescending ? '<' : '>'} (${after})`
  const sortedColumns = order.map((expression, at) => `${expression} AS ${sorted[at]}`).join(', ')
  // The limit stands beside the order of an index, so that no more rows are read than the page has, on each way.
  const rowsOf = (way: string, limit: number, more = ''): string =>
    `SELECT ${columns}, ${bytes} AS text_bytes, ${sortedColumns} ${from} WHERE ${way} AND ${start}
      ORDER BY ${inOrder(order)} LIMIT ${where.bind(limit)} ${more}`
  const { ways } = where
  const offset = `OFFSET ${where.bind(asked.offset)}`
  const rowsOfWays = (): string => {
    const each = ways.map((way) => `(${rowsOf(way, asked.offset + asked.limit + 1)})`).join(' UNION ALL ')
    return `SELECT * FROM (${each}) u ORDER BY ${inOrder(sorted)} LIMIT ${where.bind(asked.limit + 1)} ${offset}`
  }
  const found = ways.length > 1 ? rowsOfWays() : rowsOf(where.sql, asked.limit + 1, offset)
  const rows = await read(
    `SELECT t.total, p.* FROM (SELECT ${total} AS total) t LEFT JOIN (
      SELECT f.*, row_number() OVER in_order AS place,
        sum(f.text_bytes) OVER (in_order ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before, count(*) OVER () AS found
      FROM (${found}) f WINDOW in_order AS (ORDER BY ${inOrder(sorted)})
    ) p ON p.place < 3 OR p.before < ${pageBytes} ORDER BY p.place`,
    where.values,
  )
  const [first] = rows
  const counted = first?.[0]
  // Without a row of the list there is one of nulls, with the total.
  const items = first?.at(-1) === null ? [] : rows.map((row) => toItem(row.slice(1)))
  const isCut = items.length < Number(first?.at(-1) ?? 0)
  const limit = isCut ? items.length - 1 : asked.limit
  return pageOf({ ...asked, limit }, items, keyOf, typeof counted === 'number' ? counted : undefined)
}
