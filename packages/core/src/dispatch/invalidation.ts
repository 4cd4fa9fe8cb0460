// Which queries a stored commit has made stale, as the notice that browsers are sent. Only names leave.
import { noticeIdsMax, QueriesInvalidated } from '../contracts/queries-invalidated.ts'
import type { QueriesInvalidatedData } from '../contracts/queries-invalidated.ts'
import type { Token } from '../contracts/recorded-event.ts'
import type { Shown } from './outgoing.ts'

/** Names of queries, by the type of the domain event that makes their answers stale. */
export type Invalidations = ReadonlyMap<string, readonly string[]>

/** What a notice is made of: the types of a commit's events, stream by stream. */
export interface StoredTypes {
  readonly commandId: string
  readonly streams: readonly { readonly events: readonly { readonly type: string }[] }[]
}

/** The notice of a commit, `undefined` when none of its events is declared. `token` names its place. */
export function noticeOf(
  invalidations: Invalidations,
  { commandId, streams }: StoredTypes,
  token: () => Token,
): Shown | undefined {
  if (invalidations.size === 0) return undefined
  const queries = new Set<string>()
  const types = new Set<string>()
  const eventIds: string[] = []
  let index = 0
  for (const { events } of streams) {
    for (const { type } of events) {
      const eventId = `${commandId}.${index++}`
      const stale = invalidations.get(type)
      if (stale === undefined) continue
      for (const name of stale) queries.add(name)
      types.add(type)
      if (eventIds.length < noticeIdsMax) eventIds.push(eventId)
    }
  }
  if (types.size === 0) return undefined
  const value: QueriesInvalidatedData = {
    version: 1,
    queries: [...queries].sort(),
    events: [...types].sort(),
    eventIds,
    token: token(),
  }
  const { type, schemaVersion } = QueriesInvalidated
  return { type, schemaVersion, value, audience: undefined }
}
