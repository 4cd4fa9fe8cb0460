// Random histories of a job store: what happens in them, made from numbers, and played while `laws.ts` watches.
import type { NewJob } from '../../stores/commit.ts'
import { jobStates, isUnfinished } from '../../stores/job/job-state.ts'
import type { ClaimedJob, JobPlace } from '../../stores/job/job.ts'
import type { JobChange, JobEnd, JobEnding, JobExchange, QueueWish } from '../../stores/job/job-store.ts'
import { oneTo } from '../event-store/given.ts'
import { enqueues, exchanges, job, longMs, place, runOf } from './given.ts'
import type { JobStores, JobStoreTime } from './given.ts'
import { createLaws } from './laws.ts'

/** One step: what is done follows from the number, and from what has come of the steps before. */
export interface JobStep {
  readonly kind: 'enqueue' | 'exchange' | 'change' | 'pause' | 'prune' | 'pass'
  readonly seed: number
}

// Exchanges are what nearly all is about.
const kinds = ['enqueue', 'enqueue', 'exchange', 'exchange', 'exchange', 'change', 'pass', 'pause', 'prune'] as const
const workers = ['one', 'two', 'three'] as const
const shortLeaseMs = 1_000
const types = ['Order.Send', 'Order.Other']
const queues = ['default', 'mail', 'slow'] as const

type Limits = Pick<QueueWish, 'runningMax' | 'runningPerKeyMax' | 'rate'>
/** The limits of queues at the beginning. Those per key change, as when an operator starts the workers with other options. */
const limits: { readonly [queue: string]: Limits } = {
  default: {},
  mail: { runningMax: 3, runningPerKeyMax: 1 },
  slow: { rate: { max: 2, periodUs: 700_000 }, runningPerKeyMax: 2 },
}

export function jobSteps(numbers: readonly number[]): readonly JobStep[] {
  return numbers.map((seed) => ({ kind: kinds[seed % kinds.length] as JobStep['kind'], seed }))
}

/**
 * Plays a history and insists on the laws of the port after every step. Without `time` nothing waits, and no lease runs out. `others`: the
 * same place, opened by other processes; each worker asks one of all.
 */
export async function playJobSteps(
  stores: JobStores,
  steps: readonly JobStep[],
  time?: JobStoreTime,
  others: readonly JobStores[] = [],
): Promise<void> {
  const laws = createLaws(stores, time)
  const processes = [stores, ...others]
  const storesOf = (worker: string): JobStores =>
    processes[workers.findIndex((each) => each === worker) % processes.length] as JobStores
  const perKeyMax = new Map(queues.map((queue) => [queue, limits[queue]?.runningPerKeyMax]))
  /** Runs that a worker was ever given, also those that it has not any more. */
  const held = new Map<string, ClaimedJob[]>(workers.map((worker) => [worker, []]))
  for (const { kind, seed } of steps) {
    const draw = drawsOf(seed)
    if (kind === 'enqueue') {
      const drawn = oneTo(1 + draw(3)).map(() => drawnJob(draw, time))
      await enqueues(stores, drawn, {
        tenant: draw(3) === 0 ? 'other' : 'tenant-1',
        recordedAt: time?.nowUs() ?? 1_000,
      })
      await laws.added(drawn.length)
    } else if (kind === 'exchange') {
      const worker = workers[draw(workers.length)] as string
      const own = held.get(worker) ?? []
      if (draw(8) === 0) perKeyMax.set(queues[draw(queues.length)] ?? 'default', [1, 2, 3, undefined][draw(4)])
      const limitsOf = (queue: (typeof queues)[number]): Limits => {
        const runningPerKeyMax = perKeyMax.get(queue)
        const { runningPerKeyMax: _, ...rest } = limits[queue] ?? {}
        return { ...rest, ...(runningPerKeyMax !== undefined && { runningPerKeyMax }) }
      }
      const request = drawnExchange(draw, worker, own, time === undefined ? longMs : shortLeaseMs, limitsOf)
      const answer = await exchanges(storesOf(worker), request)
      held.set(worker, [...own.filter(() => draw(8) > 0), ...answer.claimed])
      await laws.exchanged(request, answer)
    } else if (kind === 'change') {
      const change = drawnChange(draw, laws.places())
      await laws.changed(change, await stores.jobs.change(change))
    } else if (kind === 'pause') {
      const queue = queues[draw(queues.length)] as string
      const isPaused = draw(2) === 0
      await stores.jobs.pause(queue, isPaused)
      laws.paused(queue, isPaused)
    } else if (kind === 'prune') {
      const states = jobStates.filter((state) => !isUnfinished(state) && state !== 'failed' && draw(2) === 0)
      const request = { states, endedBeforeUs: Number.MAX_SAFE_INTEGER, limit: 1 + draw(3) }
      await laws.pruned(request, await stores.jobs.prune(request))
    } else await time?.pass([10, 200, 700, 3_000][draw(4)] as number)
  }
}

