// The read-model store in memory: rows are kept as their exact texts, so that a reader never holds what a handler can change.
import { GestaError } from '../../errors/gesta-error.ts'
import { pageLimit, pageOffset } from '../page.ts'
import { checkFlush } from './check-flush.ts'
import { checkFilter, checkRange } from './check-question.ts'
import type { Checkpoint, ReadModelStore, RowFilter, RowRange, View, ViewName } from './read-model-store.ts'
import { compareText, compareValues, equalsValue, valueAt } from './row-order.ts'

/** A tenant's rows; `keys` is their order, made when it is asked for. */
interface Rows {
  readonly values: Map<string, string>
  keys: readonly string[] | undefined
}

/** A read-model store that lives as long as its process. */
export function createMemoryReadModelStore(): ReadModelStore {
  const views = new Map<string, View>()
  let closed = false
  const open = (): void => {
    if (closed)
      throw new GestaError(
        'store_closed',
        'Expected the memory store to be open, but it was closed. Start the app again for a new one.',
      )
  }
  return {
    open: async (view) => {
      open()
      const id = JSON.stringify([view.name, view.modelVersion, view.generation])
      const opened = views.get(id) ?? createMemoryView(view, open)
      views.set(id, opened)
      return opened
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}

function createMemoryView(view: ViewName, open: () => void): View {
  const tenants = new Map<string, Rows>()
  let checkpoint: Checkpoint | undefined
  const get = (tenant: string, key: string): string | undefined => tenants.get(tenant)?.values.get(key)
  const write = (tenant: string, key: string, value: string | undefined): void => {
    let rows = tenants.get(tenant)
    if (rows === undefined) tenants.set(tenant, (rows = { values: new Map(), keys: undefined }))
    if (value === undefined ? rows.values.delete(key) : !rows.values.has(key)) rows.keys = undefined
    if (value !== undefined) rows.values.set(key, value)
  }
  return {
    view,
    checkpoint: async () => {
      open()
      return checkpoint
    },
    load: async (keys) => {
      open()
      return keys.map(({ tenant, key }) => get(tenant, key))
    },
    flush: async (flush) => {
      open()
      checkFlush(flush)
      if (!isAt(checkpoint, flush.expected)) return false
      for (const { tenant, key, value } of flush.writes) write(tenant, key, value)
      checkpoint = flush.next
      return true
    },
    get: async ({ tenant, key }) => {
      open()
      return get(tenant, key)
    },
    list: async (tenant, range) => {
      open()
      checkRange(range)
      return listRows(tenants.get(tenant), range)
    },
    find: async (tenant, filter) => {
      open()
      checkFilter(filter)
      return findRows(tenants.get(tenant), filter)
    },
    reset: async () => {
      open()
      tenants.clear()
      checkpoint = undefined
    },
  }
}

/** Whether a view at `checkpoint` is where a flush expects it; a view that was never flushed is at position 0 of any log. */
function isAt(checkpoint: Checkpoint | undefined, expected: Checkpoint): boolean {
  if (checkpoint === undefined) return expected.position === 0
  return (
    checkpoint.position === expected.position &&
    checkpoint.eventId === expected.eventId &&
    checkpoint.incarnation === expected.incarnation
  )
}

function sortedKeys(rows: Rows): readonly string[] {
  rows.keys ??= [...rows.values.keys()].sort(compareText)
  return rows.keys
}

function listRows(
  rows: Rows | undefined,
  { from, to, limit, offset }: RowRange,
): { readonly rows: readonly string[]; readonly total: number } {
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

function findRows(
  rows: Rows | undefined,
  { equals, orderBy, limit, offset }: RowFilter,
): { readonly rows: readonly string[]; readonly total: number } {
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
