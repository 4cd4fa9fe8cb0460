// The event store in memory: the shortest illustration of the port. It has no groups, because nothing has to be waited for:
// each commit is checked and applied in one synchronous step, and that step is the head lock.
import type { Ids } from '../../ids/ids.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import { eventCount } from '../commit.ts'
import type { Commit, CommitParts, Receipt, StoredHeader, StreamName, Verdict } from '../commit.ts'
import { pageLimit } from '../page-limit.ts'
import { checkCommit } from './check-commit.ts'
import type { AppendListener, EventStore, IdempotencyScope, ReadAll, ReadStream, StoredEvent } from './event-store.ts'
import { conflictOf, meets } from './expectation.ts'
import { newLogIdentity } from './log-identity.ts'

/** What one tenant has; no key of a tenant can meet a key of another. */
interface TenantLog {
  readonly headers: Map<string, StoredHeader>
  readonly byKey: Map<string, { readonly header: StoredHeader; readonly fingerprint: string }>
  /** Of the commits that have any. */
  readonly parts: Map<string, CommitParts>
  /** Aggregate type, then aggregate id. */
  readonly streams: Map<string, Map<string, StoredEvent[]>>
}

/** An event store that lives as long as its process. */
export function createMemoryEventStore(ids: Ids): EventStore {
  const identity = newLogIdentity(ids)
  const log: StoredEvent[] = []
  const tenants = new Map<string, TenantLog>()
  const listeners = new Set<AppendListener>()
  let commits = 0
  let closed = false

  const append = (commit: Commit): Verdict => {
    const tenant = tenantLog(tenants, commit.tenant)
    const sameId = tenant.headers.get(commit.commandId)
    if (sameId !== undefined)
      return { verdict: 'duplicate', by: 'command', header: sameId, fingerprint: sameId.fingerprint }
    const { idempotency } = commit
    const scope =
      idempotency === undefined ? undefined : scopeText(idempotency.sender, commit.header.commandType, idempotency.key)
    const sameKey = scope === undefined ? undefined : tenant.byKey.get(scope)
    if (sameKey !== undefined) return { verdict: 'duplicate', by: 'key', ...sameKey }
    const conflict = findConflict(tenant, commit)
    if (conflict !== undefined) return conflict

    const stored = {
      verdict: 'stored' as const,
      commitNo: (commits += 1),
      firstVersions: appendEvents(tenant, commit),
      position: log.length,
    }
    const header = headerOf(commit, stored)
    tenant.headers.set(commit.commandId, header)
    if (scope !== undefined) tenant.byKey.set(scope, { header, fingerprint: idempotency?.fingerprint ?? '' })
    const { messages, jobs, audit } = commit
    if (messages.length + jobs.length + audit.length > 0) tenant.parts.set(commit.commandId, { messages, jobs, audit })
    for (const listener of listeners) listener([{ commit, receipt: stored }])
    return stored
  }

  /** Appends to the streams and the log; returns the first version given in each stream. */
  const appendEvents = (tenant: TenantLog, commit: Commit): readonly number[] => {
    const before = log.length
    const firstVersions: number[] = []
    for (const { aggregateType, aggregateId, events } of commit.streams) {
      const stream = openStream(tenant, aggregateType, aggregateId)
      firstVersions.push(stream.length + 1)
      for (const { type, schemaVersion, data } of events) {
        const event: StoredEvent = {
          position: log.length + 1,
          commitNo: commits,
          commandId: commit.commandId,
          index: log.length - before,
          tenant: commit.tenant,
          aggregateType,
          aggregateId,
          version: stream.length + 1,
          type,
          schemaVersion,
          data,
          context: commit.context,
          recordedAt: commit.recordedAt,
        }
        stream.push(event)
        log.push(event)
      }
    }
    return firstVersions
  }

  const open = (): void => {
    if (closed)
      throw new GestaError(
        'store_closed',
        'Expected the memory store to be open, but it was closed. Start the app again for a new one.',
      )
  }
  const readTenant = (tenant: string): TenantLog | undefined => {
    open()
    return tenants.get(tenant)
  }

  return {
    identity,
    commit: async (commit, options) => {
      open()
      options?.signal?.throwIfAborted()
      checkCommit(commit)
      return append(commit)
    },
    readStream: async (read) =>
      pageOf(readTenant(read.tenant)?.streams.get(read.aggregateType)?.get(read.aggregateId) ?? [], read),
    readAll: async (read) => {
      open()
      return wholeCommits(log, read)
    },
    versions: async (streams) => streams.map((stream) => versionOf(readTenant(stream.tenant), stream)),
    head: async () => {
      open()
      return log.length
    },
    header: async (tenant, commandId) => readTenant(tenant)?.headers.get(commandId),
    headerByKey: async ({ tenant, sender, commandType, key }: IdempotencyScope) =>
      readTenant(tenant)?.byKey.get(scopeText(sender, commandType, key)),
    parts: async (tenant, commandId) => {
      const own = readTenant(tenant)
      return own?.parts.get(commandId) ?? (own?.headers.has(commandId) === true ? noParts : undefined)
    },
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

function tenantLog(tenants: Map<string, TenantLog>, tenant: string): TenantLog {
  let found = tenants.get(tenant)
  if (found === undefined)
    tenants.set(tenant, (found = { headers: new Map(), byKey: new Map(), parts: new Map(), streams: new Map() }))
  return found
}

function openStream(tenant: TenantLog, aggregateType: string, aggregateId: string): StoredEvent[] {
  let ofType = tenant.streams.get(aggregateType)
  if (ofType === undefined) tenant.streams.set(aggregateType, (ofType = new Map()))
  let stream = ofType.get(aggregateId)
  if (stream === undefined) ofType.set(aggregateId, (stream = []))
  return stream
}

function versionOf(tenant: TenantLog | undefined, { aggregateType, aggregateId }: StreamName): number {
  return tenant?.streams.get(aggregateType)?.get(aggregateId)?.length ?? 0
}

function findConflict(tenant: TenantLog, { streams, reads }: Commit): Verdict | undefined {
  for (const stream of streams) {
    const actual = versionOf(tenant, stream)
    if (!meets(stream.expectation, actual)) return conflictOf(stream, stream.expectation, actual)
  }
  for (const read of reads) {
    const actual = versionOf(tenant, read)
    if (actual !== read.version) return conflictOf(read, read.version, actual)
  }
  return undefined
}

function headerOf(commit: Commit, { commitNo, position }: Receipt): StoredHeader {
  const { commandType, outcome, answer, version, fingerprint } = commit.header
  const { tenant, commandId, recordedAt, context } = commit
  return {
    tenant,
    commandId,
    commandType,
    outcome,
    answer,
    version,
    fingerprint,
    commitNo,
    position,
    eventCount: eventCount(commit),
    recordedAt,
    context,
  }
}

const noParts: CommitParts = { messages: [], jobs: [], audit: [] }

function pageOf(stream: readonly StoredEvent[], { after, backwards, limit }: ReadStream): readonly StoredEvent[] {
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

function scopeText(sender: string, commandType: string, key: string): string {
  return `${sender}\0${commandType}\0${key}`
}
