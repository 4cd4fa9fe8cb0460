// What running code is given beside its payload: who asks, and when to stop.
import type { RequestContext } from '../request-context/request-context.ts'
import type { Envelope } from './envelope.ts'

export interface RunContext {
  /** Who asks, for whom, and in which chain of causes. */
  readonly context: RequestContext
  /** Aborts when the caller stops waiting; of a caller that gave none it never aborts. */
  readonly signal: AbortSignal
}
/** What a subscriber is given: also the envelope, whose id tells repetitions apart. */
export interface SubscriberContext extends RunContext {
  readonly event: Envelope
}

/** A run context that makes a signal only for code that asks for it. One per run, so that listeners never pile up. */
export class RunScope implements RunContext {
  readonly context: RequestContext
  private given: AbortSignal | undefined

  constructor(context: RequestContext, signal: AbortSignal | undefined) {
    this.context = context
    this.given = signal
  }

  get signal(): AbortSignal {
    return (this.given ??= new AbortController().signal)
  }
}

export class SubscriberScope extends RunScope implements SubscriberContext {
  readonly event: Envelope

  constructor(context: RequestContext, signal: AbortSignal | undefined, event: Envelope) {
    super(context, signal)
    this.event = event
  }
}