type Draw = (below: number) => number
/** Numbers that follow from one. */
function drawsOf(seed: number): Draw {
  let state = seed >>> 0
  return (below) => {
    // A linear congruential generator; its high bits are the good ones.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}

function drawnJob(draw: Draw, time: JobStoreTime | undefined): NewJob {
  const key = ['a', 'b', undefined][draw(3)]
  const unique = ['once', 'twice', undefined, undefined][draw(4)]
  const dueInMs = [0, 0, 100, 900][draw(4)] as number
  const expiresInMs = [0, 0, 0, 400][draw(4)] as number
  return job({
    type: types[draw(2)] as string,
    queue: queues[draw(queues.length)] as string,
    priority: [0, 5, 5, 9][draw(4)] as number,
    attemptsMax: 1 + draw(3),
    ...(key !== undefined && { key }),
    ...(unique !== undefined && { unique: { key: unique } }),
    ...(time !== undefined && dueInMs > 0 && { dueAt: time.nowUs() + dueInMs * 1000 }),
    ...(time !== undefined && expiresInMs > 0 && { expiresAt: time.nowUs() + expiresInMs * 1000 }),
  })
}

function drawnExchange(
  draw: Draw,
  worker: string,
  own: readonly ClaimedJob[],
  leaseMs: number,
  limitsOf: (queue: (typeof queues)[number]) => Limits,
): JobExchange {
  const ends = own.flatMap((run): JobEnd[] => (draw(3) === 0 ? [{ ...runOf(run), ending: drawnEnding(draw) }] : []))
  const wishes = queues.flatMap((queue): QueueWish[] =>
    draw(4) === 0
      ? []
      : [{ queue, room: draw(5), types: worker === 'three' ? types.slice(0, 1) : types, ...limitsOf(queue) }],
  )
  // A job may have been held twice by one worker; only one end of it can be told at once.
  const last = new Map(ends.map((end) => [`${end.commitNo}.${end.index}`, end]))
  const holding = own.filter(() => draw(2) === 0).map(runOf)
  const lease = draw(12) === 0 ? 0 : leaseMs
  return { worker, leaseMs: lease, ends: [...last.values()], reports: [], holding, wishes: lease === 0 ? [] : wishes }
}

function drawnEnding(draw: Draw): JobEnding {
  switch (draw(6)) {
    case 0:
      return { kind: 'failed', error: 'Error' }
    case 1:
      return { kind: 'failed', error: 'Error', retryInUs: draw(2) * 300_000 }
    case 2:
      return { kind: 'snoozed', forUs: draw(2) * 300_000 }
    case 3:
      return { kind: 'released' }
    case 4:
      return { kind: 'cancelled', reason: 'drawn' }
    default:
      return { kind: 'succeeded' }
  }
}

function drawnChange(draw: Draw, places: readonly JobPlace[]): JobChange {
  const action = (['cancel', 'requeue', 'discard', 'hurry'] as const)[draw(4)] as JobChange['action']
  const some = places.filter(() => draw(4) === 0).map(place)
  const which = [some, { queue: queues[draw(queues.length)] as string }, { key: 'a' }][draw(3)] as JobChange['which']
  return { action, which, reason: 'drawn' }
}
