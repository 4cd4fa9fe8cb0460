// What every route needs of the server that it belongs to.
import type { Host } from '@gesta/core/host'
import type { Tags } from './etag.ts'
import type { InFlight } from './in-flight.ts'
import type { RateLimit } from './limits/rate-limit.ts'
import type { Logger } from './logger.ts'
import type { Settings } from './options.ts'
import type { Probes } from './probes/probes.ts'
import type { StrictTransport } from './strict-transport.ts'

/** What an answer needs, whatever the server is for. */
export interface Answering {
  readonly settings: { readonly logger: Logger; readonly hsts: StrictTransport }
  /** True from the moment the server is disposed of: answers then close their connections. */
  stopping: boolean
}

/** What a route needs that asks the app something, on either address. */
export interface Asking extends Answering {
  readonly host: Host
  readonly settings: Pick<
    Settings,
    | 'logger'
    | 'hsts'
    | 'production'
    | 'whoAsks'
    | 'sessions'
    | 'origin'
    | 'deadlineMs'
    | 'bodyBytesMax'
    | 'requestsInFlightMax'
    | 'runtime'
  >
  readonly tags: Tags
  readonly inFlight: InFlight
  /** Absent where nobody is counted. */
  readonly limit: RateLimit | undefined
}

export interface Serving extends Asking {
  readonly settings: Settings
  readonly probes: Probes
}
