// Writes one generation of a view: flush after flush, each from where the last one came. One flush may be on its way while the next
// batch is folded, so there are two places: what is in the view, and what will be.
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { Checkpoint, Flush, View } from '../stores/read-model/read-model-store.ts'
import { isOfLog } from './checkpoint.ts'
import { divergedView, lostView } from './read-model-errors.ts'

export interface ViewWriter {
  /** Where the view is. */
  readonly checkpoint: Checkpoint
  /** Where it will be once the flush that is on its way has arrived. */
  readonly folded: Checkpoint
  /** Whether the two places are certain: not after a flush that failed, or was refused. */
  readonly isKnown: boolean
  /** Makes them uncertain. */
  doubt(): void
  /** Waits for the flush that is on its way, however it ends, and asks the view where it is if that is uncertain. Errors: as `read`. */
  arrive(): Promise<void>
  /** Asks the view where it is, whatever was believed. Errors: `diverged`, `store_*`. */
  read(): Promise<void>
  /** Waits for the flush that is on its way. Errors: what it failed with. */
  settled(): Promise<void>
  /** Begins a flush that moves the view to `next`; call it when the one before has settled. Errors come with `settled`. */
  begin(content: Omit<Flush, 'expected' | 'fencingToken'>, onDone: () => void): void
  /** Writes without a step. Errors: those of `View.flush`. */
  write(content: Omit<Flush, 'expected' | 'next' | 'fencingToken'>): Promise<void>
}
export interface ViewWriterParts {
  readonly model: ReadModelParts
  readonly view: View
  readonly store: EventStore
  readonly fencingToken: number | undefined
  /** Called after the view was asked, before anybody acts on what it said. */
  readonly onRead: (checkpoint: Checkpoint) => Promise<void>
  /** Called when the view has moved to a position. */
  readonly onMove: (position: number) => void
}

export function createViewWriter(parts: ViewWriterParts): ViewWriter {
  const { model, view, store, fencingToken } = parts
  const start: Checkpoint = { incarnation: store.identity.incarnation, position: 0, eventId: '' }
  let checkpoint = start
  let folded = start
  let flushing: Promise<void> | undefined
  let isKnown = false

  const read = async (): Promise<void> => {
    // What is still on its way may arrive, and would change what was read before it.
    await flushing?.catch(() => undefined)
    flushing = undefined
    const found = (await view.checkpoint()) ?? start
    if (!(await isOfLog(found, store))) throw divergedView(model, found)
    await parts.onRead(found)
    checkpoint = folded = found
    isKnown = true
    parts.onMove(found.position)
  }
  const flush = async (content: Omit<Flush, 'expected' | 'fencingToken'>): Promise<void> => {
    try {
      // Another process was faster, or emptied the view: what was folded since stands on other rows.
      if (!(await view.flush({ ...content, expected: checkpoint, fencingToken }))) throw lostView(model)
    } catch (cause) {
      isKnown = false
      throw cause
    }
    checkpoint = content.next
    parts.onMove(checkpoint.position)
  }
  return {
    get checkpoint() {
      return checkpoint
    },
    get folded() {
      return folded
    },
    get isKnown() {
      return isKnown
    },
    doubt: () => void (isKnown = false),
    arrive: async () => {
      await flushing?.catch(() => undefined)
      flushing = undefined
      if (!isKnown) await read()
    },
    read,
    settled: async () => {
      const going = flushing
      flushing = undefined
      await going
    },
    begin: (content, onDone) => {
      folded = content.next
      flushing = flush(content).then(onDone)
      // Whoever settles it meets what it failed with.
      flushing.catch(() => undefined)
    },
    write: (content) => flush({ ...content, next: checkpoint }),
  }
}
