// What the harness and its processes say to each other, one JSON text per line.

/** How a process reaches the broker. */
export type BrokerOpening =
  | { readonly kind: 'nats'; readonly servers: string; readonly unordered: boolean }
  | { readonly kind: 'redis'; readonly url: string; readonly unordered: boolean }
  | {
      readonly kind: 'kafka'
      readonly brokers: readonly string[]
      readonly prefix: string
      readonly sessionMs: number
    }
  | { readonly kind: 'memory' }

/** The first line that a process is sent. */
export interface Opening {
  /** A consumer names its group. */
  readonly part: 'publisher' | { readonly group: string }
  readonly broker: BrokerOpening
  /** PostgreSQL; the schema is shared by the processes of one app. */
  readonly store: { readonly url: string; readonly schema: string }
  /** Milliseconds without a sign of life after which the work of one process is another one's. */
  readonly idleMs: number
}

/** Every line after that. */
export type ToParty =
  /** To the publisher. */
  | { readonly send: { readonly number: number; readonly key: string } }
  /** To a consumer: begins with no further message, or goes on. */
  | { readonly hold: boolean }
  /** How are you? For a finding. */
  | { readonly status: true }

/** Lines of a process. */
export type FromParty =
  /** The app runs; a consumer is in its group. */
  | { readonly ready: true }
  | { readonly sent: number }
  | { readonly failed: number; readonly code: string | undefined; readonly message: string }
  /** A message came to the handler; the first attempt of this process, or not. */
  | { readonly delivered: number }
  | { readonly holding: number }
  | { readonly effected: number }
  | { readonly status: unknown }
