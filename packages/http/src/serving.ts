// What every route needs of the server that it belongs to.
import type { Host } from '@gesta/core/host'
import type { Tags } from './etag.ts'
import type { InFlight } from './in-flight.ts'
import type { Settings } from './options.ts'

export interface Serving {
  readonly host: Host
  readonly settings: Settings
  readonly tags: Tags
  readonly inFlight: InFlight
  /** True from the moment the server is disposed of: answers then close their connections. */
  stopping: boolean
}
