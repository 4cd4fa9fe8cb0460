// One view in memory. Every operation is one synchronous step, so a flush is written as a whole or not at all.
import { checkFlush } from './check-flush.ts'
import { checkClaim, checkParkedFilter, checkParkedRequest } from './check-parked.ts'
import { createMemoryParked } from './memory-parked.ts'
import { createMemoryRows } from './memory-rows.ts'
import type { Checkpoint, View, ViewName } from './read-model-store.ts'

/** `open` throws when the store was closed or the view removed; every operation begins with it. */
export function createMemoryView(view: ViewName, open: () => void): View {
  const rows = createMemoryRows()
  const parked = createMemoryParked()
  let checkpoint: Checkpoint | undefined
  let fence = 0
  return {
    view,
    checkpoint: async () => {
      open()
      return checkpoint
    },
    load: async (keys) => {
      open()
      return keys.map(({ tenant, key }) => rows.get(tenant, key))
    },
    flush: async (flush) => {
      open()
      checkFlush(flush)
      if (flush.statements !== undefined && flush.statements.length > 0) throw withoutTables(view)
      const { expected, next, writes, park = [], unpark = [], fencingToken = fence } = flush
      if (fencingToken < fence || !isAt(checkpoint, expected)) return false
      for (const write of writes) rows.write(write)
      parked.unpark(unpark)
      parked.park(park)
      fence = fencingToken
      checkpoint = next
      return true
    },
    claim: async (fencingToken) => {
      open()
      checkClaim(fencingToken)
      if (fencingToken < fence) return false
      fence = fencingToken
      return true
    },
    get: async ({ tenant, key }) => {
      open()
      return rows.get(tenant, key)
    },
    list: async (tenant, range) => {
      open()
      return rows.list(tenant, range)
    },
    find: async (tenant, filter) => {
      open()
      return rows.find(tenant, filter)
    },
    scan: async (page = {}) => {
      open()
      return rows.scan(page)
    },
    parked: async (filter = {}) => {
      open()
      checkParkedFilter(filter)
      return parked.list(filter)
    },
    totalParked: async () => {
      open()
      return parked.total()
    },
    askParked: async (request) => {
      open()
      checkParkedRequest(request)
      return parked.ask(request)
    },
    table: () => {
      throw withoutTables(view)
    },
    select: async () => {
      open()
      throw withoutTables(view)
    },
    reset: async () => {
      open()
      rows.clear()
      parked.clear()
      checkpoint = undefined
    },
  }
}

/** A programmer's mistake: SQL where there is none. */
export function withoutTables({ name }: ViewName): Error {
  return new Error(
    `The read model ${name} has tables of its own, and its views lie in memory, where there is no SQL. Keep them in a store with a dialect, such as SQLite or PostgreSQL.`,
  )
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
