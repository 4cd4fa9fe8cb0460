// Rows of one view in memory: by tenant and key, as exact texts, with the order of keys made when it is asked for.
import { pageLimit, pageOffset } from '../page.ts'
import { checkFilter, checkRange, checkScan } from './check-question.ts'
import type { KeyedRow, RowFilter, RowRange, RowWrite, View } from './read-model-store.ts'
import { compareText, compareValues, equalsValue, valueAt } from './row-order.ts'

/** A tenant's rows; `keys` is their order, made when it is asked for. */
interface Rows {
  readonly values: Map<string, string>
  keys: readonly string[] | undefined
}
interface FoundRows {
  readonly rows: readonly string[]
  readonly total: number
}
export interface MemoryRows {
  get(tenant: string, key: string): string | undefined
  write(write: RowWrite): void
  list(tenant: string, range: RowRange): FoundRows
  find(tenant: string, filter: RowFilter): FoundRows
  scan(page: NonNullable<Parameters<View['scan']>[0]>): readonly KeyedRow[]
  clear(): void
}

export function createMemoryRows(): MemoryRows {
  const tenants = new Map<string, Rows>()
  return {
    get: (tenant, key) => tenants.get(tenant)?.values.get(key),
    write: ({ tenant, key, value }) => {
      let rows = tenants.get(tenant)
      if (rows === undefined) tenants.set(tenant, (rows = { values: new Map(), keys: undefined }))
      if (value === undefined ? rows.values.delete(key) : !rows.values.has(key)) rows.keys = undefined
      if (value !== undefined) rows.values.set(key, value)
    },
    list: (tenant, range) => {
      checkRange(range)
      return listRows(tenants.get(tenant), range)
    },
    find: (tenant, filter) => {
      checkFilter(filter)
      return findRows(tenants.get(tenant), filter)
    },
    scan: ({ after, limit }) => {
      const count = pageLimit(limit, 1_000)
      checkScan(after)
      const page: KeyedRow[] = []
      for (const tenant of [...tenants.keys()].sort(compareText)) {
        const place = after === undefined ? 1 : compareText(tenant, after.tenant)
        if (place < 0) continue
        const rows = tenants.get(tenant) as Rows
        const keys = sortedKeys(rows)
        const start = place === 0 && after !== undefined ? countUpTo(keys, after.key) : 0
        for (const key of keys.slice(start, start + count - page.length))
          page.push({ tenant, key, value: rows.values.get(key) as string })
        if (page.length === count) break
      }
      return page
    },
    clear: () => tenants.clear(),
  }
}

function sortedKeys(rows: Rows): readonly string[] {
  rows.keys ??= [...rows.values.keys()].sort(compareText)
  return rows.keys
}

/** How many of the keys, which are in order, are not after this one. */
function countUpTo(keys: readonly string[], key: string): number {
  let from = 0
  let to = keys.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if (compareText(keys[middle] as string, key) <= 0) from = middle + 1
    else to = middle
  }
  return from
}

function listRows(rows: Rows | undefined, { from, to, limit, offset }: RowRange): FoundRows {
  const count = pageLimit(limit, 100)
  const start = pageOffset(offset)
  if (rows === undefined) return { rows: [], total: 0 }
  let keys = sortedKeys(rows)
  if (from !== undefined || to !== undefined) {
    keys = keys.filter(
      (key) => (from === undefined || compareText(key, from) >= 0) && (to === undefined || compareText(key, to) <= 0),
    )
  }
  return { rows: keys.slice(start, start + count).map((key) => rows.values.get(key) as string), total: keys.length }
}

function findRows(rows: Rows | undefined, { equals, orderBy, limit, offset }: RowFilter): FoundRows {
  const count = pageLimit(limit, 100)
  const start = pageOffset(offset)
  if (rows === undefined) return { rows: [], total: 0 }
  const found: { readonly text: string; readonly row: unknown }[] = []
  for (const key of sortedKeys(rows)) {
    const text = rows.values.get(key) as string
    const row: unknown = JSON.parse(text)
    if (equals.every(({ path, value }) => equalsValue(valueAt(row, path), value))) found.push({ text, row })
  }
  // The sort is stable, so equal values stay in the order of their keys.
  if (orderBy !== undefined) found.sort((a, b) => compareValues(valueAt(a.row, orderBy), valueAt(b.row, orderBy)))
  return { rows: found.slice(start, start + count).map(({ text }) => text), total: found.length }
}
