// What one exchange does, decided on what the store has read under its lock: a pure function, the same for every backend. A store reads
// a `JobView`, asks, and writes the changes in the same transaction.
import { claimsOf, stillRunning } from './claim.ts'
import { endRun, failRun } from './end-run.ts'
import { linesMax } from './job.ts'
import type { JobPlace, JobRow, JobStory } from './job.ts'
import { isUnfinished } from './job-state.ts'
import type { JobExchange, JobExchanged } from './job-store.ts'
import type { JobChanges, JobView } from './job-view.ts'
import { addHolder, expired, holdersOf, isLate, takenIn } from './take-in.ts'
import type { JobRival } from './take-in.ts'

export interface JobPlan extends Pick<JobExchanged, 'refused' | 'lost' | 'cancelled'> {
  readonly changes: JobChanges
}

/** Arriving, due, late and orphaned jobs that one exchange looks at. */
export const arrivingMax = 2_000

export function planExchange(request: JobExchange, view: JobView): JobPlan {
  const { nowUs } = view
  const { worker } = request
  // What arrives was there before anything that this exchange makes pending, also where a store has not taken it in at once.
  let arrivedNo = view.no
  let no = view.no + view.arriving.length
  const rows = new Map<string, JobRow>()
  const put = (row: JobRow): void => void rows.set(placeKey(row), row)
  const running = new Map(view.runs.map((row) => [placeKey(row), row]))

  const refused: JobPlace[] = []
  for (const { ending, ...end } of request.ends) {
    const row = ownRun(running, end, worker)
    if (row === undefined) refused.push(placeOf(end))
    else put(endRun(told(row, end), ending, nowUs, ++no))
  }
  for (const report of request.reports) {
    const row = ownRun(running, report, worker) && (rows.get(placeKey(report)) ?? running.get(placeKey(report)))
    if (row?.state === 'running' && row.no === report.no) put(told(row, report))
  }
  const lost = (request.holding ?? []).filter((run) => ownRun(running, run, worker) === undefined).map(placeOf)

  for (const row of view.orphaned) put(failRun(row, { error: 'worker_lost', retryInUs: 0 }, nowUs, ++no))
  const isUntouched = (row: JobRow): boolean => !rows.has(placeKey(row))
  for (const row of view.due.filter(isUntouched)) put({ ...row, state: 'pending', no: ++no })
  // What this exchange has given back, or was read as pending, may be too late as well.
  for (const row of [...rows.values(), ...view.late.filter(isUntouched), ...view.ready.filter(isUntouched)])
    if (isLate(row, nowUs)) put(expired(row, nowUs))
  const holders = holdersOf(asOfNow(view.rivals, rows))
  for (const job of view.arriving) {
    const row = takenIn(job, nowUs, ++arrivedNo, holders)
    addHolder(holders, row)
    put(row)
  }

  const candidates = [...view.ready.filter(isUntouched), ...rows.values()]
    .filter(({ state }) => state === 'pending')
    .toSorted((one, other) => one.priority - other.priority || one.no - other.no)
  const { paused, begun } = view
  const claims = claimsOf(request.wishes, candidates, { paused, begun, running: stillRunning(request, view) })
  const claimed = claims.rows.map((row): JobRow => {
    const attempt = row.attempt + 1
    return { ...row, state: 'running', no: ++no, attempt, worker, startedAt: nowUs, endedAt: undefined }
  })
  for (const row of claimed) put(row)

  const changed = [...rows.values()]
  return {
    refused,
    lost,
    cancelled: view.cancelAsked
      .filter((run) => (rows.get(placeKey(run))?.state ?? 'running') === 'running')
      .map(placeOf),
    changes: {
      no,
      cursor: placeOf(view.arriving.at(-1) ?? view.cursor),
      put: changed.filter(({ state }) => isUnfinished(state)),
      ended: changed.filter(({ state }) => !isUnfinished(state)),
      claimed,
      begun: claims.begun,
    },
  }
}

/** Takes in what arrives and does nothing else: before somebody changes jobs that nobody has taken in yet. */
export function planArrivals(view: Pick<JobView, 'nowUs' | 'no' | 'cursor' | 'arriving' | 'rivals'>): JobChanges {
  const rest = { runs: [], due: [], late: [], orphaned: [], ready: [], cancelAsked: [] }
  const none = { paused: new Set<string>(), running: new Map(), begun: new Map() }
  const request = { worker: '', leaseMs: 0, ends: [], reports: [], wishes: [] }
  return planExchange(request, { ...view, ...rest, ...none }).changes
}

function ownRun(
  running: ReadonlyMap<string, JobRow>,
  run: JobPlace & { readonly no: number },
  worker: string,
): JobRow | undefined {
  const row = running.get(placeKey(run))
  return row !== undefined && row.state === 'running' && row.no === run.no && row.worker === worker ? row : undefined
}

/** With what a run has told of itself. */
function told(
  row: JobRow,
  { lines = [], progress }: { lines?: JobStory['lines'] | undefined; progress?: JobStory['progress'] },
): JobRow {
  if (lines.length === 0 && progress === undefined) return row
  const { story } = row
  const newest = [...story.lines, ...lines].slice(-linesMax)
  return { ...row, story: { ...story, lines: newest, progress: progress ?? story.progress } }
}

/** The holders of unique keys in the states that they have by now: one that has just ended may hold its key no longer. */
function asOfNow(rivals: readonly JobRival[], rows: ReadonlyMap<string, JobRow>): readonly JobRival[] {
  if (rivals.length === 0) return rivals
  const name = ({ tenant, commandId, index }: JobRival): string => JSON.stringify([tenant, commandId, index])
  const changed = new Map([...rows.values()].map((row) => [name(row), row]))
  return rivals.map((rival) => changed.get(name(rival)) ?? rival)
}

function placeOf({ commitNo, index }: JobPlace): JobPlace {
  return { commitNo, index }
}
export function placeKey({ commitNo, index }: JobPlace): string {
  return `${commitNo}.${index}`
}
