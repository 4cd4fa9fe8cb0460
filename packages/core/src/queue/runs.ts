// The runs of a worker: which are going on, and what the store was not told of them yet.
import type { ClaimedJob, JobPlace } from '../stores/job/job.ts'
import type { JobEnd, JobEnding, JobReport, JobRun } from '../stores/job/job-store.ts'
import { placeKey } from '../stores/job/plan-exchange.ts'
import type { Interruption, RunningJob } from './run-job.ts'

export interface Runs {
  /** Runs that are going on. */
  readonly size: number
  /** Of one queue. */
  countOf(queue: string): number
  /** By queue, without those that have none. */
  readonly counts: ReadonlyMap<string, number>
  begin(run: RunningJob): void
  /** Runs that go on or whose end was not told, as the store knows them. */
  holding(): readonly JobRun[]
  readonly hasEnds: boolean
  /** What is to be told next; it counts as told until it is put back. */
  takeEnds(): readonly JobEnd[]
  takeReports(): readonly JobReport[]
  putBack(ends: readonly JobEnd[]): void
  /** Runs that others have now: they count no longer, and nothing is told of them. */
  lose(places: readonly JobPlace[]): void
  /** Tells runs to end: those at these places, or all. */
  interrupt(why: Interruption, places?: readonly JobPlace[]): void
  /** Ends all that go on as not begun: another worker runs them anew. */
  abandon(): void
}

/** `onEnd`: a run is over. */
export function createRuns(onEnd: (job: ClaimedJob, ending: JobEnding) => void): Runs {
  const going = new Map<string, RunningJob>()
  const counts = new Map<string, number>()
  let ends: JobEnd[] = []

  const count = (queue: string, by: number): void => {
    const left = (counts.get(queue) ?? 0) + by
    if (left > 0) counts.set(queue, left)
    else counts.delete(queue)
  }
  /** Whether it was still going on here. */
  const leave = (run: RunningJob): boolean => {
    const key = placeKey(run.job)
    // The same job may be back under another number.
    if (going.get(key) !== run) return false
    going.delete(key)
    count(run.job.queue, -1)
    return true
  }
  const end = (run: RunningJob, ending: JobEnding): void => {
    if (!leave(run)) return
    ends.push({ ...runOf(run.job), ending, ...run.told() })
    onEnd(run.job, ending)
  }
  const lose = (run: RunningJob): void => {
    if (leave(run)) run.interrupt('lost')
  }
  const at = (places: readonly JobPlace[]): readonly RunningJob[] =>
    places.flatMap((place) => going.get(placeKey(place)) ?? [])

  return {
    get size() {
      return going.size
    },
    counts,
    countOf: (queue) => counts.get(queue) ?? 0,
    begin: (run) => {
      const key = placeKey(run.job)
      const before = going.get(key)
      if (before !== undefined) lose(before)
      going.set(key, run)
      count(run.job.queue, 1)
      void run.ended.then((ending) => end(run, ending))
    },
    holding: () => Array.from(going.values(), ({ job }) => runOf(job)),
    get hasEnds() {
      return ends.length > 0
    },
    takeEnds: () => {
      const taken = ends
      ends = []
      return taken
    },
    takeReports: () => {
      const reports: JobReport[] = []
      for (const run of going.values()) {
        const told = run.told()
        if (told !== undefined) reports.push({ ...runOf(run.job), ...told })
      }
      return reports
    },
    putBack: (untold) => {
      ends = [...untold, ...ends]
    },
    lose: (places) => {
      for (const run of at(places)) lose(run)
    },
    interrupt: (why, places) => {
      for (const run of places === undefined ? going.values() : at(places)) run.interrupt(why)
    },
    abandon: () => {
      for (const run of going.values()) {
        run.abandon()
        end(run, { kind: 'released' })
      }
    },
  }
}

function runOf({ commitNo, index, no }: ClaimedJob): JobRun {
  return { commitNo, index, no }
}
