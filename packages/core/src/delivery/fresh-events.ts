// What of a batch is to be dispatched: events that were not dealt with before, each once, and none that is only for browsers.
import type { EnvelopeDraft } from '../registry/envelope.ts'
import type { SeenStore } from '../stores/seen/seen-store.ts'

export interface FreshEvents {
  readonly events: readonly EnvelopeDraft[]
  /** All ids of the batch that are to be marked when it is done: also those that are marked already, which keeps them longer. */
  readonly ids: readonly string[]
  /** Seen before, or repeated in the batch. */
  readonly skipped: readonly EnvelopeDraft[]
}

/** Events without an id cannot be told apart, and stay. Errors: those of the seen store. */
export async function freshEvents(
  batch: readonly EnvelopeDraft[],
  seen: SeenStore,
  subscription: string,
): Promise<FreshEvents> {
  // Presentation events leave the process and never come in: what one says is not to be acted on.
  const input = batch.filter((event) => (event as EnvelopeDraft | undefined)?.category !== 'presentation')
  const ids = [...new Set(input.flatMap((event) => idOf(event) ?? []))]
  const known = new Set(ids.length === 0 ? [] : await seen.seen(subscription, ids))
  const events: EnvelopeDraft[] = []
  const skipped: EnvelopeDraft[] = []
  for (const event of input) {
    const id = idOf(event)
    const isKnown = id !== undefined && known.has(id)
    if (id !== undefined) known.add(id)
    ;(isKnown ? skipped : events).push(event)
  }
  return { events, ids, skipped }
}

function idOf(event: EnvelopeDraft | undefined): string | undefined {
  return event?.id === '' ? undefined : event?.id
}
