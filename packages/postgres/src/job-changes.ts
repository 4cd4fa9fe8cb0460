// What somebody wants of jobs: all of it in one transaction under the claim lock, some jobs at a time.
import { changeable, changedJob, isUnfinished } from '@gesta/core/ports'
import type { JobAction, JobChange, JobPlace, JobRow } from '@gesta/core/ports'
import type { Row } from './driver.ts'
import { deleteOf } from './job-exchange.ts'
import type { JobWriter } from './job-exchange.ts'
import { jobsMatching } from './job-lists.ts'
import { jobColumns, placeArray, toJobRow } from './job-rows.ts'
import type { DecidingAccess } from './store-access.ts'
import type { OpenTransaction, Statement } from './transactions.ts'

const jobsPerStep = 1_000
/** Which jobs an action is about: unfinished ones, or ended ones. */
const tableOf: { readonly [Action in JobAction]: 'job_rows' | 'job_ends' } = {
  cancel: 'job_rows',
  hurry: 'job_rows',
  requeue: 'job_ends',
  discard: 'job_ends',
}

/** Changes jobs that have been taken in; how many. */
export type ChangeJobs = (change: JobChange) => Promise<number>

export function createChangeJobs(access: DecidingAccess, writer: JobWriter, lockTimeoutMs: number): ChangeJobs {
  const { schema: s } = access
  const enter = `SELECT ${s}.enter_jobs(true, $1)`
  const lastStep = `SELECT no, commit_no, idx, greatest(at_us, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
    FROM ${s}.job_steps ORDER BY no DESC LIMIT 1`
  const addStep = `INSERT INTO ${s}.job_steps (no, commit_no, idx, at_us) VALUES ($1, $2, $3, $4)`
  const deleteEnds = deleteOf(`${s}.job_ends`)
  const columns = jobColumns.map((name) => `r.${name}`).join(', ')

  return (change) =>
    access.transaction(async ({ send, commit }) => {
      const table = tableOf[change.action]
      const [, [step = []] = []] = await send([{ sql: enter, values: [lockTimeoutMs] }, { sql: lastStep }])
      const [before, commitNo, index, nowUs] = step.map(Number) as [number, number, number, number]
      let no = before
      let count = 0
      const writes = (rows: readonly JobRow[]): readonly Statement[] => {
        const changed = rows.flatMap((row) => changedJob(row, change.action, change.reason, nowUs, ++no) ?? [])
        if (changed.length === 0) return []
        count += changed.length
        const put = changed.filter(({ state }) => isUnfinished(state))
        const ended = changed.filter(({ state }) => !isUnfinished(state))
        return table === 'job_rows'
          ? writer.keep({ put, ended }, changed, nowUs)
          : [{ sql: deleteEnds, values: [placeArray(changed)] }, ...writer.keep({ put, ended }, [], nowUs)]
      }
      const select = `SELECT ${columns}${table === 'job_ends' ? ', r.ended_at' : ''} FROM `
      for await (const rows of rowsOf(send, select, `${s}.${table}`, change)) {
        const statements = writes(rows.map(toJobRow))
        if (statements.length > 0) await send(statements)
      }
      await commit(count === 0 ? [] : [{ sql: addStep, values: [no, commitNo, index, nowUs] }])
      return count
    })
}

/** The rows that somebody named, in the order of places, some at a time. */
async function* rowsOf(
  send: OpenTransaction['send'],
  select: string,
  table: string,
  { action, which }: JobChange,
): AsyncIterable<readonly Row[]> {
  const inOrder = 'ORDER BY r.commit_no, r.idx'
  if ('length' in which) {
    const places = [...new Map(which.map((place) => [`${place.commitNo}.${place.index}`, place])).values()]
    for (let at = 0; at < places.length; at += jobsPerStep) {
      const sql = `${select} generate_series(1, cardinality($1::bigint[]), 2) i CROSS JOIN LATERAL (SELECT * FROM ${table}
        WHERE commit_no = ($1::bigint[])[i] AND idx = ($1::bigint[])[i + 1] LIMIT 1) r ${inOrder}`
      const [rows = []] = await send([{ sql, values: [placeArray(places.slice(at, at + jobsPerStep))] }])
      yield rows
    }
    return
  }
  let last: JobPlace = { commitNo: 0, index: 0 }
  for (;;) {
    const where = jobsMatching(changeable(action, which))
    where.and(last, ({ commitNo, index }) => `(r.commit_no, r.idx) > (${where.bind(commitNo)}, ${where.bind(index)})`)
    // Said in so many words, so that the index without all that have succeeded is used.
    const sql = `${select} ${table} r WHERE r.state <> 'succeeded' AND ${where.sql} ${inOrder} LIMIT ${jobsPerStep}`
    const [rows = []] = await send([{ sql, values: where.values }])
    yield rows
    const end = rows.at(-1)
    if (end === undefined || rows.length < jobsPerStep) return
    last = { commitNo: Number(end[0]), index: Number(end[1]) }
  }
}
