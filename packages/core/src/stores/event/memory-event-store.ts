// The event store in memory: the shortest illustration of the port. It has no groups, because nothing has to be waited for: each
// commit is checked and applied in one synchronous step (memory-log.ts).
import type { Ids } from '../../ids/ids.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import type { CommitParts, StoredHeader } from '../commit.ts'
import { checkWhole } from '../check-text.ts'
import { pageLimit } from '../page.ts'
import type { MemoryJobs } from '../job/memory-jobs.ts'
import type { MemoryOutgoing } from '../outbox/memory-outgoing.ts'
import { rewritingRefused } from '../refused-change.ts'
import { checkCommit } from './check-commit.ts'
import { checkCommandKey, checkIdempotencyScope, checkStreamKey, checkTails } from './check-read.ts'
import { checkRewrite } from './check-rewrite.ts'
import { checkEventKey } from './event-filter.ts'
import type {
  AppendListener,
  EventStore,
  ReadAll,
  ReadStream,
  StoredCommit,
  StoredEvent,
  TenantStream,
} from './event-store.ts'
import { countEvents, listEvents, uniqueEventValues } from './memory-event-list.ts'
import { createMemoryLog, scopeText, versionOf } from './memory-log.ts'
import type { MemoryLog } from './memory-log.ts'

/** What the memory event store shows its command log and outbox beside the port. */
export interface MemoryEventStore extends EventStore {
  /** All headers in commit order, and what the command log has of each. */
  headers(): readonly StoredHeader[]
  details(): MemoryLog['details']
  chains(): MemoryLog['chains']
  /** Outgoing messages, for the outbox store. */
  outgoing(): MemoryOutgoing
  /** Jobs of commits, for the job store. */
  jobs(): MemoryJobs
}

/** An event store that lives as long as its process. */
export function createMemoryEventStore(ids: Ids, allowRewriting = false): MemoryEventStore {
  const log = createMemoryLog(ids)
  const listeners = new Set<AppendListener>()
  let closed = false

  /** The log, unless the store was closed. */
  const opened = (): typeof log => {
    if (closed)
      throw new GestaError(
        'store_closed',
        'Expected the memory store to be open, but it was closed. Start the app again for a new one.',
      )
    return log
  }
  const tell = (stored: StoredCommit): void => {
    for (const listener of listeners) listener([stored])
  }

  return {
    get identity() {
      return log.identity
    },
    info: async () => {
      const { identity, events, headers } = opened()
      const details = { incarnation: identity.incarnation, commits: headers.length, allowRewriting }
      return { store: 'event', backend: 'memory', readOnly: false, items: events.length, details }
    },
    commit: async (commit, options) => {
      const { append } = opened()
      options?.signal?.throwIfAborted()
      checkCommit(commit)
      const verdict = append(commit)
      if (verdict.verdict === 'stored') tell({ commit, receipt: verdict })
      return verdict
    },
    readStream: async (read) => {
      checkStreamKey(read)
      return pageOf(streamOf(opened(), read), read)
    },
    readTails: async ({ streams, limit, before }) => {
      checkTails({ streams, limit, before })
      const kept = opened()
      return streams.map((name) => pageOf(streamOf(kept, name), { after: before, backwards: true, limit }))
    },
    readAll: async (read) => wholeCommits(opened().events, read),
    versions: async (streams) => streams.map((stream) => versionOf(opened().tenants.get(stream.tenant), stream)),
    head: async () => opened().events.length,
    header: async (tenant, commandId) => {
      checkCommandKey(tenant, commandId)
      return opened().tenants.get(tenant)?.headers.get(commandId)
    },
    headers: () => opened().headers,
    details: () => opened().details,
    chains: () => opened().chains,
    outgoing: () => opened().outgoing,
    jobs: () => opened().jobs,
    headerByKey: async (scope) => {
      checkIdempotencyScope(scope)
      const { tenant, sender, commandType, key } = scope
      return opened()
        .tenants.get(tenant)
        ?.byKey.get(scopeText(sender, commandType, key))
    },
    pruneKeys: async ({ before, limit }) => {
      checkWhole(before, 'before of the keys', 0)
      return opened().pruneKeys(before, pageLimit(limit, 1_000))
    },
    parts: async (tenant, commandId) => {
      checkCommandKey(tenant, commandId)
      const own = opened().tenants.get(tenant)
      return own?.parts.get(commandId) ?? (own?.headers.has(commandId) === true ? noParts : undefined)
    },
    get: async (key) => {
      checkEventKey(key)
      return opened().find(key)
    },
    list: async (filter, page) => listEvents(opened(), filter, page),
    total: async (filter) => countEvents(opened().events, filter),
    uniqueValues: async (field, filter, page) => uniqueEventValues(opened().events, field, filter, page),
    rewrite: async (rewriting) => {
      const { rewrite } = opened()
      if (!allowRewriting) throw rewritingRefused('rewrite')
      checkRewrite(rewriting)
      const verdict = rewrite(rewriting)
      if (verdict?.verdict === 'stored') tell({ commit: rewriting.record, receipt: verdict })
      return verdict
    },
    reset: async () => {
      const { reset } = opened()
      if (!allowRewriting) throw rewritingRefused('reset')
      reset()
    },
    fork: async () => opened().fork(),
    onAppend: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      listeners.clear()
    },
  }
}

const noParts: CommitParts = { messages: [], jobs: [], audit: [] }

function streamOf(
  { tenants }: MemoryLog,
  { tenant, aggregateType, aggregateId }: TenantStream,
): readonly StoredEvent[] {
  return tenants.get(tenant)?.streams.get(aggregateType)?.get(aggregateId) ?? []
}

type Range = Pick<ReadStream, 'after' | 'backwards' | 'limit'>
function pageOf(stream: readonly StoredEvent[], { after, backwards, limit }: Range): readonly StoredEvent[] {
  const count = pageLimit(limit, 100)
  if (backwards !== true) return stream.slice(after ?? 0, (after ?? 0) + count)
  const end = Math.min(stream.length, Math.max(0, (after ?? Number.POSITIVE_INFINITY) - 1))
  return stream.slice(Math.max(0, end - count), end).reverse()
}

function wholeCommits(log: readonly StoredEvent[], { after, limit }: ReadAll): readonly StoredEvent[] {
  let end = Math.min(log.length, after + pageLimit(limit, 1000))
  while (end < log.length && end > after && log[end]?.commitNo === log[end - 1]?.commitNo) end += 1
  return log.slice(after, end)
}
