// Presentation events of a stored commit go to the fanout. The outcome of the command stands, whatever happens here.
import type { Event, Outgoing } from '../contracts/messages.ts'
import type { Ids } from '../ids/ids.ts'
import { observationNames } from '../observation/observation-names.ts'
import type { Fanout } from '../registry/delivery-ports.ts'
import { createEnvelope } from '../registry/envelope.ts'
import { observeEvent } from '../registry/registry.ts'
import type { Registry } from '../registry/registry.ts'
import type { Execution } from './engine.ts'

/** Sends to `fanout`; without one presentation events end here. */
export function createPresenter(
  registry: Registry,
  fanout: Fanout | undefined,
  ids: Ids,
): (outgoing: readonly Outgoing[], execution: Execution) => void {
  if (fanout === undefined) return () => undefined
  return (outgoing, { context, deadline }) => {
    const events = outgoing.filter(
      (message): message is Event<'presentation', string, unknown> =>
        message.kind === 'event' && message.category === 'presentation',
    )
    if (events.length === 0) return
    const envelopes = events.map(({ category, type, data }) =>
      createEnvelope(ids.newId(), category, type, data, { traceparent: context.traceparent }),
    )
    for (const envelope of envelopes)
      observeEvent(registry, observationNames.sendPresentationEvents, envelope, undefined)
    // A browser that misses a notice asks again; a command that was stored is never failed for it.
    void Promise.resolve(fanout.sendPresentationEvents(envelopes, { context, signal: deadline.signal })).catch(
      () => undefined,
    )
  }
}
