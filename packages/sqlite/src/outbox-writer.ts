// Changes of the outbox, on the connection that appends. Each runs in a transaction that its caller begins and ends. Runs in the writer thread.
import type { HeldFacts, MessagePlace, Settlement } from '@gesta/core/ports'
import { firstRow, prepareRows } from './database.ts'
import type { Cell, Database, Row } from './database.ts'
import { isSent, readCursor, readFirst } from './outbox-rows.ts'

/** What the writer thread is asked to change. Lists of places are short: who asks goes step by step. */
export type OutboxChange =
  | { readonly change: 'settle'; readonly settlement: Settlement }
  | { readonly change: 'requeue' | 'resend'; readonly places: readonly MessagePlace[]; readonly nowUs: number }
  | { readonly change: 'discard' | 'prune'; readonly places: readonly MessagePlace[] }
/** `isAgain`: an earlier attempt may have been kept. Answers 1 for a settlement that is kept, or how many messages were changed. */
export type OutboxWriter = (change: OutboxChange, isAgain: boolean) => number

const moveCursor = 'UPDATE outbox_cursor SET commit_no = ?, fencing_token = ?'
const readKey =
  'SELECT c.tenant, o.key FROM outbox o JOIN commits c ON c.commit_no = o.commit_no WHERE o.commit_no = ? AND o.idx = ?'
const markFirst = 'UPDATE held_messages SET is_first = ? WHERE commit_no = ? AND idx = ?'
/** is_dead, attempts, due_at, last_error, last_attempt_at; place. */
const hold = `INSERT INTO held_messages (commit_no, idx, tenant, key, type, is_first, is_dead, attempts, due_at, last_error, last_attempt_at)
  SELECT o.commit_no, o.idx, c.tenant, o.key, o.type, 0, ?, ?, ?, ?, ? FROM outbox o CROSS JOIN commits c ON c.commit_no = o.commit_no
  WHERE o.commit_no = ? AND o.idx = ?`
const holdAnew = `${hold} ON CONFLICT (commit_no, idx) DO UPDATE SET is_dead = excluded.is_dead, attempts = excluded.attempts,
  due_at = excluded.due_at, last_error = excluded.last_error, last_attempt_at = excluded.last_attempt_at`
const holdSent = `${hold} AND ${isSent}`
const requeue = `UPDATE held_messages SET is_dead = 0, attempts = 0, due_at = ?, last_error = NULL, last_attempt_at = NULL
  WHERE commit_no = ? AND idx = ? AND is_dead <> 0`
const release = 'DELETE FROM held_messages WHERE commit_no = ? AND idx = ?'
const releaseDead = `${release} AND is_dead <> 0`
const remove = 'DELETE FROM outbox WHERE commit_no = ? AND idx = ?'
const removeSent = `DELETE FROM outbox AS o WHERE o.commit_no = ? AND o.idx = ? AND ${isSent}`

export function createOutboxWriter(db: Database): OutboxWriter {
  const cursor = prepareRows(db, readCursor)
  const key = prepareRows(db, readKey)
  const first = prepareRows(db, readFirst)
  const mark = db.prepare(markFirst)
  const move = db.prepare(moveCursor)
  const run = (sql: string): ((...values: readonly Cell[]) => number) => {
    const statement = db.prepare(sql)
    return (...values) => Number(statement.run(...values).changes)
  }
  const [keep, keepSent, again] = [run(holdAnew), run(holdSent), run(requeue)]
  const [free, freeDead, drop, dropSent] = [run(release), run(releaseDead), run(remove), run(removeSent)]

  /** The first waiting message of each key that the places have loses its mark, and the one that is first behind the change gets it. */
  const amongKeys = (places: readonly MessagePlace[], change: () => number): number => {
    const keys = new Map<string, Row>()
    for (const { commitNo, index } of places) {
      const row = firstRow(key, commitNo, index)
      if (row !== undefined) keys.set(row.join('\0'), row)
    }
    const markAll = (marked: number): void => {
      for (const each of keys.values()) {
        const place = firstRow(first, ...each)
        if (place !== undefined) mark.run(marked, ...place)
      }
    }
    markAll(0)
    const changed = change()
    markAll(1)
    return changed
  }
  const sum = (places: readonly MessagePlace[], change: (...place: readonly [number, number]) => number): number =>
    places.reduce((count, { commitNo, index }) => count + change(commitNo, index), 0)
  const settle = ({ fencingToken, from, to, sent, held }: Settlement, isAgain: boolean): boolean => {
    const [commitNo, token] = (firstRow(cursor) ?? []).map(Number) as [number, number]
    if (isAgain && from < to && commitNo === to && token === fencingToken) return true
    if (commitNo !== from || token > fencingToken) return false
    if (to > from || fencingToken > token) move.run(to, fencingToken)
    if (sent.length + held.length === 0) return true
    amongKeys([...sent, ...held], () => {
      sum(sent, free)
      for (const facts of held) keep(...cellsOf(facts), facts.commitNo, facts.index)
      return 0
    })
    return true
  }

  return (asked, isAgain) => {
    if (asked.change === 'settle') return Number(settle(asked.settlement, isAgain))
    const { places } = asked
    if (asked.change === 'requeue')
      return amongKeys(places, () => sum(places, (...place) => again(asked.nowUs, ...place)))
    if (asked.change === 'resend')
      return amongKeys(places, () => sum(places, (...place) => keepSent(0, 0, asked.nowUs, null, null, ...place)))
    if (asked.change === 'prune') return sum(places, dropSent)
    return sum(places, (...place) => (freeDead(...place) === 0 ? 0 : drop(...place)))
  }
}

/** In the order of `hold`. */
function cellsOf({ state, attempts, dueAt, lastError, lastAttemptAt }: HeldFacts): readonly Cell[] {
  return [Number(state === 'dead'), attempts, dueAt, lastError ?? null, lastAttemptAt ?? null]
}
