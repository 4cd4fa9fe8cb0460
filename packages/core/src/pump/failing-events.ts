// Counts how often a handler fails at an event, and says what becomes of it: it is tried again, parked with what follows it for its
// key, or its read model fails there.
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { isGestaError } from '../errors/gesta-error.ts'
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import type { FoldFailed } from './fold-batch.ts'
import type { GivenUp, Parking } from './parking.ts'

export interface FailingEvents {
  /** Whether any event has failed since the follower was opened. */
  readonly any: boolean
  /** Whether an event has to wait, asked in the order of a batch; absent for a read model that parks nothing. */
  readonly isHeld: ((event: RecordedEvent) => boolean) | undefined
  /** Begins a batch. */
  begin(): void
  /** Why an event was given up. */
  givenUp(event: RecordedEvent): GivenUp | undefined
  /** What was given up is parked now. */
  settled(): void
  /** Counts a failure. */
  note(failure: FoldFailed): 'tried again' | 'given up' | 'failed'
}

export function createFailingEvents(model: ReadModelParts, parking: Parking): FailingEvents {
  const { partitionBy, onFailure, attemptsMax } = model
  const givenUp = new Map<number, GivenUp>()
  /** Keys of this batch whose events wait, from the one that was given up on. */
  const heldNow = new Set<string>()
  let any = false
  let tried: { readonly position: number; readonly times: number } | undefined

  const keyOf = (event: RecordedEvent): string => `${event.tenant}\0${partitionBy?.(event) ?? ''}`
  const isHeld = (event: RecordedEvent): boolean => {
    if (givenUp.has(event.position)) heldNow.add(keyOf(event))
    return (heldNow.size > 0 && heldNow.has(keyOf(event))) || parking.isHeld(event)
  }
  const canBeParked = (event: RecordedEvent): boolean => {
    try {
      const key = partitionBy?.(event)
      // A key that cannot be kept cannot hold anything up either.
      return onFailure === 'park' && key !== undefined && key.isWellFormed() && !key.includes('\0')
    } catch {
      // Which others would have to wait for it cannot be told.
      return false
    }
  }
  return {
    get any() {
      return any
    },
    isHeld: onFailure === 'park' ? isHeld : undefined,
    begin: () => heldNow.clear(),
    givenUp: ({ position }) => givenUp.get(position),
    settled: () => givenUp.clear(),
    note: ({ event, cause }) => {
      const times = tried?.position === event.position ? tried.times + 1 : 1
      any = true
      // Whoever lets it begin again gives it all its attempts again.
      const isLast = times >= attemptsMax
      tried = isLast ? undefined : { position: event.position, times }
      // The list of parked events is full: trying again does not make room.
      if (isGestaError(cause, 'read_model_failed')) return 'failed'
      if (!isLast) return 'tried again'
      if (!canBeParked(event)) return 'failed'
      givenUp.set(event.position, { attempts: times, cause })
      return 'given up'
    },
  }
}
