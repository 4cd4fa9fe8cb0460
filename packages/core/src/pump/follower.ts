// A follower keeps one generation of a view at the end of the log: batch after batch, each one closed flush that moves rows and
// checkpoint together. It fails alone: neither the process nor other views stop with it.
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { isGestaError } from '../errors/gesta-error.ts'
import type { GestaError } from '../errors/gesta-error.ts'
import type { Ids } from '../ids/ids.ts'
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { ParkedEvent } from '../stores/read-model/parked-event.ts'
import type { View } from '../stores/read-model/read-model-store.ts'
import type { Generation } from '../stores/read-model/view-plan.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'
import { pause, unlessAborted } from '../time/unless-aborted.ts'
import { foldBatch, FoldFailed, isOwnFault } from './fold-batch.ts'
import type { Folded } from './fold-batch.ts'
import { createFailingEvents } from './failing-events.ts'
import { createParking } from './parking.ts'
import type { Parking } from './parking.ts'
import type { Partitions } from './partitions.ts'
import type { Pump } from './pump.ts'
import { failedAt, fullParking } from './read-model-errors.ts'
import type { Counted } from './read-model-meter.ts'
import { createRowCache } from './row-cache.ts'
import { settleParked } from './settle-parked.ts'
import { createShares } from './shares.ts'
import { createViewWriter } from './view-writer.ts'

/** Why a follower no longer follows: it was told to leave, or it cannot go on. */
export type FollowEnding = 'left' | 'failed' | 'diverged'
export interface Follower {
  readonly generation: Generation
  readonly view: View
  /** The position that the view has reached. */
  readonly position: number
  readonly parking: Parking
  /** Why it does not follow, when it cannot. */
  readonly error: GestaError | undefined
  /** What kept it from following the last time, until it has followed again. */
  readonly trouble: unknown
  /** Follows until the signal aborts, the pump stops or it cannot go on. Never rejects. */
  follow(signal: AbortSignal): Promise<FollowEnding>
  /** Does what operators asked about parked events. Errors: `store_*`. */
  settle(): Promise<void>
  /** Runs work between two batches, when the view is at `position`. */
  hold<T>(work: () => Promise<T>): Promise<T>
}
export interface FollowerParts {
  readonly model: ReadModelParts
  readonly view: View
  readonly generation: Generation
  readonly fencingToken: number | undefined
  readonly pump: Pump
  readonly store: EventStore
  /** Opens workers that fold shares of a batch far behind the end of the log; absent when there are none. */
  readonly share?: ((view: View) => Promise<Partitions>) | undefined
  readonly clock: Clock
  readonly ids: Ids
  /** Called for every batch that is in the view, and for every attempt that failed. */
  readonly onFlush: (batch: Counted) => void
  readonly onFailure: () => void
  /** Whether somebody waits for events: then they are not gathered. */
  readonly isAwaited: () => boolean
  /** Called before a batch is written. Errors: `store_*`. */
  readonly beforeFlush: (events: readonly RecordedEvent[]) => Promise<void> | undefined
  /** Called when the view has moved to a position. */
  readonly onMove: (position: number) => void
}

/** Where a flush ends. */
interface LastEvent {
  readonly position: number
  readonly id: string
  readonly recordedAt: string
}
type Made = Pick<Folded, 'writes' | 'statements' | 'applied' | 'skipped'> & {
  readonly park?: readonly ParkedEvent[] | undefined
}

/** Events of a batch at the end of the log, and of one far behind it. */
const batchEvents = { live: 1_000, behind: 2_000, shared: 4_000 }
const cacheBytes = 16 * 1024 * 1024
const retryDelay = { firstMs: 50, maxMs: 2_000 }

