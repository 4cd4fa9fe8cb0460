// Reads of the outbox over one connection, in a reader thread.
import { outboxPageBytesMax } from '@gesta/core/ports'
import type { AskedPage, HeldFilter, MessagePlace, OutboxStore } from '@gesta/core/ports'
import { allOf, createStatements } from './conditions.ts'
import type { Condition } from './conditions.ts'
import { allRows, eachRow, firstRow } from './database.ts'
import type { Cell, Database, Row } from './database.ts'
import { equal } from './list-conditions.ts'
import * as sql from './outbox-rows.ts'
import { flattenRows } from './row-cells.ts'
import type { SentCells } from './row-cells.ts'
import { shortPage } from './short-page.ts'

/** What the reader thread is asked; `given` are the arguments. */
export type OutboxQuestion = {
  readonly [Name in keyof OutboxReader]: { readonly ask: Name; readonly given: Parameters<OutboxReader[Name]> }
}[keyof OutboxReader]
interface ListedHeld {
  readonly cells: SentCells
  readonly limit: number
  readonly total: number | undefined
}
export interface OutboxReader {
  cursor(): number
  /** As cells of messages. */
  after(commitNo: number, limit: number): SentCells
  /** As cells of held messages. */
  due(nowUs: number, limit: number): SentCells
  nextDue(): number | undefined
  waitingKeys(keys: Parameters<OutboxStore['waitingKeys']>[0]): readonly number[]
  list(filter: HeldFilter, asked: AskedPage<readonly [number, number]>): ListedHeld
  total(filter: HeldFilter): number
  /** Dead messages after a place, at most `limit`. */
  deadPlaces(filter: HeldFilter, last: MessagePlace, limit: number): readonly MessagePlace[]
  /** Messages behind the relay of commits in a range of positions, after a place. The writer looks whether they are held. */
  places(range: Parameters<OutboxStore['resend']>[0], last: MessagePlace, limit: number): readonly MessagePlace[]
  /** Of the oldest sent messages those that were recorded before a time. */
  oldPlaces(beforeUs: number, limit: number): readonly MessagePlace[]
  /** Cursor, waiting, dead, pending (at most `pendingMax`), and when the oldest message that is to be sent was recorded. */
  extent(): readonly (number | undefined)[]
}

export function createOutboxReader(db: Database): OutboxReader {
  const statement = createStatements(db)
  const first = (query: string, ...values: readonly Cell[]): Row | undefined => firstRow(statement(query), ...values)
  const number = (cell: Cell | undefined): number | undefined => (typeof cell === 'number' ? cell : undefined)
  const total = (filter: HeldFilter): number => {
    const { sql: where, values } = matching(filter)
    return Number(first(`SELECT count(*) FROM held_messages h WHERE ${where}`, ...values)?.[0])
  }
  const cursor = (): number => Number(first(sql.readCursor)?.[0])
  const firstCommitOf = (position: number): number | undefined =>
    position === 0 ? 0 : number(first(sql.readCommitOfPosition, position)?.[0])

  return {
    cursor,
    after: (commitNo, limit) => {
      const rows: Row[] = []
      let characters = 0
      for (const row of eachRow(statement(sql.readAfter), commitNo)) {
        const isFull = rows.length >= limit || characters >= outboxPageBytesMax
        if (isFull && row[0] !== rows.at(-1)?.[0]) break
        rows.push(row)
        characters += String(row[sql.dataColumn]).length
      }
      return flattenRows(rows, sql.messageCells)
    },
    due: (nowUs, limit) => {
      const rows: Row[] = []
      let characters = 0
      for (const row of eachRow(statement(sql.readDue), nowUs, limit)) {
        rows.push(row)
        characters += String(row[sql.dataColumn]).length
        if (characters >= outboxPageBytesMax) break
      }
      return flattenRows(rows, sql.heldCells)
    },
    nextDue: () => number(first(sql.readNextDue)?.[0]),
    waitingKeys: (keys) =>
      keys.flatMap(({ tenant, key }, at) => (first(sql.readFirst, tenant, key) === undefined ? [] : [at])),
    list: (filter, { after, offset, limit, withTotal }) => {
      const { sql: where, values } = allOf([matching(filter), after && { sql: behind, values: after }])
      const page = statement(sql.readHeld(`${where} ORDER BY h.commit_no, h.idx LIMIT ? OFFSET ?`))
      const charactersOf = (row: Row): number =>
        String(row[sql.dataColumn]).length + String(row[sql.contextColumn]).length
      const found = shortPage(eachRow(page, ...values, limit + 1, offset), limit, (row) => row, charactersOf)
      const cells = flattenRows(found.items, sql.heldCells)
      return { cells, limit: found.limit, total: withTotal ? total(filter) : undefined }
    },
    total,
    deadPlaces: (filter, { commitNo, index }, limit) => {
      const { sql: where, values } = allOf([
        matching(filter),
        { sql: `h.is_dead <> 0 AND ${behind}`, values: [commitNo, index] },
      ])
      const dead = `SELECT h.commit_no, h.idx FROM held_messages h WHERE ${where} ORDER BY h.commit_no, h.idx LIMIT ?`
      return allRows(statement(dead), ...values, limit).map(sql.toPlace)
    },
    places: ({ fromPosition, toPosition }, last, limit) => {
      const from = firstCommitOf(fromPosition)
      if (from === undefined) return []
      const { commitNo, index } = last.commitNo < from ? { commitNo: from, index: -1 } : last
      const end = Math.min(firstCommitOf(toPosition + 1) ?? Number.MAX_SAFE_INTEGER, cursor() + 1)
      return allRows(statement(sql.readPlaces), commitNo, index, end, limit).map(sql.toPlace)
    },
    oldPlaces: (beforeUs, limit) => allRows(statement(sql.readOldPlaces), beforeUs, limit).map(sql.toPlace),
    extent: () => (first(sql.readExtent) ?? []).map(number),
  }
}

const behind = '(h.commit_no, h.idx) > (?, ?)'

function matching({ state, tenant, type, key }: HeldFilter): Condition {
  return allOf([
    state && { sql: state === 'dead' ? 'h.is_dead <> 0' : 'h.is_dead = 0', values: [] },
    equal('h.tenant', tenant),
    equal('h.type', type),
    equal('h.key', key),
  ])
}
