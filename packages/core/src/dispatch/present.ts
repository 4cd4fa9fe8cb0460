// Presentation events of a stored commit go to the fanout. The outcome of the command stands, whatever happens here.
import type { Ids } from '../ids/ids.ts'
import { observationNames } from '../observation/observation-names.ts'
import type { Fanout } from '../registry/delivery-ports.ts'
import { createEnvelope } from '../registry/envelope.ts'
import type { Envelope } from '../registry/envelope.ts'
import { observeEvent } from '../registry/registry.ts'
import type { Registry } from '../registry/registry.ts'
import type { Execution } from './engine.ts'
import type { Leaving } from './outgoing.ts'

/** Sends to `fanout`; without one presentation events end here. */
export function createPresenter(
  registry: Registry,
  fanout: Fanout | undefined,
  ids: Ids,
): (leaving: readonly Leaving[], execution: Execution) => void {
  if (fanout === undefined) return () => undefined
  return (leaving, { context, deadline }) => {
    const envelopes: Envelope[] = []
    for (const { message, audience } of leaving) {
      if (message.kind === 'job' || message.category !== 'presentation') continue
      const { category, type, data } = message
      const envelope = createEnvelope(ids.newId(), category, type, data, { traceparent: context.traceparent, audience })
      observeEvent(registry, observationNames.sendPresentationEvents, envelope, undefined)
      envelopes.push(envelope)
    }
    if (envelopes.length === 0) return
    const { signal } = deadline
    // A browser that misses a notice asks again; a command that was stored is never failed for it.
    void Promise.resolve()
      .then(() => fanout.sendPresentationEvents(envelopes, { context, signal }))
      .catch(() => undefined)
  }
}
