// What `view_jobs` has read (src/migrations/jobs/0001-view-jobs.ts), as the view that an exchange is planned on.
import { arrivingMax, limitKey, placeKey } from '@gesta/core/ports'
import type { JobExchange, JobRow, JobView } from '@gesta/core/ports'
import type { Row, Value } from './driver.ts'
import { sentMarks } from './job-marks.ts'
import type { JobMarks, QueueWalk } from './job-marks.ts'
import { placeArray, toArriving, toJobRow, toRival } from './job-rows.ts'

export interface StoredView extends JobView {
  readonly epoch: string
  readonly marksCount: boolean
  /** The time of the last step. */
  readonly stepUs: number
  /** Workers whose lease has run out, without this one. */
  readonly gone: readonly string[]
  /** Until when this worker is held to be there; absent: it is not known. */
  readonly leaseUntilUs: number | undefined
  /** When the next job is due that is not yet, or the lease of another worker runs out. */
  readonly nextAt: number | undefined
  /** The first number of a running job, if it was asked for. */
  readonly firstRunning: number | undefined
  /** What was walked over, of queues with a limit per key. */
  readonly walks: readonly QueueWalk[]
  /** Queues of which not all was looked at that goes before what arrives: how many of their jobs may be begun now. */
  readonly cuts: ReadonlyMap<string, number>
  readonly mayHaveMore: boolean
}

/** What the values of `view_jobs` are made of, beside the request. */
export interface ViewTerms {
  readonly marks: JobMarks
  /** All that has arrived is taken in, also what cannot begin. */
  readonly takesAll: boolean
  readonly lockTimeoutMs: number
}

export function viewValues(
  { worker, ends, reports, holding = [], wishes }: JobExchange,
  { marks, takesAll, lockTimeoutMs }: ViewTerms,
): readonly Value[] {
  const runs = new Map([...ends, ...reports, ...holding].map((run) => [placeKey(run), run]))
  const asked = wishes.map((wish) => ({
    queue: wish.queue,
    room: wish.room,
    types: wish.types,
    ...sentMarks(marks, wish),
    perKeyMax: wish.runningPerKeyMax,
    runningMax: wish.runningMax,
    isLimited: wish.runningMax !== undefined || wish.runningPerKeyMax !== undefined,
    periodUs: wish.rate?.periodUs,
    rateMax: wish.rate?.max,
  }))
  return [
    worker,
    lockTimeoutMs,
    placeArray([...runs.values()]),
    ends.length,
    marks.epoch ?? null,
    marks.dueFrom,
    marks.lateFrom,
    marks.runningFrom,
    takesAll,
    JSON.stringify(asked),
  ]
}

export function toView(rows: readonly Row[], worker: string): StoredView {
  const kinds = new Map<string, Row[]>()
  for (const row of rows) {
    const kind = String(row[0])
    const cells = row.slice(1)
    const known = kinds.get(kind)
    if (known === undefined) kinds.set(kind, [cells])
    else known.push(cells)
  }
  const of = (kind: string): readonly Row[] => kinds.get(kind) ?? []
  const jobsOf = (kind: string): readonly JobRow[] => of(kind).map(toJobRow)
  const [step = []] = of('step')
  const nowUs = Number(step[3])
  const arriving = of('arriving').map(toArriving)
  const due = jobsOf('due')
  const late = jobsOf('late')
  const orphaned = jobsOf('orphaned')
  const workers = of('worker')
  const own = workers.find((row) => row[18] === worker)
  const others = workers.filter((row) => row !== own)
  const leaseEnds = others.map((row) => Number(row[4])).filter((untilUs) => untilUs > nowUs)
  const times = [...leaseEnds, ...of('next').map((row) => Number(row[4]))]
  const first = of('first')[0]?.[2]
  return {
    nowUs,
    no: Number(step[2]),
    cursor: { commitNo: Number(step[0]), index: Number(step[1]) },
    arriving,
    rivals: of('rival').map(toRival),
    runs: jobsOf('run'),
    due,
    late,
    orphaned,
    ready: jobsOf('ready'),
    paused: new Set(of('paused').map((row) => String(row[15]))),
    running: countsOf(of('count')),
    begun: new Map(of('begun').map((row) => [String(row[15]), Number(row[2])])),
    cancelAsked: of('asked').map((row) => ({ commitNo: Number(row[0]), index: Number(row[1]) })),
    epoch: String(step[18]),
    marksCount: step[10] === true,
    stepUs: Number(step[4]),
    gone: others.filter((row) => Number(row[4]) <= nowUs).map((row) => String(row[18])),
    leaseUntilUs: own === undefined ? undefined : Number(own[4]),
    nextAt: times.length === 0 ? undefined : Math.min(...times),
    firstRunning: first === undefined ? undefined : Number(first),
    // A key that has nothing left may be passed again behind, so the order counts.
    walks: (['spent', 'walked', 'passed'] as const).flatMap((kind) =>
      of(kind).map((row) => {
        const [queue, priority, no] = [String(row[15]), Number(row[7]), Number(row[2] ?? 0)]
        return { kind, queue, priority, no, tenant: String(row[12] ?? ''), key: String(row[16] ?? '') }
      }),
    ),
    cuts: new Map(of('cut').map((row) => [String(row[15]), Number(row[2])])),
    mayHaveMore:
      of('cut').length > 0 ||
      (arriving.length > 0 && arriving.length >= Number(step[5])) ||
      [due, late, orphaned].some(({ length }) => length >= arrivingMax),
  }
}

function countsOf(rows: readonly Row[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const add = (name: string, count: number): void => void counts.set(name, (counts.get(name) ?? 0) + count)
  for (const row of rows) {
    const [queue, tenant, key, count] = [String(row[15]), String(row[12]), row[16], Number(row[2])]
    add(queue, count)
    if (typeof key === 'string') add(limitKey({ queue, tenant, key }), count)
  }
  return counts
}
