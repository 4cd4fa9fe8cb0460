// What every route needs of the server that it belongs to.
import type { Host } from '@gesta/core/host'
import type { Tags } from './etag.ts'
import type { Settings } from './options.ts'

export interface Serving {
  readonly host: Host
  readonly settings: Settings
  readonly tags: Tags
  /** True from the moment the server is disposed of: answers then close their connections. */
  stopping: boolean
}
