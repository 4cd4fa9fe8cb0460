// Reads of jobs over one connection: in a reader thread for lists, in the writer thread for what is to be changed.
import { isUnfinished } from '@gesta/core/ports'
import type { AskedPage, JobFilter, JobPlace, JobRow, JobState } from '@gesta/core/ports'
import { allOf, createStatements } from './conditions.ts'
import type { Condition } from './conditions.ts'
import { allRows, eachRow, firstRow } from './database.ts'
import type { Cell, Database, Row } from './database.ts'
import { equal, oneOf } from './list-conditions.ts'
import {
  askedNow,
  claimedCells,
  distinctPlaces,
  jobCells,
  jobColumns,
  storyColumn,
  toJob,
  toJobPlace,
  untakenJobs,
} from './job-rows.ts'
import { flattenRows } from './row-cells.ts'
import type { SentCells } from './row-cells.ts'
import { shortPage } from './short-page.ts'

/** What the reader thread is asked; `given` are the arguments. Times are microseconds UTC, now. */
export type JobQuestion = {
  readonly [Name in keyof JobReads]: { readonly ask: Name; readonly given: Parameters<JobReads[Name]> }
}[keyof JobReads]
interface ListedJobs {
  readonly cells: SentCells
  readonly limit: number
  readonly total: number | undefined
}
export interface JobReads {
  list(filter: JobFilter, asked: AskedPage<readonly [number, number]>, nowUs: number): ListedJobs
  total(filter: JobFilter, nowUs: number): number
  /** As cells of a claimed job. */
  get(tenant: string, commandId: string, index: number, nowUs: number): SentCells
  /** Queue, state, number, and since when the first of them may run. */
  queues(nowUs: number): readonly Row[]
  paused(): readonly string[]
  /** Jobs in these states that ended before a time, the oldest first. */
  oldPlaces(states: readonly JobState[], beforeUs: number, limit: number): readonly JobPlace[]
  /** Unfinished, of all. */
  extent(nowUs: number): readonly number[]
}
export interface JobReader extends JobReads {
  rowsAt(places: readonly JobPlace[]): readonly JobRow[]
  /** Of jobs that were taken in. */
  rowsOf(filter: JobFilter): readonly JobRow[]
}

const [openTable, endedTable] = [`SELECT ${jobColumns} FROM open_jobs`, `SELECT ${jobColumns} FROM ended_jobs`]
const taken = [openTable, endedTable]
const everyJob = [...taken, untakenJobs]
/** One select for each place where jobs are, each with the condition, so that each is read in the order of the list. */
function fromEach(arms: readonly string[], { sql, values }: Condition): Condition {
  const selects = arms.map((arm) => `SELECT * FROM (${arm}) WHERE ${sql}`)
  return { sql: `${askedNow} ${selects.join(' UNION ALL ')}`, values: arms.flatMap(() => values) }
}
const readOne = (table: string): string => `SELECT ${jobColumns} FROM ${table} WHERE commit_no = ? AND idx = ?`
const readCommitNo = 'SELECT commit_no FROM commits WHERE tenant = ? AND command_id = ?'
const readClaimed = `${askedNow}, all_jobs AS (${everyJob.join(' UNION ALL ')}) SELECT a.*, j.data, c.context FROM all_jobs a
  CROSS JOIN jobs j ON j.commit_no = a.commit_no AND j.idx = a.idx CROSS JOIN commits c ON c.commit_no = a.commit_no
  WHERE a.commit_no = ? AND a.idx = ?`
/** Nearly all jobs have ended: of these only dead letters are looked at. */
const readQueues = `${askedNow} SELECT queue, state, count(*), min(due_at) FROM (
    SELECT queue, state, due_at FROM open_jobs
    UNION ALL SELECT queue, state, due_at FROM ended_jobs WHERE state = 'dead_letter'
    UNION ALL SELECT queue, state, due_at FROM (${untakenJobs}) WHERE state <> 'expired'
  ) GROUP BY queue, state`
/** Unfinished, and ended. */
const readExtent = `${askedNow} SELECT (SELECT count(*) FROM open_jobs) + count(*) FILTER (WHERE state <> 'expired'),
    (SELECT count(*) FROM ended_jobs) + count(*) FILTER (WHERE state = 'expired') FROM (${untakenJobs})`
