// The history of an aggregate as it is shown: its events, newest first, read from the log when somebody asks for them.
import { checkOptions } from '../schema/options.ts'
import type { JsonValue } from '../schema/schema.ts'

/** One event of an aggregate. */
export interface HistoryItem {
  readonly eventId: string
  /** The event's type. */
  readonly eventName: string
  /** The event's data, in the schema version of today. */
  readonly data: JsonValue
  /** The aggregate's version after the event. */
  readonly version: number
  /** RFC 3339, UTC. */
  readonly createdAt: string
  /** Who sent the command: the tenant and identity of its request context; absent when it had none. */
  readonly senderTenant?: string | undefined
  readonly senderIdentity?: string | undefined
}
export interface HistoryPage {
  /** Newest first. */
  readonly items: readonly HistoryItem[]
  /** Whether there are older ones: ask again, `before` the version of the last item. */
  readonly hasMore: boolean
}
export interface HistoryOptions {
  /** Items at most: 1 to 1,000, default 100; of each aggregate of several 1 to 20, default 20. */
  readonly limit?: number | undefined
  /** Exclusive version, from 1: only what happened before it. Default: from the end. */
  readonly before?: number | undefined
}
/** `true`: the newest items. `false`: none, not even where the caller of the query asks for history. */
export type HistoryAsked = boolean | HistoryOptions | undefined

/** What is read of each aggregate. */
export interface HistoryRange {
  readonly limit: number
  readonly before: number | undefined
}
/** What readers do with histories. */
export interface HistoryAccess {
  /** Tells the engine that the answer shows these aggregates: their history belongs to it when the query's caller asks. */
  shown(aggregateType: string, ids: readonly string[]): void
  /** One page for each id, in their order. */
  read(aggregateType: string, ids: readonly string[], range: HistoryRange): Promise<readonly HistoryPage[]>
}

interface LimitBounds {
  readonly byDefault: number
  readonly max: number
}
export const limitOfOne: LimitBounds = { byDefault: 100, max: 1_000 }
export const limitOfEach: LimitBounds = { byDefault: 20, max: 20 }

/** What is asked for; `undefined` when nothing is. Throws a `RangeError` for a limit or version out of bounds. */
export function historyRange(asked: HistoryAsked, { byDefault, max }: LimitBounds): HistoryRange | undefined {
  if (asked === undefined || asked === false) return undefined
  if (asked === true) return { limit: byDefault, before: undefined }
  checkOptions(asked, ['limit', 'before'], 'history')
  const { limit = byDefault, before } = asked
  if (!Number.isInteger(limit) || limit < 1 || limit > max)
    throw new RangeError(
      `Expected the limit of a history to be a whole number from 1 to ${max}, received ${limit}. Ask for pages.`,
    )
  if (before !== undefined && !(Number.isSafeInteger(before) && before >= 1))
    throw new RangeError(`Expected a history to end before a version, from 1, received ${before}.`)
  return { limit, before }
}
