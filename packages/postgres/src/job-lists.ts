// Lists and counts of jobs: unfinished ones, ended ones, and those that nobody has taken in yet, as one table.
import { askJobs, checkJobFilter, isUnfinished, jobStates, unfinishedStates } from '@gesta/core/ports'
import type { ClaimedJob, JobFilter, JobRow, JobState, JobStore, QueueState } from '@gesta/core/ports'
import { textArray } from './binary-arrays.ts'
import { createWhere } from './conditions.ts'
import type { Where } from './conditions.ts'
import type { Row } from './driver.ts'
import { jobColumns, toJobRow, toUntaken } from './job-rows.ts'
import { readPage } from './pages.ts'
import type { List } from './pages.ts'
import type { StoreAccess } from './store-access.ts'

export interface JobLists extends Pick<JobStore, 'list' | 'total' | 'get' | 'queues'> {
  /** Unfinished jobs, all jobs, paused queues. */
  extent(): Promise<{ readonly unfinished: number; readonly items: number; readonly paused: number }>
}

const nowUs = '(extract(epoch FROM clock_timestamp()) * 1000000)::bigint'
/** What a row of the list has behind `jobColumns`: when it ended, whether nobody has taken it in, and the time. */
const [untakenAt, nowAt] = [jobColumns.length + 1, jobColumns.length + 2]

/**
 * All jobs that may be in these states, as a table: ended ones are many, and are not looked at for unfinished ones. `s`: the schema, quoted;
 * `at`: commit number and index, when it is one job.
 */
function jobsIn(s: string, states: readonly JobState[] = jobStates, at?: readonly [string, string]): string {
  const place = at === undefined ? 'true' : `j.commit_no = ${at[0]} AND j.idx = ${at[1]}`
  const taken = (table: string, endedAt: string): string =>
    `SELECT ${jobColumns.join(', ')}, ${endedAt} AS ended_at, false AS is_untaken FROM ${s}.${table} j WHERE ${place}`
  const hasUnfinished = states.some(isUnfinished)
  const tables = [
    ...(hasUnfinished ? [taken('job_rows', 'NULL::bigint')] : []),
    ...(states.every(isUnfinished) ? [] : [taken('job_ends', 'ended_at')]),
    ...(hasUnfinished || states.includes('expired') ? [`${untaken(s)} AND ${place}`] : []),
  ]
  return tables.length === 0 ? jobsIn(s) : `(${tables.join(' UNION ALL ')})`
}

/** With what conditions look at; the terms stand where others have their story. */
function untaken(s: string): string {
  const term = (name: string): string => `(${s}.context_of(j.terms) ->> '${name}')`
  const dueAt = `coalesce(${term('dueAt')}::bigint, c.recorded_at)`
  const columns: Readonly<Record<string, string>> = {
    commit_no: 'j.commit_no',
    idx: 'j.idx',
    no: '1::bigint',
    enqueued_at: 'c.recorded_at',
    due_at: dueAt,
    expires_at: `${term('expiresAt')}::bigint`,
    started_at: 'NULL::bigint',
    priority: `coalesce(${term('priority')}::integer, 5)`,
    attempt: '0',
    attempts_max: '0',
    is_cancel_asked: 'false',
    state: `CASE WHEN ${term('expiresAt')}::bigint <= ${nowUs} THEN 'expired' WHEN ${dueAt} > ${nowUs} THEN 'scheduled' ELSE 'pending' END`,
    tenant: 'c.tenant',
    command_id: 'c.command_id',
    type: 'j.type',
    queue: `coalesce(${term('queue')}, 'default')`,
    key: term('key'),
    unique_key: 'NULL::text',
    worker: 'NULL::text',
    story: 'j.terms',
  }
  const isText = (name: string): boolean =>
    ['state', 'tenant', 'command_id', 'type', 'queue', 'key', 'unique_key', 'worker'].includes(name)
  const selected = jobColumns.map((name) => `${columns[name]}${isText(name) ? ' COLLATE "C"' : ''} AS ${name}`)
  return `SELECT ${selected.join(', ')}, NULL::bigint AS ended_at, true AS is_untaken FROM ${s}.jobs j
    CROSS JOIN LATERAL (SELECT * FROM ${s}.commits WHERE commit_no = j.commit_no OFFSET 0) c
    WHERE (j.commit_no, j.idx) > (SELECT k.commit_no, k.idx FROM ${s}.job_steps k ORDER BY k.no DESC LIMIT 1)`
}

