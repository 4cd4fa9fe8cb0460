// An event as it lies in the log, and the two ways to name a place there.
import type { RequestContext } from '../request-context/request-context.ts'

declare const brand: unique symbol
/** Place of an event in the one total order, 1..n without gaps. Compare it, do not compute with it. */
export type Position = number & { readonly [brand]: 'position' }
/** The opaque form of a position for callers: it names the log's incarnation too. */
export type Token = string & { readonly [brand]: 'token' }

export interface RecordedEvent<Type extends string = string, Data = unknown> {
  /** The command's id and the event's index in its commit: `<commandId>.<index>`, unique in the tenant. */
  readonly id: string
  /** The command that decided it; also the commit's id. */
  readonly commandId: string
  readonly type: Type
  readonly data: Data
  /** The version that the data has now: older ones were brought up on reading. */
  readonly schemaVersion: number
  readonly position: Position
  /** The empty text when the app has no tenants. */
  readonly tenant: string
  readonly workspace: string | undefined
  readonly domain: string
  readonly aggregate: { readonly type: string; readonly id: string }
  /** Place in the aggregate's stream, 1..n without gaps. */
  readonly version: number
  /** RFC 3339, UTC. Not an order: positions are. */
  readonly recordedAt: string
  readonly context: RequestContext
}
