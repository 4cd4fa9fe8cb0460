// Presentation events of a stored commit go to the fanout. The outcome of the command stands, whatever happens here.
import type { Ids } from '../ids/ids.ts'
import { observationNames } from '../observation/observation-names.ts'
import type { Fanout } from '../registry/delivery-ports.ts'
import { createEnvelope } from '../registry/envelope.ts'
import { observeEvent } from '../registry/registry.ts'
import type { Registry } from '../registry/registry.ts'
import type { Execution } from './engine.ts'
import type { Shown } from './outgoing.ts'

/** Sends to `fanout`; without one presentation events end here. */
export function createPresenter(
  registry: Registry,
  fanout: Fanout | undefined,
  ids: Ids,
): (shown: readonly Shown[], execution: Execution) => void {
  if (fanout === undefined) return () => undefined
  return (shown, { context, deadline, tenant: target }) => {
    const { traceparent } = context
    const tenant = target === '' ? undefined : target
    const envelopes = shown.map(({ type, schemaVersion, value, audience }) =>
      createEnvelope(ids.newId(), 'presentation', type, value, { traceparent, audience, schemaVersion, tenant }),
    )
    for (const envelope of envelopes)
      observeEvent(registry, observationNames.sendPresentationEvents, envelope, undefined)
    const { signal } = deadline
    // A browser that misses a notice asks again; a command that was stored is never failed for it.
    void Promise.resolve()
      .then(() => fanout.sendPresentationEvents(envelopes, { context, signal }))
      .catch(() => undefined)
  }
}
