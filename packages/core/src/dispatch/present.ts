// Presentation events of a stored commit go to the fanout, and behind them the notice of what it made stale. The outcome of the command
// stands, whatever happens here.
import type { Ids } from '../ids/ids.ts'
import { observationNames } from '../observation/observation-names.ts'
import type { Fanout } from '../registry/delivery-ports.ts'
import { createEnvelope } from '../registry/envelope.ts'
import { observeEvent } from '../registry/registry.ts'
import type { Registry } from '../registry/registry.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { Tokens } from '../stores/event/token.ts'
import type { Deadline } from '../time/deadline.ts'
import { noticeOf } from './invalidation.ts'
import type { Invalidations, StoredTypes } from './invalidation.ts'
import type { Shown } from './outgoing.ts'

/** For whom something is shown. */
interface Presenting {
  readonly context: RequestContext
  readonly tenant: string
  readonly deadline: Pick<Deadline, 'signal'>
}
/** Sends what a commit shows, once it is stored. Never throws. */
export type Present = (shown: readonly Shown[], presenting: Presenting, commit: StoredTypes, position: number) => void
export interface PresenterParts {
  readonly registry: Registry
  /** Without one presentation events and notices end here. */
  readonly fanout: Fanout | undefined
  readonly ids: Ids
  readonly invalidations: Invalidations
  readonly tokens: Tokens
}

export function createPresenter({ registry, fanout, ids, invalidations, tokens }: PresenterParts): Present {
  if (fanout === undefined) return () => undefined
  return (emitted, { context, deadline, tenant: target }, commit, position) => {
    const notice = noticeOf(invalidations, commit, () => tokens.token(position, commit.commandId))
    const shown = notice === undefined ? emitted : [...emitted, notice]
    if (shown.length === 0) return
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
