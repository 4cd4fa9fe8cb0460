// Exchanges on their way between the threads, as flat arrays: see commit-cells.ts. Nearly all ends say nothing but that a run succeeded.
import type { JobEnd, JobEnding, JobExchange, JobPlace, JobReport, JobRun, QueueWish } from '@gesta/core/ports'
import type { SentCells } from './row-cells.ts'

/** What the writer thread is asked. `nowUs`: microseconds UTC. */
export interface SentExchange {
  readonly worker: string
  readonly leaseMs: number
  readonly nowUs: number
  /** Commit number, index, number of the run; and JSON text of what else there is to say, if there is anything. */
  readonly ends: SaidCells
  readonly reports: SaidCells
  readonly holding: readonly number[] | undefined
  readonly wishes: readonly QueueWish[]
}
/** What it answers. Places are flat. */
export interface SentExchanged {
  readonly claimed: SentCells
  readonly refused: readonly number[]
  readonly lost: readonly number[]
  readonly cancelled: readonly number[]
  readonly hasMore: boolean
  readonly nextInUs: number | undefined
}
type SaidCells = readonly (number | string | undefined)[]
/** What is said of a run beside its place. */
type Said = Omit<JobReport, keyof JobRun> & { readonly ending?: JobEnding }

export function encodeExchange(request: JobExchange, nowUs: number): SentExchange {
  const { worker, leaseMs, ends, reports, holding, wishes } = request
  return {
    worker,
    leaseMs,
    nowUs,
    ends: ends.flatMap((end) => encodeSaid(end, isPlain(end) ? undefined : { ...saidOf(end), ending: end.ending })),
    reports: reports.flatMap((report) => encodeSaid(report, saidOf(report))),
    holding: holding?.flatMap(({ commitNo, index, no }) => [commitNo, index, no]),
    wishes: wishes.map(({ queue, room, types, runningMax, runningPerKeyMax, rate }) => {
      return { queue, room, types: [...types], runningMax, runningPerKeyMax, rate: rate && { ...rate } }
    }),
  }
}

export function decodeExchange({ worker, leaseMs, ends, reports, holding, wishes }: SentExchange): JobExchange {
  return {
    worker,
    leaseMs,
    ends: decodeSaid(ends).map((end) => ({ ending: succeeded, ...end })),
    reports: decodeSaid(reports),
    holding: holding && runsOf(holding),
    wishes,
  }
}

export function flatPlaces(places: readonly JobPlace[]): readonly number[] {
  return places.flatMap(({ commitNo, index }) => [commitNo, index])
}

export function placesOf(cells: readonly number[]): readonly JobPlace[] {
  const places: JobPlace[] = []
  for (let at = 0; at < cells.length; at += 2)
    places.push({ commitNo: cells[at] as number, index: cells[at + 1] as number })
  return places
}

const succeeded: JobEnding = { kind: 'succeeded' }

function isPlain({ ending, lines = [], progress }: JobEnd): boolean {
  return ending.kind === 'succeeded' && ending.result === undefined && lines.length === 0 && progress === undefined
}

function saidOf({ lines, progress }: Said): Said {
  return { ...(lines !== undefined && { lines }), ...(progress !== undefined && { progress }) }
}

function encodeSaid({ commitNo, index, no }: JobRun, said: Said | undefined): SaidCells {
  return [commitNo, index, no, said && JSON.stringify(said)]
}

function decodeSaid(cells: SaidCells): readonly (JobRun & Said)[] {
  const list: (JobRun & Said)[] = []
  for (let at = 0; at < cells.length; at += 4) {
    const [commitNo, index, no, said] = cells.slice(at, at + 4)
    const run = { commitNo: Number(commitNo), index: Number(index), no: Number(no) }
    list.push(typeof said === 'string' ? { ...run, ...(JSON.parse(said) as Said) } : run)
  }
  return list
}

function runsOf(cells: readonly number[]): readonly JobRun[] {
  const runs: JobRun[] = []
  for (let at = 0; at < cells.length; at += 3) {
    const [commitNo, index, no] = cells.slice(at, at + 3) as [number, number, number]
    runs.push({ commitNo, index, no })
  }
  return runs
}
