// Finds what is to be forgotten because of its age: records of the command log, and idempotency keys. Runs in a reader thread; the writer
// forgets what was found.
import type { Purge } from '@gesta/core/ports'
import { allOf, createStatements } from './conditions.ts'
import { eachRow, firstRow } from './database.ts'
import type { Database } from './database.ts'
import { equal, isRecorded, oneOf } from './list-conditions.ts'
import { readIncarnation, readLastCommit } from './log-rows.ts'

/** Both answer with numbers of commits, the oldest first. */
export interface OldCommits {
  /** Commits whose record a purge forgets. */
  records(purge: Purge): readonly number[]
  /** Commits with an idempotency key that were recorded before a time. */
  keys(before: number, limit: number): readonly number[]
}

/**
 * Commits follow each other in the order of time, but for those that were on their way at once, or whose processes had other clocks. After
 * so many in a row that are too young, whatever they are, none is looked for that is old enough.
 */
const youngMax = 10_000
const hasOld = 'SELECT 1 FROM commits WHERE commit_no >= ? AND commit_no < ? AND recorded_at < ? LIMIT 1'
const keysInOrder =
  'SELECT i.commit_no, c.recorded_at FROM idempotency i INDEXED BY idempotency_by_commit CROSS JOIN commits c ON c.commit_no = i.commit_no ORDER BY i.commit_no'
/** Beginnings that are kept. */
const beginningsMax = 10_000

export function createOldCommits(db: Database): OldCommits {
  const statement = createStatements(db)
  /**
   * Where a purge of the same kind begins: no record before it is left. Otherwise each one would pass over all that were purged before it.
   * A log that was emptied has another incarnation.
   */
  const beginnings = new Map<string, number>()

  return {
    records: ({ before, tenant, statuses, limit }) => {
      const kind = JSON.stringify([firstRow(statement(readIncarnation))?.[0], tenant, statuses])
      const end = Number(firstRow(statement(readLastCommit))?.[0]) + 1
      // A tenant's index would have all of its records sorted.
      const { sql, values } = allOf([equal('+c.tenant', tenant), oneOf('c.outcome', statuses), isRecorded])
      const asked = statement(
        `SELECT c.commit_no, c.recorded_at FROM commits c WHERE c.commit_no >= ? AND c.commit_no < ? AND ${sql} ORDER BY c.commit_no`,
      )
      const found: number[] = []
      let first: number | undefined
      let from = beginnings.get(kind) ?? 1
      // Numbers have no gaps.
      for (let isYoung = false; from < end && found.length < limit && !isYoung;) {
        const to = Math.min(from + youngMax, end)
        for (const [commitNo, recordedAt] of eachRow(asked, from, to, ...values)) {
          first ??= Number(commitNo)
          if (Number(recordedAt) < before) found.push(Number(commitNo))
          if (found.length === limit) break
        }
        isYoung = firstRow(statement(hasOld), from, to, before) === undefined
        from = to
      }
      if (beginnings.size >= beginningsMax) beginnings.clear()
      beginnings.set(kind, first ?? from)
      return found
    },
    keys: (before, limit) => {
      const found: number[] = []
      let young = 0
      for (const [commitNo, recordedAt] of eachRow(statement(keysInOrder))) {
        const isOld = Number(recordedAt) < before
        young = isOld ? 0 : young + 1
        if (isOld) found.push(Number(commitNo))
        if (found.length === limit || young === youngMax) break
      }
      return found
    },
  }
}
