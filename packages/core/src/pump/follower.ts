// A follower keeps one view at the end of the log: batch after batch, each one closed flush that moves rows and
// checkpoint together. It fails alone: neither the process nor other views stop with it.
import { GestaError, isGestaError } from '../errors/gesta-error.ts'
import type { ReadModelParts } from '../read-models/read-model.ts'
import type { Ids } from '../ids/ids.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { Checkpoint, View } from '../stores/read-model/read-model-store.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'
import type { Deadline } from '../time/deadline.ts'
import { isOfLog } from './checkpoint.ts'
import { foldBatch } from './fold-batch.ts'
import type { Pump } from './pump.ts'

type FollowerState = 'live' | 'retrying' | 'stopped' | 'failed' | 'diverged'

export interface Follower {
  readonly model: ReadModelParts
  readonly view: View
  readonly state: FollowerState
  /** Why it does not follow, when it does not. */
  readonly error: GestaError | undefined
  /** What keeps it from following, now or the last time, in a sentence. */
  readonly trouble: string | undefined
  /** The position that the view has reached. */
  readonly position: number
  /** Waits until the view has this position. Errors: `read_model_failed`, `diverged`, `deadline_exceeded`, `app_stopped`. */
  reach(position: number, deadline: Deadline): Promise<void>
  /** Follows until the pump stops or the read model fails. Never rejects. */
  run(): Promise<void>
}
export interface FollowerParts {
  readonly model: ReadModelParts
  readonly view: View
  readonly pump: Pump
  readonly store: EventStore
  readonly clock: Clock
  readonly ids: Ids
}
interface Waiter {
  readonly position: number
  readonly settle: (error: GestaError | undefined) => void
}

const batchEvents = 1_000
const attemptsMax = 5
const retryDelay = { firstMs: 50, maxMs: 2_000 }

/** A follower at its view's checkpoint, not yet running. */
export async function createFollower({ model, view, pump, store, clock, ids }: FollowerParts): Promise<Follower> {
  const { incarnation } = store.identity
  let checkpoint: Checkpoint = (await view.checkpoint()) ?? { incarnation, position: 0, eventId: '' }
  let state: FollowerState = 'stopped'
  let error: GestaError | undefined
  let waiters: Waiter[] = []
  let trouble: string | undefined
  if (!(await isOfLog(checkpoint, store))) {
    state = 'diverged'
    error = divergedView(model, checkpoint)
  }

  // Nobody waits for most events, so they are taken in batches; who waits for one is not kept waiting.
  const isAwaited = (): boolean => waiters.length > 0
  const wakeWaiters = (): void => {
    if (waiters.length === 0) return
    const reached = waiters.filter(({ position }) => position <= checkpoint.position)
    waiters = waiters.filter(({ position }) => position > checkpoint.position)
    for (const waiter of reached) waiter.settle(undefined)
  }
  const end = (next: FollowerState, reason: GestaError): void => {
    state = next
    error = reason
    for (const waiter of waiters.splice(0)) waiter.settle(reason)
  }
  const step = async (): Promise<boolean> => {
    const events = await pump.next(checkpoint.position, batchEvents, isAwaited)
    const last = events?.at(-1)
    if (events === undefined || last === undefined) return false
    const writes = await foldBatch(model, view, events)
    const next = { incarnation, position: last.position, eventId: last.id }
    const expected = checkpoint
    if (await view.flush({ expected, next, writes })) {
      checkpoint = next
      wakeWaiters()
      return true
    }
    // Another process was faster, or emptied the view: that is no failure, and the view tells where to go on.
    await resume()
    if (checkpoint.position === expected.position && checkpoint.eventId === expected.eventId) throw lostView(model)
    return true
  }
  const resume = async (): Promise<void> => {
    const found = (await view.checkpoint()) ?? { incarnation, position: 0, eventId: '' }
    if (!(await isOfLog(found, store))) throw divergedView(model, found)
    checkpoint = found
    wakeWaiters()
  }
  const run = async (): Promise<void> => {
    if (state === 'diverged') return
    state = 'live'
    // Only what time does not mend counts towards the end; whatever the store did meanwhile does not.
    let finals = 0
    for (let failures = 0; ;) {
      try {
        // What was flushed is known to the view alone when the flush's answer was lost.
        if (failures > 0) await resume()
        if (!(await step())) return end('stopped', stoppedError())
        failures = 0
        finals = 0
        state = 'live'
      } catch (cause) {
        if (isGestaError(cause, 'diverged')) return end('diverged', cause)
        failures++
        state = 'retrying'
        trouble = (cause as Error).message
        // A handler that fails again and again will go on failing; a store comes back.
        finals = isFinal(cause) ? finals + 1 : 0
        if (finals === attemptsMax) return end('failed', failedError(model, cause))
        await new Promise<void>((resolve) => clock.after(backoffMs(retryDelay, failures, ids.random), resolve))
      }
    }
  }

  const waitFor = (position: number, deadline: Deadline): Promise<void> => {
    if (error !== undefined) return Promise.reject(error)
    if (checkpoint.position >= position) return Promise.resolve()
    let waiter: Waiter | undefined
    const reached = new Promise<void>((resolve, reject) => {
      waiter = { position, settle: (failure) => (failure === undefined ? resolve() : reject(failure)) }
      waiters.push(waiter)
      pump.hurry()
    })
    if (!deadline.limited) return reached
    return deadline.race(`the read model ${model.name} was coming to the position asked for`, reached).finally(() => {
      waiters = waiters.filter((other) => other !== waiter)
    })
  }

  return {
    model,
    view,
    get state() {
      return state
    },
    get error() {
      return error
    },
    get trouble() {
      return error?.message ?? trouble
    },
    get position() {
      return checkpoint.position
    },
    reach: async (position, deadline) => {
      if (error !== undefined) throw error
      if (checkpoint.position >= position) return
      // What lies beyond the end of the log would never come.
      if (pump.head < position && (await store.head()) < position) throw beyondLog(position)
      await waitFor(position, deadline)
    },
    run,
  }
}

/** A handler that cannot take an event, or an event that cannot be read: time mends neither. */
function isFinal(cause: unknown): boolean {
  return isGestaError(cause, 'read_model_failed') || isGestaError(cause, 'event_unreadable')
}

function failedError(model: ReadModelParts, cause: unknown): GestaError {
  if (cause instanceof GestaError && cause.code === 'read_model_failed') return cause
  const message = `The read model ${model.name} stopped. ${(cause as Error).message} Then restart.`
  return new GestaError('read_model_failed', message, { cause, facts: { readModel: model.name } })
}

function lostView(model: ReadModelParts): Error {
  return new Error(`the view of ${model.name} was moved by somebody else`)
}

function stoppedError(): GestaError {
  return new GestaError(
    'app_stopped',
    'The app is stopping, and its read models no longer follow the log. Ask again once it runs.',
  )
}

function beyondLog(position: number): GestaError {
  const message =
    'The token lies beyond the end of the log: the store was restored from a backup since. Read without it once, and take the new token.'
  return new GestaError('diverged', message, { facts: { position } })
}

function divergedView(model: ReadModelParts, { position }: Checkpoint): GestaError {
  const message = `The view of ${model.name} was built from another history: the store was restored from a backup, or another one was put in its place. Remove the view's file to build it again.`
  return new GestaError('diverged', message, { facts: { readModel: model.name, position } })
}
