// A flush on its way: the values of the one function that writes it, and the transaction around it when the read model has statements of
// its own.
import { checkFlush, discardedMax } from '@gesta/core/ports'
import type { Flush, RowKey, RowWrite } from '@gesta/core/ports'
import { bigintArray, textArray } from './binary-arrays.ts'
import type { Value } from './driver.ts'
import { contentOf } from './json-content.ts'
import { checkOwnStatement, ownError } from './own-sql.ts'
import type { Pool } from './pool.ts'
import { stateOf, uniqueViolation } from './postgres-errors.ts'
import type { ViewSql } from './view-sql.ts'

/** Raised by the function `flush_view` in a transaction that goes on. */
const notExpected = 'GE001'
/** Rows that are kept in mind as missing; those of a batch are flushed long before there are so many. */
const missingMax = 100_000

export interface Flusher {
  /** Whether the flush was written. */
  flush(flush: Flush): Promise<boolean>
  /** Notes a row that was looked for and is not there: it is inserted without looking again. */
  missing(row: RowKey): void
}

export function createFlusher(pool: Pool, sql: ViewSql): Flusher {
  const missing = new Set<string>()
  const send = async (flush: Flush, known: ReadonlySet<string>): Promise<boolean> => {
    const { statements = [] } = flush
    if (statements.length === 0) {
      const [moved] = await pool.write(sql.flush, flushValues(flush, known))
      return moved?.[0] === true
    }
    const outcome = await pool.transaction([
      { sql: sql.flush, values: flushValues(flush, known) },
      ...statements.map(({ text, values }) => ({ sql: text, values })),
    ])
    if (!('refusal' in outcome)) return true
    const { refusal, at } = outcome
    if (at > 0) throw ownError(refusal, statements[at - 1]?.text ?? 'COMMIT')
    if (stateOf(refusal) === notExpected) return false
    throw refusal
  }
  return {
    flush: async (flush) => {
      checkFlush(flush)
      for (const { text } of flush.statements ?? []) checkOwnStatement(text, 'flush')
      try {
        const isMoved = await send(flush, missing)
        if (isMoved) for (const write of flush.writes) missing.delete(rowId(write))
        else missing.clear()
        return isMoved
      } catch (error) {
        if (stateOf(error) !== uniqueViolation) throw error
        // Somebody else has written a row meanwhile.
        missing.clear()
        return send(flush, missing)
      }
    },
    missing: (row) => {
      if (missing.size >= missingMax) missing.clear()
      missing.add(rowId(row))
    },
  }
}

function inOrder(a: RowWrite, b: RowWrite): number {
  return compare(a.tenant, b.tenant) || compare(a.key, b.key)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function flushValues(
  { expected, next, writes, park, unpark, fencingToken, statements = [] }: Flush,
  missing: ReadonlySet<string>,
): readonly Value[] {
  // Of several writes to one row the last one counts, and a statement may touch a row once.
  const last = new Map(writes.map((write) => [rowId(write), write]))
  const [fresh, others, gone]: [RowWrite[], RowWrite[], RowWrite[]] = [[], [], []]
  for (const [id, write] of last) (write.value === undefined ? gone : missing.has(id) ? fresh : others).push(write)
  // Neighbours in the index lie on one page: in order, each page is visited once.
  for (const list of [fresh, others, gone]) list.sort(inOrder)
  const put = [...fresh, ...others]
  const contents = put.map(({ value }) => value && contentOf(value))
  const parked = new Map(park?.map((event) => [event.position, event]))
  return [
    statements.length > 0,
    fencingToken ?? null,
    expected.incarnation,
    expected.position,
    expected.eventId,
    next.incarnation,
    next.position,
    next.eventId,
    tenantsOf(put),
    keysOf(put),
    textArray(put.map(({ value }) => value)),
    // A list that is shorter than the others has nulls behind its end.
    textArray(contents.every((content) => content === undefined) ? [] : contents),
    fresh.length,
    tenantsOf(gone),
    keysOf(gone),
    unpark === undefined || unpark.length === 0 ? null : bigintArray(unpark),
    parked.size === 0 ? null : JSON.stringify([...parked.values()]),
    discardedMax,
  ]
}

function rowId({ tenant, key }: RowKey): string {
  return `${tenant}\0${key}`
}

export function tenantsOf(rows: readonly RowKey[]): Buffer {
  return textArray(rows.map(({ tenant }) => tenant))
}

export function keysOf(rows: readonly RowKey[]): Buffer {
  return textArray(rows.map(({ key }) => key))
}
