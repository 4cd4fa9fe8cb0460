// Folds a batch of events into rows: the keys of the batch are loaded at once, every row is written once. Pure but for the loading:
// what it makes is the content of one flush.
import { checkKey, isKey } from '../codec/key-text.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { handlersOf } from '../read-models/read-model-parts.ts'
import type { Handler, Keys, OwnHandler, ReadModelParts, RowHandler } from '../read-models/read-model-parts.ts'
import { unreadableBecause } from '../stores/event/event-decoder.ts'
import { deletedEventType } from '../stores/event/event-store.ts'
import type { SqlValue } from '../stores/read-model/own-tables.ts'
import type { PlacedStatement } from './partitions.ts'
import type { RowWrite, View } from '../stores/read-model/read-model-store.ts'
import { LostView } from './read-model-errors.ts'
import { putRow, rowIn, takeText } from './row-cache.ts'
import type { RowCache, Slot } from './row-cache.ts'

/** What a batch of events makes of a view. */
export interface Folded {
  readonly writes: readonly RowWrite[]
  readonly statements: readonly PlacedStatement[]
  /** Events that wait: their key is held up, or they were given up. */
  readonly held: readonly RecordedEvent[]
  /** Events that a handler took, and those that none is for. */
  readonly applied: number
  readonly skipped: number
}
/** What folding needs of a view. */
export type ViewRows = Pick<View, 'load' | 'table'>
export interface FoldParts {
  readonly model: ReadModelParts
  readonly view: ViewRows
  readonly rows: RowCache
  /** Whether an event has to wait, asked in the order of the log. Absent: none has to. */
  readonly isHeld?: ((event: RecordedEvent) => boolean) | undefined
}
/** What a handler threw, and at which event. The rows are as they were before the batch. */
export class FoldFailed extends Error {
  readonly event: RecordedEvent

  constructor(event: RecordedEvent, cause: unknown) {
    super('A handler of a read model failed.', { cause })
    this.event = event
  }
}
interface Step {
  readonly event: RecordedEvent
  readonly handler: RowHandler
  readonly slot: Slot
}
interface Own {
  readonly event: RecordedEvent
  readonly handler: OwnHandler
}

/** A statement of the read model's own failed: what a store fails with has a code. */
export function isOwnFault(cause: unknown, { tables }: ReadModelParts): boolean {
  return (
    tables !== undefined && !(cause instanceof FoldFailed || cause instanceof LostView || cause instanceof GestaError)
  )
}

let batches = 0

/** Errors: `FoldFailed`; those of `View.load`. */
export async function foldBatch(parts: FoldParts, events: readonly RecordedEvent[]): Promise<Folded> {
  const { model, view, rows, isHeld } = parts
  const batch = ++batches
  const steps: Step[] = []
  const own: Own[] = []
  const touched: Slot[] = []
  const held: RecordedEvent[] = []
  let applied = 0
  const what = `a row of ${model.name}`
  // One guard for all: a closure per event would cost more than most key functions.
  let now: RecordedEvent | undefined
  try {
    for (const event of events) {
      now = event
      const handlers = event.type === deletedEventType ? none : handlersOf(model, event.type)
      if (handlers.length === 0) continue
      if (isHeld?.(event) === true) {
        held.push(event)
        continue
      }
      applied++
      for (const handler of handlers) {
        if ('write' in handler) own.push({ event, handler })
        else {
          const keys = keysOf(handler, event)
          if (typeof keys === 'string') touch(event, handler, keys)
          else for (const key of keys) touch(event, handler, key)
        }
      }
    }
  } catch (cause) {
    throw new FoldFailed(now as RecordedEvent, cause)
  }
  await rows.load(touched, view)
  const before = touched.map(({ text, row }) => ({ text, row }))
  const statements: PlacedStatement[] = []
  try {
    for (const { event, handler, slot } of steps) {
      now = event
      putRow(slot, handler.fold(rowIn(slot), event, slot.key), what)
    }
    for (const { event, handler } of own) {
      now = event
      noteOwn(model, view, event, handler, statements)
    }
  } catch (cause) {
    touched.forEach((slot, at) => Object.assign(slot, before[at]))
    throw new FoldFailed(now as RecordedEvent, cause)
  }
  let grown = 0
  const writes = touched.map((slot) => {
    const { value, grownBytes } = takeText(slot, what)
    grown += grownBytes
    return { tenant: slot.tenant, key: slot.key, value }
  })
  rows.endBatch(grown)
  return { writes, statements, held, applied, skipped: events.length - applied - held.length }

  function touch(event: RecordedEvent, handler: RowHandler, key: string): void {
    checkKey(key, what)
    const slot = rows.slot(event.tenant, key)
    if (slot.batch !== batch) {
      slot.batch = batch
      touched.push(slot)
    }
    steps.push({ event, handler, slot })
  }
}

const none: readonly Handler[] = []

/** The keys of the rows that an event touches, as far as its handlers tell them. */
export function rowKeysOf(model: ReadModelParts, event: RecordedEvent): readonly string[] {
  const keys = new Set<string>()
  for (const handler of handlersOf(model, event.type)) {
    if ('write' in handler) continue
    try {
      const given = keysOf(handler, event)
      for (const key of typeof given === 'string' ? [given] : given) if (isKey(key)) keys.add(key)
    } catch {
      // What cannot be told is not known: the event waits all the same.
    }
  }
  return [...keys]
}

function keysOf(handler: RowHandler, event: RecordedEvent): Keys {
  return handler.keys(readable(event))
}

function noteOwn(
  model: ReadModelParts,
  view: ViewRows,
  event: RecordedEvent,
  { write }: OwnHandler,
  statements: PlacedStatement[],
): void {
  let open = true
  const done: unknown = write(
    {
      table: view.table,
      run: (text, values = []) => {
        if (!open) throw new Error(`A .write of ${model.name} notes a statement after it has returned. Note it before.`)
        statements.push({ text, values: values.map(checkedValue), position: event.position })
      },
    },
    readable(event),
  )
  open = false
  if (done instanceof Promise) {
    // What it ends in is nobody's any more.
    done.catch(() => undefined)
    throw new Error(`A .write of ${model.name} is asynchronous. Note statements at once.`)
  }
}

function checkedValue(value: SqlValue): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new Error(`Expected a text, number, boolean or null for a statement, received ${typeof value}.`)
}

function readable(event: RecordedEvent): RecordedEvent {
  const cause = unreadableBecause(event)
  if (cause !== undefined) throw cause
  return event
}
