// Folds a batch of events into rows: the keys of the batch are loaded at once, every row is written once.
import { decode, encode } from '../codec/json.ts'
import { checkKey } from '../codec/key-text.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { ReadModelParts, RowHandler } from '../read-models/read-model.ts'
import { deletedEventType } from '../stores/event/event-store.ts'
import type { RowWrite, View } from '../stores/read-model/read-model-store.ts'

interface Step {
  readonly event: RecordedEvent
  readonly handler: RowHandler
  readonly key: string
  readonly slot: Slot
}
/** A row of the batch, kept as its text: a fold sees what a reader of the stored row would see, wherever batches end. */
interface Slot {
  readonly tenant: string
  readonly key: string
  text: string | undefined
}

/** The writes that bring a view over these events. Errors: `read_model_failed` with event id, type and position. */
export async function foldBatch(
  model: ReadModelParts,
  view: View,
  events: readonly RecordedEvent[],
): Promise<readonly RowWrite[]> {
  const slots = new Map<string, Slot>()
  const steps: Step[] = []
  for (const event of events) {
    if (event.type === deletedEventType) continue
    for (const handler of model.handlers.get(event.type) ?? []) {
      const keys = guard(model, event, () => keysOf(model, handler, event))
      for (const key of keys) steps.push({ event, handler, key, slot: slotOf(slots, event.tenant, key) })
    }
  }
  if (steps.length === 0) return []
  const touched = [...slots.values()]
  const loaded = await view.load(touched)
  touched.forEach((slot, at) => {
    slot.text = loaded[at]
  })
  for (const { event, handler, key, slot } of steps) {
    slot.text = guard(model, event, () => {
      const row = handler.fold(slot.text === undefined ? undefined : decode(slot.text), event, key)
      return row === undefined ? undefined : encode(row, `a row of ${model.name}`)
    })
  }
  return touched.map(({ tenant, key, text }) => ({ tenant, key, value: text }))
}

function keysOf(model: ReadModelParts, handler: RowHandler, event: RecordedEvent): readonly string[] {
  const given = handler.keys(event)
  const keys = typeof given === 'string' ? [given] : given
  for (const key of keys) checkKey(key, `a row key of ${model.name}`)
  return keys
}

function slotOf(slots: Map<string, Slot>, tenant: string, key: string): Slot {
  const id = `${tenant}\0${key}`
  let slot = slots.get(id)
  if (slot === undefined) slots.set(id, (slot = { tenant, key, text: undefined }))
  return slot
}

function guard<T>(model: ReadModelParts, event: RecordedEvent, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    const message = `The read model ${model.name} could not take the event ${event.id} of type ${event.type} at position ${event.position}: ${(cause as Error).message}. Mend its handler and restart.`
    throw new GestaError('read_model_failed', message, {
      cause,
      facts: { readModel: model.name, eventId: event.id, type: event.type, position: event.position },
    })
  }
}