/** Conditions on jobs, as `r`. */
export function jobsMatching({ states, queue, tenant, type, key }: JobFilter): Where {
  const where = createWhere()
  const { and, bind } = where
  // One state alone has an index in the order of lists.
  and(states, (names) =>
    names.length === 1 ? `r.state = ${bind(names[0] as string)}` : `r.state = ANY (${bind(textArray(names))}::text[])`,
  )
  and(queue, (text) => `r.queue = ${bind(text)}`)
  and(tenant, (text) => `r.tenant = ${bind(text)}`)
  and(type, (text) => `r.type = ${bind(text)}`)
  and(key, (text) => `r.key = ${bind(text)}`)
  return where
}

function toListed(row: Row): JobRow {
  return row[untakenAt] === true ? toUntaken(row, Number(row[nowAt])) : toJobRow(row)
}

export function createJobLists({ schema: s, read }: StoreAccess): JobLists {
  const all = jobsIn(s)
  const columns = `${jobColumns.map((name) => `r.${name}`).join(', ')}, r.ended_at, r.is_untaken, ${nowUs} AS now_us`
  const listOf = ({ states }: JobFilter): List<JobRow, readonly [number, number]> => ({
    columns,
    from: `FROM ${jobsIn(s, states)} r`,
    order: ['r.commit_no', 'r.idx'],
    isDescending: true,
    bytes: 'coalesce(octet_length(r.story), 0)',
    toItem: toListed,
    keyOf: ({ commitNo, index }) => [commitNo, index],
  })
  const getOne = `SELECT ${columns}, p.data, c.context FROM ${s}.commits c
    JOIN ${s}.jobs p ON p.commit_no = c.commit_no AND p.idx = $3
    CROSS JOIN LATERAL ${jobsIn(s, jobStates, ['p.commit_no', 'p.idx'])} r
    WHERE ${s}.index_key(c.tenant) = ${s}.index_key($1) AND c.command_id = $2`
  const isOpen = "r.state IN ('scheduled', 'pending', 'running', 'retry_scheduled', 'waiting')"
  const countQueues = `SELECT r.queue, r.state, count(*), min(r.due_at), ${nowUs} FROM ${jobsIn(s, unfinishedStates)} r
      WHERE ${isOpen} GROUP BY r.queue, r.state
    UNION ALL SELECT e.queue, e.state, count(*), 0, 0 FROM ${s}.job_ends e WHERE e.state = 'dead_letter' GROUP BY e.queue, e.state
    UNION ALL SELECT p.queue, NULL, 0, 0, 0 FROM ${s}.job_pauses p`

  return {
    list: async (filter, page) => readPage(read, listOf(filter), jobsMatching(filter), askJobs(filter, page)),
    total: async (filter = {}) => {
      checkJobFilter(filter)
      const where = jobsMatching(filter)
      const [row] = await read(`SELECT count(*) FROM ${jobsIn(s, filter.states)} r WHERE ${where.sql}`, where.values)
      return Number(row?.[0])
    },
    get: async (tenant, commandId, index): Promise<ClaimedJob | undefined> => {
      const [row] = await read(getOne, [tenant, commandId, index])
      return row && { ...toListed(row), data: String(row[nowAt + 1]), context: String(row[nowAt + 2]) }
    },
    queues: async () => queuesOf(await read(countQueues)),
    extent: async () => {
      const [states, [paused = []]] = await Promise.all([
        read(`SELECT r.state, count(*) FROM ${all} r GROUP BY r.state`),
        read(`SELECT count(*) FROM ${s}.job_pauses`),
      ])
      const sum = (rows: readonly Row[]): number => rows.reduce((total, [, found]) => total + Number(found), 0)
      const open = states.filter(([state]) => isUnfinished(state as JobState))
      return { unfinished: sum(open), items: sum(states), paused: Number(paused[0]) }
    },
  }
}

function queuesOf(rows: readonly Row[]): readonly QueueState[] {
  const names = [...new Set(rows.map(([queue]) => String(queue)))].toSorted()
  return names.map((queue) => {
    const own = rows.filter(([name]) => name === queue)
    const counts: { [State in JobState]?: number } = {}
    for (const [, state, count] of own) if (state !== null) counts[state as JobState] = Number(count)
    const [, , , oldest, now] = own.find(([, state]) => state === 'pending') ?? []
    return {
      queue,
      isPaused: own.some(([, state]) => state === null),
      counts,
      oldestPendingUs: oldest === undefined ? undefined : Math.max(0, Number(now) - Number(oldest)),
    }
  })
}
