// Where spans come from: a port that an application fills with its telemetry. Core knows none, and costs nothing without one.

/** What a span is about. */
export interface TracedOperation {
  readonly kind: 'command' | 'query' | 'commit' | 'job' | 'subscriber'
  /** The type of the message, or the subscriber's name: few, and never an id. */
  readonly name: string
  /** W3C: what caused it, as far as its context says. */
  readonly traceparent: string | undefined
  /** What caused it is over and lies in the store: a trace of its own, linked to that one. */
  readonly isApart: boolean
}
/** Reference: docs/guides/telemetry.md. */
export interface Tracing {
  /**
   * Runs `work` once, inside of a span that ends with it, and gives or throws what it does. `traceparent`: of the span, for everything that
   * the work leaves; absent: that of before.
   */
  span<Result>(operation: TracedOperation, work: (traceparent: string | undefined) => Promise<Result>): Promise<Result>
}
