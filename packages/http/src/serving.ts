// What every route needs of the server that it belongs to.
import type { IncomingMessage } from 'node:http'
import type { Host } from '@gesta/core/host'
import type { Tags } from './etag.ts'
import type { Settings } from './options.ts'

export interface Serving {
  readonly host: Host
  readonly settings: Settings
  readonly tags: Tags
  /** Requests that were admitted and are not done: a command counts until its verdict, also when its caller hung up. */
  readonly inFlight: Set<IncomingMessage>
  /** True from the moment the server is disposed of: answers then close their connections. */
  stopping: boolean
}
