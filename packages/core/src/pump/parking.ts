// What its owner knows of a view's parked events: which keys are held up, and what operators ask about them. Nothing here decides that
// an event is given up; the follower does.
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { redactError } from '../errors/redact-error.ts'
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import type { ParkedEvent } from '../stores/read-model/parked-event.ts'
import type { View } from '../stores/read-model/read-model-store.ts'
import type { Clock } from '../time/clock.ts'
import { rowKeysOf } from './fold-batch.ts'

/** An event that was given up, and why. */
export interface GivenUp {
  readonly attempts: number
  readonly cause: unknown
}
export interface Parking {
  /** How many events wait. */
  readonly total: number
  /** Reads from the view what waits there. Errors: `store_*`. */
  load(): Promise<void>
  /** Whether an event has to wait for another one of its key. */
  isHeld(event: RecordedEvent): boolean
  /** Whether a row waits for an event at or before this position. */
  isDegraded(tenant: string, row: string, position: number): boolean
  /** An event as it is parked: given up, or behind another one. */
  entry(event: RecordedEvent, givenUp: GivenUp | undefined): ParkedEvent
  /** Notes what was parked, or taken out, in the view. */
  parked(events: readonly ParkedEvent[]): void
  taken(positions: readonly number[]): void
}

const pageEvents = 1_000

export function createParking(model: ReadModelParts, view: View, clock: Clock): Parking {
  const waiting = new Map<number, ParkedEvent>()
  const keys = new Map<string, number>()
  const rows = new Map<string, number>()
  const count = (counts: Map<string, number>, id: string, by: number): void => {
    const left = (counts.get(id) ?? 0) + by
    if (left > 0) counts.set(id, left)
    else counts.delete(id)
  }
  const note = (event: ParkedEvent, by: 1 | -1): void => {
    count(keys, idOf(event.tenant, event.key), by)
    for (const row of event.rows) count(rows, idOf(event.tenant, row), by)
  }
  const forget = (position: number): void => {
    const known = waiting.get(position)
    if (known === undefined) return
    waiting.delete(position)
    note(known, -1)
  }
  const add = (event: ParkedEvent): void => {
    forget(event.position)
    if (event.discarded) return
    waiting.set(event.position, event)
    note(event, 1)
  }
  return {
    get total() {
      return waiting.size
    },
    load: async () => {
      waiting.clear()
      keys.clear()
      rows.clear()
      for (let after = 0; ;) {
        const page = await view.parked({ after, limit: pageEvents })
        for (const event of page) add(event)
        const last = page.at(-1)
        if (last === undefined || page.length < pageEvents) return
        after = last.position
      }
    },
    isHeld: (event) => waiting.size > 0 && keys.has(idOf(event.tenant, partitionOf(model, event))),
    isDegraded: (tenant, row, position) =>
      waiting.size > 0 && rows.has(idOf(tenant, row)) && degrades([...waiting.values()], tenant, row, position),
    entry: (event, givenUp) => ({
      position: event.position,
      tenant: event.tenant,
      key: partitionOf(model, event),
      eventId: event.id,
      type: event.type,
      rows: rowKeysOf(model, event),
      attempts: givenUp?.attempts ?? 0,
      error: givenUp === undefined ? undefined : redactError(givenUp.cause),
      parkedAt: clock.nowUs(),
      asked: undefined,
      reason: undefined,
      discarded: false,
    }),
    parked: (events) => {
      for (const event of events) add(event)
    },
    taken: (positions) => {
      for (const position of positions) forget(position)
    },
  }
}

/** Whether one of these events touches the row and lies at or before the position. */
export function degrades(waiting: readonly ParkedEvent[], tenant: string, row: string, position: number): boolean {
  return waiting.some((event) => event.position <= position && event.tenant === tenant && event.rows.includes(row))
}

function partitionOf({ partitionBy }: ReadModelParts, event: RecordedEvent): string {
  return partitionBy === undefined ? '' : partitionBy(event)
}

function idOf(tenant: string, key: string): string {
  return `${tenant}\0${key}`
}
