// Behind which no row lives any more, as far as one process has seen: where its next scans begin. Only a hint that saves walking over what
// is dead; src/migrations/jobs/0001-jobs.ts says when it counts.
import { placeKey } from '@gesta/core/ports'
import type { JobRow, QueueWish } from '@gesta/core/ports'

/**
 * Of one queue, by priority. `lows`: up to this number no job is pending. With a limit per key, a scan passes the jobs whose key has no
 * room; up to the number in `passed`, all that are pending have one of `keys`. So the next scan begins behind it, and looks before it at
 * those of these keys alone that have room by then. A key gets there while its jobs run, so there are no more of them than jobs that run.
 */
export interface QueueMarks {
  /** As JSON text: jobs of other types are no part of the scan, so their marks are others. */
  readonly types: string
  readonly lows: readonly number[]
  readonly passed: readonly number[]
  readonly keys: readonly (readonly PassedKey[])[]
}
/** A key that was passed; its first pending job has this number or a later one. */
type PassedKey = readonly [tenant: string, key: string, since: number]
export interface JobMarks {
  readonly epoch: string | undefined
  readonly dueFrom: number
  readonly lateFrom: number
  readonly runningFrom: number
  readonly queues: ReadonlyMap<string, QueueMarks>
}

const priorities = Array.from({ length: 10 }, (_, priority) => priority)
export const noMarks: JobMarks = { epoch: undefined, dueFrom: 0, lateFrom: 0, runningFrom: 0, queues: new Map() }

function marksOf(marks: JobMarks, { queue, types: wanted }: Pick<QueueWish, 'queue' | 'types'>): QueueMarks {
  const types = JSON.stringify(wanted)
  const known = marks.queues.get(queue)
  const zeros = priorities.map(() => 0)
  return known?.types === types ? known : { types, lows: zeros, passed: zeros, keys: priorities.map(() => []) }
}

/** As `view_jobs` takes them. */
export function sentMarks(
  marks: JobMarks,
  wish: Pick<QueueWish, 'queue' | 'types' | 'runningPerKeyMax'>,
): Partial<Omit<QueueMarks, 'types'>> {
  const { lows, passed, keys } = marksOf(marks, wish)
  return wish.runningPerKeyMax === undefined ? { lows } : { passed, keys }
}

/** What a scan with a limit per key tells: how far it got; a key that it passed first here; a key of the marks that has nothing left. */
export interface QueueWalk {
  readonly kind: 'walked' | 'passed' | 'spent'
  readonly queue: string
  readonly priority: number
  readonly no: number
  readonly tenant: string
  readonly key: string
}
/** What the scan of a queue has shown. */
export interface QueueScan {
  readonly wish: Pick<QueueWish, 'queue' | 'types' | 'room' | 'runningPerKeyMax'>
  /** The jobs that it gave, by priority and number. */
  readonly ready: readonly JobRow[]
  readonly walks: readonly QueueWalk[]
  /** Places of those that are running now. */
  readonly claimed: ReadonlySet<string>
  /** The last number before the exchange. */
  readonly no: number
}

export function movedMarks(marks: JobMarks, scan: QueueScan): QueueMarks {
  const before = marksOf(marks, scan.wish)
  return scan.wish.runningPerKeyMax === undefined ? movedLows(before, scan) : movedPassed(before, scan)
}

function movedLows({ types, lows: before }: QueueMarks, { wish, ready, claimed, no }: QueueScan): QueueMarks {
  const isWhole = ready.length < wish.room
  const lastPriority = isWhole ? priorities.length : (ready.at(-1)?.priority ?? -1)
  const lows = before.map((low, priority) => {
    if (priority > lastPriority) return low
    const own = ready.filter((row) => row.priority === priority)
    const left = own.find((row) => !claimed.has(placeKey(row)))
    if (left !== undefined) return left.no - 1
    return priority < lastPriority ? no : (own.at(-1)?.no ?? low)
  })
  return { types, lows, passed: lows, keys: priorities.map(() => []) }
}

function movedPassed(before: QueueMarks, { ready, walks, claimed }: QueueScan): QueueMarks {
  const moved = priorities.map((priority) => {
    const own = ready.filter((row) => row.priority === priority)
    const told = walks.filter((walk) => walk.priority === priority)
    const from = before.passed[priority] ?? 0
    const end = told.find(({ kind }) => kind === 'walked')?.no ?? from
    // What it gave and nobody has begun, such as when something more urgent came at once, was not passed.
    const left = own.find((row) => row.no > from && !claimed.has(placeKey(row)))
    const passed = left === undefined ? end : Math.min(end, left.no - 1)
    const keys = new Map((before.keys[priority] ?? []).map((each) => [nameOf(each[0], each[1]), each]))
    for (const { kind, tenant, key, no } of told) {
      const name = nameOf(tenant, key)
      if (kind === 'spent') keys.delete(name)
      if (kind === 'passed' && !keys.has(name)) keys.set(name, [tenant, key, no])
    }
    for (const [name, [tenant, key]] of keys) {
      const ofKey = own.filter((row) => row.key === key && row.tenant === tenant && row.no <= passed)
      const first = ofKey.find((row) => !claimed.has(placeKey(row)))?.no
      const last = ofKey.at(-1)?.no
      if (last !== undefined) keys.set(name, [tenant, key, first ?? last + 1])
    }
    const kept = [...keys.values()].filter(([, , since]) => since <= passed)
    const low = kept.reduce((least, [, , since]) => Math.min(least, since - 1), passed)
    return { low, passed, keys: kept }
  })
  return {
    types: before.types,
    lows: moved.map(({ low }) => low),
    passed: moved.map(({ passed }) => passed),
    keys: moved.map(({ keys }) => keys),
  }
}

function nameOf(tenant: string, key: string): string {
  return JSON.stringify([tenant, key])
}
