// Rows of jobs as what the port calls them. Unfinished and ended jobs have the same columns, and those that nobody has taken in yet
// are read as if they had them.
import { decodeTerms, emptyStory } from '@gesta/core/ports'
import type { ClaimedJob, JobPlace, JobRow, JobStory } from '@gesta/core/ports'
import type { Cell, Row } from './database.ts'

const columnNames = [
  'commit_no',
  'idx',
  'tenant',
  'command_id',
  'type',
  'queue',
  'priority',
  'key',
  'unique_key',
  'attempts_max',
  'state',
  'no',
  'attempt',
  'enqueued_at',
  'due_at',
  'expires_at',
  'worker',
  'started_at',
  'ended_at',
  'is_cancel_asked',
  'story',
] as const
export const jobColumns: string = columnNames.join(', ')
export const jobValues: string = columnNames.map(() => '?').join(', ')
/** Cells that a job takes. */
export const jobCells: number = columnNames.length
/** Cells that a job takes together with its payload and context. */
export const claimedCells: number = jobCells + 2
export const storyColumn: number = columnNames.indexOf('story')

const { queue, priority, attemptsMax } = decodeTerms(undefined)
const now = '(SELECT now_us FROM asked)'
/** Jobs of commits behind the cursor, as a row would have them now. Asked together with `askedNow`. */
export const untakenJobs: string = `SELECT j.commit_no, j.idx, c.tenant, c.command_id, j.type,
    coalesce(j.terms ->> '$.queue', '${queue}') AS queue, coalesce(j.terms ->> '$.priority', ${priority}) AS priority, j.terms ->> '$.key' AS key,
    j.terms ->> '$.unique.key' AS unique_key, coalesce(j.terms ->> '$.attemptsMax', ${attemptsMax}) AS attempts_max,
    CASE WHEN j.terms ->> '$.expiresAt' <= ${now} THEN 'expired' WHEN j.terms ->> '$.dueAt' > ${now} THEN 'scheduled' ELSE 'pending' END AS state,
    1 AS no, 0 AS attempt, c.recorded_at AS enqueued_at, coalesce(j.terms ->> '$.dueAt', c.recorded_at) AS due_at, j.terms ->> '$.expiresAt' AS expires_at,
    NULL AS worker, NULL AS started_at, CASE WHEN j.terms ->> '$.expiresAt' <= ${now} THEN ${now} END AS ended_at, 0 AS is_cancel_asked, NULL AS story
  FROM jobs j CROSS JOIN commits c ON c.commit_no = j.commit_no
  WHERE (j.commit_no, j.idx) > (SELECT commit_no, idx FROM job_cursor)`

/** The time, before statements that ask for it. */
export const askedNow = 'WITH asked (now_us) AS (VALUES (?))'

/** A job from its cells, which begin at `at`. */
export function toJob(cells: readonly Cell[], at: number = 0): JobRow {
  const maybe = (cell: Cell | undefined): Cell | undefined => cell ?? undefined
  const story = cells[at + storyColumn]
  return {
    commitNo: cells[at],
    index: cells[at + 1],
    tenant: cells[at + 2],
    commandId: cells[at + 3],
    type: cells[at + 4],
    queue: cells[at + 5],
    priority: cells[at + 6],
    key: maybe(cells[at + 7]),
    uniqueKey: maybe(cells[at + 8]),
    attemptsMax: cells[at + 9],
    state: cells[at + 10],
    no: cells[at + 11],
    attempt: cells[at + 12],
    enqueuedAt: cells[at + 13],
    dueAt: cells[at + 14],
    expiresAt: maybe(cells[at + 15]),
    worker: maybe(cells[at + 16]),
    startedAt: maybe(cells[at + 17]),
    endedAt: maybe(cells[at + 18]),
    isCancelAsked: cells[at + 19] === 1,
    story: typeof story === 'string' ? (JSON.parse(story) as JobStory) : emptyStory,
  } as JobRow
}

/** A job with its payload and context, which follow its own cells. */
export function toClaimed(cells: readonly Cell[], at: number = 0): ClaimedJob {
  return { ...toJob(cells, at), data: String(cells[at + jobCells]), context: String(cells[at + jobCells + 1]) }
}

/** In the order of the columns. */
export function cellsOfJob(row: JobRow): Cell[] {
  return [
    row.commitNo,
    row.index,
    row.tenant,
    row.commandId,
    row.type,
    row.queue,
    row.priority,
    row.key ?? null,
    row.uniqueKey ?? null,
    row.attemptsMax,
    row.state,
    row.no,
    row.attempt,
    row.enqueuedAt,
    row.dueAt,
    row.expiresAt ?? null,
    row.worker ?? null,
    row.startedAt ?? null,
    row.endedAt ?? null,
    Number(row.isCancelAsked),
    storyText(row.story),
  ]
}

export function toJobPlace([commitNo, index]: Row): JobPlace {
  return { commitNo: Number(commitNo), index: Number(index) }
}

export function distinctPlaces(places: readonly JobPlace[]): readonly JobPlace[] {
  return [...new Map(places.map((place) => [`${place.commitNo}.${place.index}`, place])).values()]
}

function storyText(story: JobStory): string | null {
  const { failures, lines, ...rest } = story
  const isEmpty = failures.length + lines.length === 0 && Object.values(rest).every((value) => value === undefined)
  return isEmpty ? null : JSON.stringify(story)
}
