// What somebody wants of jobs: some at a time, each step in a transaction of its own under the claim lock.
import { changeable, changedJob, isUnfinished } from '@gesta/core/ports'
import type { JobAction, JobChange, JobPlace } from '@gesta/core/ports'
import type { Row } from './driver.ts'
import { deleteOf } from './job-exchange.ts'
import type { JobWriter } from './job-exchange.ts'
import { jobsMatching } from './job-lists.ts'
import { jobColumns, placeArray, toJobRow } from './job-rows.ts'
import type { DecidingAccess } from './store-access.ts'
import type { Statement } from './transactions.ts'

const jobsPerStep = 1_000
/** Which jobs an action is about: unfinished ones, or ended ones. */
const tableOf: { readonly [Action in JobAction]: 'job_rows' | 'job_ends' } = {
  cancel: 'job_rows',
  hurry: 'job_rows',
  requeue: 'job_ends',
  discard: 'job_ends',
}

/** Changes jobs that have been taken in, step by step; how many. */
export type ChangeJobs = (change: JobChange) => Promise<number>

/** What a step of a change is about: rows, and from where the next step goes on. */
interface Step {
  readonly select: Statement
  next(rows: readonly Row[]): Step | undefined
}

/**
 * Each step takes the lock for itself, so that workers claim and renew their leases between two of them, however many jobs are meant.
 * `locking` does a step once the lock is there.
 */
export function createChangeJobs(
  access: DecidingAccess,
  writer: JobWriter,
  {
    lockTimeoutMs,
    locking,
  }: { readonly lockTimeoutMs: number; readonly locking: <R>(work: () => Promise<R>) => Promise<R> },
): ChangeJobs {
  const { schema: s } = access
  const enter = `SELECT ${s}.enter_jobs(true, $1)`
  const lastStep = `SELECT no, commit_no, idx, greatest(at_us, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
    FROM ${s}.job_steps ORDER BY no DESC LIMIT 1`
  const addStep = `INSERT INTO ${s}.job_steps (no, commit_no, idx, at_us) VALUES ($1, $2, $3, $4)`
  const deleteEnds = deleteOf(`${s}.job_ends`)
  const columns = jobColumns.map((name) => `r.${name}`).join(', ')

  const change = (
    { action, reason }: JobChange,
    { select, next }: Step,
  ): Promise<readonly [number, Step | undefined]> =>
    access.transaction(async ({ send, commit }) => {
      const [, [step = []] = [], rows = []] = await send([
        { sql: enter, values: [lockTimeoutMs] },
        { sql: lastStep },
        select,
      ])
      const [before, commitNo, index, nowUs] = step.map(Number) as [number, number, number, number]
      let no = before
      const changed = rows.flatMap((row) => changedJob(toJobRow(row), action, reason, nowUs, ++no) ?? [])
      const put = changed.filter(({ state }) => isUnfinished(state))
      const ended = changed.filter(({ state }) => !isUnfinished(state))
      const kept =
        tableOf[action] === 'job_rows'
          ? writer.keep({ put, ended }, changed, nowUs)
          : [{ sql: deleteEnds, values: [placeArray(changed)] }, ...writer.keep({ put, ended }, [], nowUs)]
      const written = [...kept, { sql: addStep, values: [no, commitNo, index, nowUs] }]
      await commit(changed.length === 0 ? [] : written)
      return [changed.length, next(rows)]
    })

  return async (wanted) => {
    const { action, which } = wanted
    const table = tableOf[action]
    const select = `SELECT ${columns}${table === 'job_ends' ? ', r.ended_at' : ''} FROM `
    let count = 0
    let step =
      'length' in which
        ? ofPlaces(select, `${s}.${table}`, which)
        : ofFilter(select, `${s}.${table}`, wanted, await head())
    while (step !== undefined) {
      const now = step
      const [changed, next] = await locking(() => change(wanted, now))
      count += changed
      step = next
    }
    return count
  }

  /** The last commit whose jobs were taken in: what comes while a change goes on is not meant. */
  async function head(): Promise<number> {
    const [row] = await access.read(`SELECT commit_no FROM ${s}.job_steps ORDER BY no DESC LIMIT 1`)
    return Number(row?.[0])
  }
}

const inOrder = 'ORDER BY r.commit_no, r.idx'

function ofPlaces(select: string, table: string, which: readonly JobPlace[]): Step | undefined {
  const places = [...new Map(which.map((place) => [`${place.commitNo}.${place.index}`, place])).values()]
  const sql = `${select} generate_series(1, cardinality($1::bigint[]), 2) i CROSS JOIN LATERAL (SELECT * FROM ${table}
    WHERE commit_no = ($1::bigint[])[i] AND idx = ($1::bigint[])[i + 1] LIMIT 1) r ${inOrder}`
  const from = (at: number): Step | undefined => {
    if (at >= places.length) return undefined
    const end = at + jobsPerStep
    return { select: { sql, values: [placeArray(places.slice(at, end))] }, next: () => from(end) }
  }
  return from(0)
}

function ofFilter(select: string, table: string, { action, which }: JobChange, lastCommitNo: number): Step | undefined {
  const filter = 'length' in which ? {} : changeable(action, which)
  const from = (last: JobPlace): Step => {
    const where = jobsMatching(filter)
    where.and(last, ({ commitNo, index }) => `(r.commit_no, r.idx) > (${where.bind(commitNo)}, ${where.bind(index)})`)
    where.and(lastCommitNo, (no) => `r.commit_no <= ${where.bind(no)}`)
    // Said in so many words, so that the index without all that have succeeded is used.
    const sql = `${select} ${table} r WHERE r.state <> 'succeeded' AND ${where.sql} ${inOrder} LIMIT ${jobsPerStep}`
    return {
      select: { sql, values: where.values },
      next: (rows) => {
        const end = rows.at(-1)
        if (end === undefined || rows.length < jobsPerStep) return undefined
        return from({ commitNo: Number(end[0]), index: Number(end[1]) })
      },
    }
  }
  return from({ commitNo: 0, index: 0 })
}