/** A follower at its view's checkpoint, not yet following. Errors: `store_*`. */
export async function openFollower(parts: FollowerParts): Promise<Follower> {
  const { model, view, generation, pump, store, clock, ids } = parts
  const { incarnation } = store.identity
  const rows = createRowCache(cacheBytes)
  const parking = createParking(model, view, clock)
  const failing = createFailingEvents(model, parking)
  const writer = createViewWriter({
    ...parts,
    onRead: async ({ position }) => {
      await shares.close()
      await parking.load()
      rows.clear(position === 0)
    },
  })
  let error: GestaError | undefined
  let trouble: unknown
  let failures = 0
  /** How many positions are taken command by command, because some statement of the read model's own failed among them. */
  let careful = 0
  /** The first event of the batch that has noted a statement. */
  let suspect: RecordedEvent | undefined
  let turn: Promise<unknown> = Promise.resolve()
  const shares = createShares(parts.share, view)

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const run = turn.then(work)
    turn = run.catch(() => undefined)
    return run
  }
  const arrive = async (): Promise<void> => {
    const { position } = writer.checkpoint
    await writer.arrive()
    // What failed has arrived all the same: only its answer was lost.
    if (writer.checkpoint.position > position) trouble = undefined
  }
  /** Writes what was folded up to an event; the next ones may be folded meanwhile when `isBehind`. */
  const write = async (last: LastEvent, made: Made, isBehind: boolean): Promise<void> => {
    await writer.settled()
    const { writes, statements, applied, skipped, park = [] } = made
    parking.parked(park)
    const next = { incarnation, position: last.position, eventId: last.id }
    writer.begin({ next, writes, statements, park }, () => {
      failures = 0
      trouble = undefined
      parts.onFlush({ applied, skipped, recordedAt: last.recordedAt, isLive: !isBehind })
    })
    if (!isBehind) await writer.settled()
  }
  const writeBatch = async (batch: readonly RecordedEvent[], made: Folded, isBehind: boolean): Promise<void> => {
    const park = made.held.map((event) => parking.entry(event, failing.givenUp(event)))
    await parts.beforeFlush(batch)
    await write(batch.at(-1) as RecordedEvent, { ...made, park }, isBehind)
  }

  const fold = (events: readonly RecordedEvent[]): Promise<Folded> => {
    failing.begin()
    return foldBatch({ model, view, rows, isHeld: failing.isHeld }, events)
  }
  const take = async (events: readonly RecordedEvent[], isBehind: boolean): Promise<void> => {
    try {
      const made = await fold(events)
      suspect = events.find(({ position }) => position === made.statements[0]?.position)
      if (made.held.length > 0 && parking.total + made.held.length > model.parkedMax)
        throw new FoldFailed(
          made.held[Math.max(0, model.parkedMax - parking.total)] as RecordedEvent,
          fullParking(model),
        )
      await writeBatch(events, made, isBehind)
      failing.settled()
    } catch (cause) {
      if (!(cause instanceof FoldFailed)) throw cause
      // What was decided before the command of the failing event is not withheld.
      const first = events.findIndex(({ commandId, tenant }) => isOf(cause.event, commandId, tenant))
      if (first > 0) {
        // The rows may have taken in the whole batch; they are read again once what is on its way is there.
        await writer.settled()
        rows.clear(false)
        await writeBatch(events.slice(0, first), await fold(events.slice(0, first)), false)
      }
      throw cause
    }
  }
  const step = async (signal: AbortSignal): Promise<boolean> => {
    const isBehind = pump.head - writer.folded.position > batchEvents.live && careful === 0
    if (isBehind && shares.isPossible && !failing.any && parking.total === 0) return takeShared(signal)
    // What the workers wrote is not in the rows kept here.
    if (shares.isOpen) await inTurn(writer.read)
    const limit = careful > 0 ? 1 : isBehind ? batchEvents.behind : batchEvents.live
    if (!isBehind) await inTurn(writer.settled)
    const events = await unlessAborted(signal, pump.next(writer.folded.position, limit, parts.isAwaited))
    if (events === undefined || events.length === 0) return false
    await inTurn(async () => {
      // Meanwhile what waited may have been settled, and the view read again.
      const after = events.filter(({ position }) => position > writer.folded.position)
      const first = after[0]
      if (signal.aborted || !writer.isKnown || first?.position !== writer.folded.position + 1) return
      await take(after, isBehind).catch((cause: unknown) => {
        throw isOwnFault(cause, model) && careful > 0 ? new FoldFailed(suspect ?? first, cause) : cause
      })
      careful = Math.max(0, careful - after.length)
    })
    return true
  }
  /** Takes a batch by workers. What goes wrong there is left to the other way, which knows how to deal with it. */
  const takeShared = async (signal: AbortSignal): Promise<boolean> => {
    try {
      await shares.open(signal)
    } catch (cause) {
      trouble = cause
      return !signal.aborted
    }
    await inTurn(async () => {
      if (!writer.isKnown) return
      const made = await shares.fold(await pump.stored(writer.folded.position, batchEvents.shared), signal)
      if (made !== undefined) await write(made.last, made, true)
    })
    return true
  }
  const follow = async (signal: AbortSignal): Promise<FollowEnding> => {
    error = undefined
    for (;;) {
      try {
        // What was flushed is known to the view alone when the flush's answer was lost.
        if (!writer.isKnown) await inTurn(() => writer.settled().then(arrive))
        // With nothing to take, no flush would tell that all is well again.
        if (trouble !== undefined && (await store.head()) <= writer.checkpoint.position) trouble = undefined
        if (signal.aborted || !(await step(signal))) break
      } catch (cause) {
        if (signal.aborted) break
        if (isGestaError(cause, 'diverged')) {
          error = cause
          return 'diverged'
        }
        writer.doubt()
        trouble = cause
        if (cause instanceof FoldFailed) {
          trouble = cause.cause
          parts.onFailure()
          const fate = failing.note(cause)
          if (fate === 'failed') {
            error = failedAt(model, cause.event, cause.cause)
            return 'failed'
          }
          if (fate === 'given up') {
            failures = 0
            continue
          }
        }
        if (isOwnFault(cause, model) && careful === 0) {
          careful = 2 * batchEvents.behind
          continue
        }
        // A handler that fails again and again will go on failing; a store comes back.
        await pause(clock, backoffMs(retryDelay, ++failures, ids.random), signal).catch(() => undefined)
      }
    }
    await inTurn(writer.settled).catch((cause: unknown) => void (trouble = cause))
    return 'left'
  }

  const follower: Follower = {
    generation,
    view,
    parking,
    get position() {
      return writer.checkpoint.position
    },
    get error() {
      return error
    },
    get trouble() {
      return error ?? trouble
    },
    follow: async (signal) => {
      try {
        return await follow(signal)
      } finally {
        await shares.close()
      }
    },
    settle: () =>
      inTurn(async () => {
        await arrive()
        await settleParked({ model, view, rows, parking, pump }, writer.write)
      }),
    hold: (work) =>
      inTurn(async () => {
        await arrive()
        return work()
      }),
  }
  try {
    await writer.read()
  } catch (cause) {
    if (!isGestaError(cause, 'diverged')) throw cause
    error = cause
  }
  return follower
}

function isOf(event: RecordedEvent, commandId: string, tenant: string): boolean {
  return event.commandId === commandId && event.tenant === tenant
}
