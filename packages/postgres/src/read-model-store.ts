// The read-model store on PostgreSQL: a table per view, and a flush that is one statement.
import { checkFilter, checkFlush, checkKey, checkRange, storeClosed } from '@gesta/core/ports'
import type { Flush, ReadModelStore, RowKey, View, ViewName } from '@gesta/core/ports'
import { textArray } from './binary-arrays.ts'
import type { Value } from './driver.ts'
import { contentOf } from './json-content.ts'
import type { Pool } from './pool.ts'
import { createViewLists } from './view-lists.ts'
import { viewSql } from './view-sql.ts'

/** `s`: the schema, quoted. */
export function createPostgresReadModelStore(pool: Pool, s: string): ReadModelStore {
  const views = new Map<string, Promise<View>>()
  let closed = false
  const checkOpen = (): void => {
    if (closed) throw storeClosed()
  }
  return {
    open: async (view) => {
      checkOpen()
      checkKey(view.name, 'view name')
      const name = JSON.stringify([view.name, view.modelVersion, view.generation])
      let opened = views.get(name)
      if (opened === undefined) {
        opened = openView(pool, s, view, checkOpen)
        views.set(name, opened)
        // What could not be opened is tried again by the next call.
        opened.catch(() => views.delete(name))
      }
      return opened
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}

async function openView(pool: Pool, s: string, view: ViewName, checkOpen: () => void): Promise<View> {
  const { name, modelVersion, generation } = view
  const [row] = await pool.write(`SELECT ${s}.open_view($1, $2, $3)`, [name, modelVersion, generation])
  const id = Number(row?.[0])
  const sql = viewSql(s, id)
  const lists = createViewLists(pool, s, id)
  const load = async (keys: readonly RowKey[]): Promise<readonly (string | undefined)[]> => {
    checkOpen()
    if (keys.length === 0) return []
    const rows = await pool.read(sql.load, [tenantsOf(keys), keysOf(keys)])
    return rows.map(([value]) => (value === null ? undefined : String(value)))
  }
  return {
    view,
    checkpoint: async () => {
      checkOpen()
      const [found] = await pool.read(sql.checkpoint)
      if (found === undefined) return undefined
      const [incarnation, position, eventId] = found
      return { incarnation: String(incarnation), position: Number(position), eventId: String(eventId) }
    },
    load,
    get: async (key) => (await load([key]))[0],
    list: async (tenant, range) => {
      checkOpen()
      checkRange(range)
      return lists.list(tenant, range)
    },
    find: async (tenant, filter) => {
      checkOpen()
      checkFilter(filter)
      return lists.find(tenant, filter)
    },
    flush: async (flush) => {
      checkOpen()
      checkFlush(flush)
      const [moved] = await pool.write(sql.flush, flushValues(flush))
      return moved?.[0] === 1
    },
    reset: async () => {
      checkOpen()
      await pool.write(sql.empty)
    },
  }
}

function flushValues({ expected, next, writes }: Flush): readonly Value[] {
  // Of several writes to one row the last one counts, and a statement may touch a row once.
  const last = new Map(writes.map((write) => [`${write.tenant}\0${write.key}`, write]))
  const put = [...last.values()].filter(({ value }) => value !== undefined)
  const gone = [...last.values()].filter(({ value }) => value === undefined)
  return [
    expected.incarnation,
    expected.position,
    expected.eventId,
    next.incarnation,
    next.position,
    next.eventId,
    tenantsOf(put),
    keysOf(put),
    textArray(put.map(({ value }) => value)),
    textArray(put.map(({ value }) => value && contentOf(value))),
    tenantsOf(gone),
    keysOf(gone),
  ]
}

function tenantsOf(rows: readonly RowKey[]): Buffer {
  return textArray(rows.map(({ tenant }) => tenant))
}

function keysOf(rows: readonly RowKey[]): Buffer {
  return textArray(rows.map(({ key }) => key))
}
