// Rows of jobs as what the port calls them, and as lists for the server.
import { decodeTerms, emptyStory, takenIn } from '@gesta/core/ports'
import type { ArrivingJob, JobPlace, JobRival, JobRow, JobState, JobStory } from '@gesta/core/ports'
import { bigintArray, textArray } from './binary-arrays.ts'
import type { Cell, Row, Value } from './driver.ts'

/** In the order in which rows come; the same as those of `viewed_job`. */
export const jobColumns: readonly string[] = [
  'commit_no',
  'idx',
  'no',
  'enqueued_at',
  'due_at',
  'expires_at',
  'started_at',
  'priority',
  'attempt',
  'attempts_max',
  'is_cancel_asked',
  'state',
  'tenant',
  'command_id',
  'type',
  'queue',
  'key',
  'unique_key',
  'worker',
  'story',
]

/** From `jobColumns`, and `ended_at` behind them. */
export function toJobRow(row: Row): JobRow {
  return {
    commitNo: row[0],
    index: row[1],
    tenant: row[12],
    commandId: row[13],
    type: row[14],
    queue: row[15],
    priority: row[7],
    key: row[16] ?? undefined,
    uniqueKey: row[17] ?? undefined,
    attemptsMax: row[9],
    state: row[11],
    no: row[2],
    attempt: row[8],
    enqueuedAt: row[3],
    dueAt: row[4],
    expiresAt: row[5] ?? undefined,
    worker: row[18] ?? undefined,
    startedAt: row[6] ?? undefined,
    endedAt: row[20] ?? undefined,
    isCancelAsked: row[10],
    story: storyOf(row[19]),
  } as JobRow
}

function storyOf(text: Cell | undefined): JobStory {
  return typeof text === 'string' ? { ...emptyStory, ...(JSON.parse(text) as JobStory) } : emptyStory
}

/** NULL for a job with nothing to tell. */
function storyText({ failures, lines, ...rest }: JobStory): string | undefined {
  const kept = { ...(failures.length > 0 && { failures }), ...(lines.length > 0 && { lines }), ...rest }
  const text = JSON.stringify(kept)
  return text === '{}' ? undefined : text
}

/** A job that nobody has taken in, as `view_jobs` tells it. */
export function toArriving(row: Row): ArrivingJob {
  return {
    commitNo: Number(row[0]),
    index: Number(row[1]),
    tenant: String(row[12]),
    commandId: String(row[13]),
    type: String(row[14]),
    terms: decodeTerms(typeof row[19] === 'string' ? row[19] : undefined),
    enqueuedAt: Number(row[3]),
  }
}

/** As it would be, were it taken in now. */
export function toUntaken(row: Row, nowUs: number): JobRow {
  return takenIn(toArriving(row), nowUs, 1)
}

export function toRival(row: Row): JobRival {
  return {
    index: Number(row[1]),
    tenant: String(row[12]),
    uniqueKey: String(row[17]),
    state: row[11] as JobState,
    enqueuedAt: Number(row[3]),
    commandId: String(row[13]),
  }
}

export function placeArray(places: readonly JobPlace[]): Buffer {
  const numbers: number[] = []
  for (const { commitNo, index } of places) numbers.push(commitNo, index)
  return bigintArray(numbers)
}

interface Column {
  readonly name: string
  readonly type: 'bigint' | 'text'
  readonly value: (row: JobRow, nowUs: number) => number | string | undefined
}
const shared: readonly Column[] = [
  { name: 'commit_no', type: 'bigint', value: ({ commitNo }) => commitNo },
  { name: 'idx', type: 'bigint', value: ({ index }) => index },
  { name: 'no', type: 'bigint', value: ({ no }) => no },
  { name: 'enqueued_at', type: 'bigint', value: ({ enqueuedAt }) => enqueuedAt },
  { name: 'due_at', type: 'bigint', value: ({ dueAt }) => dueAt },
  { name: 'expires_at', type: 'bigint', value: ({ expiresAt }) => expiresAt },
  { name: 'started_at', type: 'bigint', value: ({ startedAt }) => startedAt },
  { name: 'priority', type: 'bigint', value: ({ priority }) => priority },
  { name: 'attempt', type: 'bigint', value: ({ attempt }) => attempt },
  { name: 'attempts_max', type: 'bigint', value: ({ attemptsMax }) => attemptsMax },
  { name: 'is_cancel_asked', type: 'bigint', value: ({ isCancelAsked }) => (isCancelAsked ? 1 : 0) },
  { name: 'state', type: 'text', value: ({ state }) => state },
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'command_id', type: 'text', value: ({ commandId }) => commandId },
  { name: 'type', type: 'text', value: ({ type }) => type },
  { name: 'queue', type: 'text', value: ({ queue }) => queue },
  { name: 'key', type: 'text', value: ({ key }) => key },
  { name: 'unique_key', type: 'text', value: ({ uniqueKey }) => uniqueKey },
  { name: 'worker', type: 'text', value: ({ worker }) => worker },
  { name: 'story', type: 'text', value: ({ story }) => storyText(story) },
]
/** A time that has passed is told as now, so that it lies before no mark. */
const lateAt: Column = {
  name: 'late_at',
  type: 'bigint',
  value: ({ state, expiresAt }, nowUs) =>
    state === 'running' || expiresAt === undefined ? undefined : Math.max(expiresAt, nowUs),
}
const endedAt: Column = { name: 'ended_at', type: 'bigint', value: (row, nowUs) => row.endedAt ?? nowUs }
export const rowColumns: readonly Column[] = [...shared, lateAt]
export const endColumns: readonly Column[] = [...shared, endedAt]

/** The statement that adds rows which come as one list for each column. */
export function insertOf(table: string, columns: readonly Column[]): string {
  const names = columns.map(({ name }) => name)
  const lists = columns.map(({ type }, at) => `$${at + 1}::${type}[]`)
  const given = names.map((name) => (name === 'is_cancel_asked' ? 'n.is_cancel_asked = 1' : `n.${name}`))
  return `INSERT INTO ${table} (${names.join(', ')}) SELECT ${given.join(', ')} FROM unnest(${lists.join(', ')}) n(${names.join(', ')})`
}

export function listsOf(columns: readonly Column[], rows: readonly JobRow[], nowUs: number): readonly Value[] {
  return columns.map(({ type, value }) => {
    const items = rows.map((row) => value(row, nowUs))
    return type === 'text' ? textArray(items as (string | undefined)[]) : bigintArray(items as (number | undefined)[])
  })
}
