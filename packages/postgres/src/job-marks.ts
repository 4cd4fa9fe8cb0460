// Behind which no row lives any more, as far as one process has seen: where its next scans begin. Only a hint that saves walking over what
// is dead; src/migrations/jobs/0001-jobs.ts says when it counts.
import { placeKey } from '@gesta/core/ports'
import type { JobRow, QueueWish } from '@gesta/core/ports'

export interface QueueMarks {
  /** As JSON text: jobs of other types are no part of the scan, so their marks are others. */
  readonly types: string
  /** By priority: up to this number no job is pending. */
  readonly lows: readonly number[]
}
export interface JobMarks {
  readonly epoch: string | undefined
  readonly dueFrom: number
  readonly lateFrom: number
  readonly runningFrom: number
  readonly queues: ReadonlyMap<string, QueueMarks>
}

const priorities = 10
const noLows: readonly number[] = Array.from({ length: priorities }, () => 0)
export const noMarks: JobMarks = { epoch: undefined, dueFrom: 0, lateFrom: 0, runningFrom: 0, queues: new Map() }

export function lowsOf(marks: JobMarks, { queue, types }: Pick<QueueWish, 'queue' | 'types'>): readonly number[] {
  const known = marks.queues.get(queue)
  return known !== undefined && known.types === JSON.stringify(types) ? known.lows : noLows
}

/** What the scan of a queue has shown. */
export interface QueueScan {
  readonly wish: Pick<QueueWish, 'queue' | 'types' | 'room' | 'runningPerKeyMax'>
  /** The jobs that it gave, by priority and number. */
  readonly ready: readonly JobRow[]
  /** With a limit per key: by priority, the first number that it met. */
  readonly firsts: ReadonlyMap<number, number>
  /** Places of those that are running now. */
  readonly claimed: ReadonlySet<string>
  /** The last number before the exchange. */
  readonly no: number
}

export function movedLows(marks: JobMarks, scan: QueueScan): QueueMarks {
  const { wish, ready, firsts, claimed, no } = scan
  const before = lowsOf(marks, wish)
  const isWhole = ready.length < wish.room
  const lastPriority = isWhole ? priorities : (ready.at(-1)?.priority ?? -1)
  const lows = before.map((low, priority) => {
    if (priority > lastPriority) return low
    const first = firsts.get(priority)
    if (first !== undefined) return first - 1
    const own = wish.runningPerKeyMax === undefined ? ready.filter((row) => row.priority === priority) : []
    const left = own.find((row) => !claimed.has(placeKey(row)))
    if (left !== undefined) return left.no - 1
    return priority < lastPriority ? no : (own.at(-1)?.no ?? low)
  })
  return { types: JSON.stringify(wish.types), lows }
}
