// The log of the memory event store: what is kept, and the steps that change it. Each step is synchronous, which makes it the head lock.
import type { Ids } from '../../ids/ids.ts'
import { eventCount } from '../commit.ts'
import type { Commit, CommitParts, Receipt, StoredHeader, StreamName, Verdict } from '../commit.ts'
import { keptDetail } from '../command-log/command-detail.ts'
import type { KeptDetail } from '../command-log/command-detail.ts'
import { deletedEventType } from './event-store.ts'
import type { EventKey, EventRewrite, LogIdentity, StoredEvent } from './event-store.ts'
import type { StoredAuditEntry } from '../audit/audit-log.ts'
import { chainHash, chainStart } from '../audit/chain.ts'
import { addJobs, createMemoryJobs } from '../job/memory-jobs.ts'
import type { MemoryJobs } from '../job/memory-jobs.ts'
import { addMessages, createMemoryOutgoing } from '../outbox/memory-outgoing.ts'
import type { MemoryOutgoing } from '../outbox/memory-outgoing.ts'
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
export interface MemoryLog {
  readonly identity: LogIdentity
  /** By position, from 1. */
  readonly events: readonly StoredEvent[]
  /** By commit number, from 1. */
  readonly headers: readonly StoredHeader[]
  /** What the command log has of each, by commit number too; `purged` once it was forgotten. */
  readonly details: (KeptDetail | 'purged' | undefined)[]
  readonly tenants: ReadonlyMap<string, TenantLog>
  readonly outgoing: MemoryOutgoing
  readonly jobs: MemoryJobs
  /** The audit log of each tenant. */
  readonly chains: ReadonlyMap<string, readonly StoredAuditEntry[]>
  append(commit: Commit): Verdict
  /** Changes an event and stores the record, or does neither. Absent: there is no such event. */
  rewrite(rewrite: EventRewrite): Verdict | undefined
  find(key: EventKey): StoredEvent | undefined
  /** Forgets idempotency keys of commits that were recorded before, `limit` at most; how many. */
  pruneKeys(before: number, limit: number): number
  fork(): LogIdentity
  /** Keeps audit entries and the headers that they belong to. */
  reset(): void
}