const readPaused = 'SELECT queue FROM paused_queues'
const readOld = 'SELECT commit_no, idx, ended_at FROM ended_jobs WHERE state = ? AND ended_at < ?'

export function createJobReader(db: Database): JobReader {
  const statement = createStatements(db)
  const number = (query: string, ...values: readonly Cell[]): number =>
    Number(firstRow(statement(query), ...values)?.[0])
  const total = (filter: JobFilter, nowUs: number): number => {
    const { sql, values } = matching(filter)
    const arms = armsOf(filter).map((arm) => `(SELECT count(*) FROM (${arm}) WHERE ${sql})`)
    return number(`${askedNow} SELECT ${arms.join(' + ')}`, nowUs, ...arms.flatMap(() => values))
  }

  return {
    list: (filter, { after, offset, limit, withTotal }, nowUs) => {
      const where = allOf([matching(filter), after && { sql: '(commit_no, idx) < (?, ?)', values: after }])
      const { sql, values } = fromEach(armsOf(filter), where)
      const page = statement(`${sql} ORDER BY commit_no DESC, idx DESC LIMIT ? OFFSET ?`)
      const charactersOf = (row: Row): number => String(row[storyColumn]).length
      const found = shortPage(eachRow(page, nowUs, ...values, limit + 1, offset), limit, (row) => row, charactersOf)
      const cells = flattenRows(found.items, jobCells)
      return { cells, limit: found.limit, total: withTotal ? total(filter, nowUs) : undefined }
    },
    total,
    get: (tenant, commandId, index, nowUs) => {
      const commitNo = firstRow(statement(readCommitNo), tenant, commandId)?.[0]
      const row = commitNo === undefined ? undefined : firstRow(statement(readClaimed), nowUs, commitNo, index)
      return row === undefined ? [] : flattenRows([row], claimedCells)
    },
    queues: (nowUs) => allRows(statement(readQueues), nowUs),
    paused: () => allRows(statement(readPaused)).map(([queue]) => String(queue)),
    oldPlaces: (states, beforeUs, limit) => {
      const old = statement(`${states.map(() => readOld).join(' UNION ALL ')} ORDER BY ended_at LIMIT ?`)
      return allRows(old, ...states.flatMap((state) => [state, beforeUs]), limit).map(toJobPlace)
    },
    extent: (nowUs) => {
      const [unfinished = 0, ended = 0] = (firstRow(statement(readExtent), nowUs) ?? []).map(Number)
      return [unfinished, unfinished + ended]
    },
    rowsAt: (places) =>
      distinctPlaces(places).flatMap(({ commitNo, index }) => {
        const find = (table: string): Row | undefined => firstRow(statement(readOne(table)), commitNo, index)
        const row = find('open_jobs') ?? find('ended_jobs')
        return row === undefined ? [] : [toJob(row)]
      }),
    rowsOf: (filter) => {
      const { sql, values } = fromEach(taken, matching(filter))
      return allRows(statement(`${sql} ORDER BY commit_no, idx`), 0, ...values).map((row) => toJob(row))
    },
  }
}

/** Where jobs in these states are. */
function armsOf({ states }: JobFilter): readonly string[] {
  if (states === undefined) return everyJob
  const arms = [
    ...(states.some(isUnfinished) ? [openTable] : []),
    ...(states.every(isUnfinished) ? [] : [endedTable]),
    ...(states.some((state) => state === 'pending' || state === 'scheduled' || state === 'expired')
      ? [untakenJobs]
      : []),
  ]
  return arms.length === 0 ? [openTable] : arms
}

function matching({ states, queue, tenant, type, key }: JobFilter): Condition {
  // Nearly all jobs that have ended have succeeded: these are found sooner in the order of the list than by their state.
  const plus = states?.includes('succeeded') === true ? '+' : ''
  return allOf([
    oneOf(`${plus}state`, states),
    equal('queue', queue),
    equal('tenant', tenant),
    equal('type', type),
    equal('key', key),
  ])
}
