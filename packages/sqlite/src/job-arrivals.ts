// Jobs that no exchange has taken in yet, and the jobs that hold their unique keys. Runs in the writer thread.
import { decodeTerms, isUnfinished, unfinishedStates } from '@gesta/core/ports'
import type { ArrivingJob, JobRival, JobState, JobView } from '@gesta/core/ports'
import { allRows, firstRow, prepareRows } from './database.ts'
import type { Database, Row } from './database.ts'

const readCursor = 'SELECT no, commit_no, idx FROM job_cursor'
/** Exclusive place, limit. CROSS JOIN keeps the order of the tables. */
const readArriving = `SELECT j.commit_no, j.idx, c.tenant, c.command_id, j.type, j.terms, c.recorded_at
  FROM jobs j CROSS JOIN commits c ON c.commit_no = j.commit_no WHERE (j.commit_no, j.idx) > (?, ?) ORDER BY j.commit_no, j.idx LIMIT ?`
/** Tenant, unique key, state: the newest first. */
const readRivals = (
  table: string,
): string => `SELECT tenant, unique_key, state, enqueued_at, command_id, idx FROM ${table}
  WHERE tenant = ? AND unique_key = ? AND state = ? ORDER BY enqueued_at DESC`

export type JobArrivals = Pick<JobView, 'nowUs' | 'no' | 'cursor' | 'arriving' | 'rivals'>

/** Reads at most so many. */
export function createJobArrivals(db: Database): (nowUs: number, limit: number) => JobArrivals {
  const cursorRow = prepareRows(db, readCursor)
  const arrivingRows = prepareRows(db, readArriving)
  // Of unfinished ones all: the newest may end in this very exchange.
  const openRivals = prepareRows(db, readRivals('open_jobs'))
  const newestEnded = prepareRows(db, `${readRivals('ended_jobs')} LIMIT 1`)
  const rivalsOf = (arriving: readonly ArrivingJob[]): readonly JobRival[] => {
    const asked = new Map<string, readonly [tenant: string, key: string, state: JobState]>()
    for (const { tenant, terms } of arriving)
      if (terms.unique !== undefined)
        for (const state of terms.unique.states ?? unfinishedStates)
          asked.set(JSON.stringify([tenant, terms.unique.key, state]), [tenant, terms.unique.key, state])
    return [...asked.values()].flatMap(([tenant, key, state]) =>
      allRows(isUnfinished(state) ? openRivals : newestEnded, tenant, key, state).map(toRival),
    )
  }
  return (nowUs, limit) => {
    const [no, commitNo, index] = (firstRow(cursorRow) ?? []).map(Number) as [number, number, number]
    const arriving = allRows(arrivingRows, commitNo, index, limit).map(toArriving)
    return { nowUs, no, cursor: { commitNo, index }, arriving, rivals: rivalsOf(arriving) }
  }
}

function toArriving([commitNo, index, tenant, commandId, type, terms, enqueuedAt]: Row): ArrivingJob {
  const decoded = decodeTerms(typeof terms === 'string' ? terms : undefined)
  return { commitNo, index, tenant, commandId, type, terms: decoded, enqueuedAt } as ArrivingJob
}

function toRival([tenant, uniqueKey, state, enqueuedAt, commandId, index]: Row): JobRival {
  return { tenant, uniqueKey, state, enqueuedAt, commandId, index } as JobRival
}