export function createMemoryLog(ids: Ids): MemoryLog {
  let identity = newLogIdentity(ids)
  let events: StoredEvent[] = []
  let headers: StoredHeader[] = []
  let details: (KeptDetail | 'purged' | undefined)[] = []
  let outgoing = createMemoryOutgoing()
  let waiting = createMemoryJobs()
  const chains = new Map<string, StoredAuditEntry[]>()
  const tenants = new Map<string, TenantLog>()

  /** What is against a commit. */
  const refusal = (commit: Commit): Verdict | undefined => {
    const tenant = tenants.get(commit.tenant)
    if (tenant === undefined) return findConflict(tenants, undefined, commit)
    const sameId = tenant.headers.get(commit.commandId)
    if (sameId !== undefined)
      return { verdict: 'duplicate', by: 'command', header: sameId, fingerprint: sameId.fingerprint }
    const scope = scopeOf(commit)
    const sameKey = scope === undefined ? undefined : tenant.byKey.get(scope)
    if (sameKey !== undefined) return { verdict: 'duplicate', by: 'key', ...sameKey }
    return findConflict(tenants, tenant, commit)
  }

  const store = (commit: Commit): Verdict => {
    const tenant = tenantLog(tenants, commit.tenant)
    const commitNo = headers.length + 1
    const firstVersions = appendEvents(tenant, commit, commitNo)
    const stored = { verdict: 'stored' as const, commitNo, position: events.length, firstVersions }
    const header = headerOf(commit, stored)
    headers.push(header)
    details.push(commit.detail && keptDetail(commit.detail))
    tenant.headers.set(commit.commandId, header)
    const scope = scopeOf(commit)
    if (scope !== undefined) tenant.byKey.set(scope, { header, fingerprint: commit.idempotency?.fingerprint ?? '' })
    const { messages, jobs, audit } = commit
    if (messages.length + jobs.length + audit.length > 0) tenant.parts.set(commit.commandId, { messages, jobs, audit })
    if (audit.length > 0) addAudit(chains, commit)
    if (messages.length > 0) addMessages(outgoing, commit, stored)
    if (jobs.length > 0) addJobs(waiting, commit, stored)
    return stored
  }

  /** Appends to the streams and the log; returns the first version given in each stream. */
  const appendEvents = (tenant: TenantLog, commit: Commit, commitNo: number): readonly number[] => {
    const before = events.length
    const firstVersions: number[] = []
    for (const { aggregateType, aggregateId, events: given } of commit.streams) {
      const stream = openStream(tenant, aggregateType, aggregateId)
      firstVersions.push(stream.length + 1)
      for (const { type, schemaVersion, data } of given) {
        const event: StoredEvent = {
          position: events.length + 1,
          commitNo,
          commandId: commit.commandId,
          index: events.length - before,
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
        events.push(event)
      }
    }
    return firstVersions
  }

  const find = ({ tenant, commandId, index }: EventKey): StoredEvent | undefined => {
    const header = tenants.get(tenant)?.headers.get(commandId)
    if (header === undefined || index >= header.eventCount) return undefined
    return events[header.position - header.eventCount + index]
  }

  const replace = (event: StoredEvent, data: string | undefined): void => {
    const changed = data === undefined ? { ...event, type: deletedEventType, data: 'null' } : { ...event, data }
    events[event.position - 1] = changed
    openStream(tenantLog(tenants, event.tenant), event.aggregateType, event.aggregateId)[event.version - 1] = changed
  }

  return {
    get identity() {
      return identity
    },
    get events() {
      return events
    },
    get headers() {
      return headers
    },
    get details() {
      return details
    },
    tenants,
    chains,
    get outgoing() {
      return outgoing
    },
    get jobs() {
      return waiting
    },
    append: (commit) => refusal(commit) ?? store(commit),
    rewrite: (rewrite) => {
      const refused = refusal(rewrite.record)
      if (refused !== undefined) return refused
      const event = find(rewrite)
      if (event === undefined || event.type === deletedEventType) return undefined
      replace(event, rewrite.data)
      return store(rewrite.record)
    },
    find,
    pruneKeys: (before, limit) => {
      let pruned = 0
      for (const { byKey } of tenants.values())
        for (const [scope, { header }] of byKey) {
          if (pruned === limit) return pruned
          if (header.recordedAt < before && byKey.delete(scope)) pruned += 1
        }
      return pruned
    },
    fork: () => {
      identity = { ...identity, incarnation: ids.newId() }
      return identity
    },
    reset: () => {
      const audited = headers.flatMap((header) => {
        const audit = tenants.get(header.tenant)?.parts.get(header.commandId)?.audit ?? []
        return audit.length === 0 ? [] : [{ header, audit, detail: details[header.commitNo - 1] }]
      })
      tenants.clear()
      events = []
      outgoing = { ...createMemoryOutgoing(), fencingToken: outgoing.fencingToken }
      waiting = createMemoryJobs(waiting.no)
      details = audited.map(({ detail }) => detail)
      headers = audited.map(({ header, audit }, at) => {
        const kept = { ...header, commitNo: at + 1, position: 0, eventCount: 0 }
        const tenant = tenantLog(tenants, header.tenant)
        tenant.headers.set(header.commandId, kept)
        tenant.parts.set(header.commandId, { messages: [], jobs: [], audit })
        return kept
      })
      identity = newLogIdentity(ids)
    },
  }
}

/** The version of a stream; 0 when it does not exist. */
export function versionOf(tenant: TenantLog | undefined, { aggregateType, aggregateId }: StreamName): number {
  return tenant?.streams.get(aggregateType)?.get(aggregateId)?.length ?? 0
}

/** One key for what an idempotency key is unique in, beside the tenant. */
export function scopeText(sender: string, commandType: string, key: string): string {
  return `${sender}\0${commandType}\0${key}`
}

function scopeOf({ idempotency, header }: Commit): string | undefined {
  return idempotency && scopeText(idempotency.sender, header.commandType, idempotency.key)
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

function findConflict(
  tenants: ReadonlyMap<string, TenantLog>,
  tenant: TenantLog | undefined,
  { streams, reads }: Commit,
): Verdict | undefined {
  for (const stream of streams) {
    const actual = versionOf(tenant, stream)
    if (!meets(stream.expectation, actual)) return conflictOf(stream, stream.expectation, actual)
  }
  for (const read of reads) {
    const actual = versionOf(read.tenant === undefined ? tenant : tenants.get(read.tenant), read)
    if (actual !== read.version) return conflictOf(read, read.version, actual)
  }
  return undefined
}

/** Field by field: spreading the header would make each commit a tenth slower. */
function headerOf(commit: Commit, { commitNo, position }: Receipt): StoredHeader {
  const { tenant, commandId, recordedAt, context } = commit
  const { commandType, outcome, answer, version, fingerprint } = commit.header
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

function addAudit(chains: Map<string, StoredAuditEntry[]>, { tenant, commandId, recordedAt, audit }: Commit): void {
  const chain = chains.get(tenant) ?? []
  chains.set(tenant, chain)
  for (const [index, entry] of audit.entries()) {
    const linked = { ...entry, tenant, sequence: chain.length + 1, commandId, index, recordedAt }
    chain.push(Object.freeze({ ...linked, hash: chainHash(linked, chain.at(-1)?.hash ?? chainStart) }))
  }
}
