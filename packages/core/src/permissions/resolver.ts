// Permission sets, kept with the epochs at which they were looked up, and looked up anew once one of these has moved.
import { streamOfEpoch } from '../dispatch/advances.ts'
import type { Views } from '../dispatch/views.ts'
import { checkKey } from '../codec/key-text.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { systemTenant } from '../request-context/system-context.ts'
import { checkTenant } from '../stores/check-text.ts'
import type { ReadCondition } from '../stores/commit.ts'
import { CheckedRead } from '../stores/event/checked-read.ts'
import type { TenantStream } from '../stores/event/event-store.ts'
import { deadline } from '../time/deadline.ts'
import type { Deadline } from '../time/deadline.ts'
import type { Alarms } from '../time/alarms.ts'
import { unavailable } from './denial.ts'
import type { Directory, Look } from './directory.ts'
import type { EpochCell, Epochs } from './epochs.ts'
import type { PermissionSet } from './permission-set.ts'
import type { PermissionRegistry } from './registry.ts'
import { resolve } from './resolve.ts'
import type { Subject } from './resolve.ts'
import { createSetCache } from './set-cache.ts'
import type { Kept } from './set-cache.ts'

/** What is known of a caller, and what must still be so when a command that relies on it is stored. */
export interface KnownSet {
  readonly permissions: PermissionSet
  readonly conditions: readonly ReadCondition[]
  /** Those of account and session alone. */
  readonly sessionConditions: readonly ReadCondition[]
}
export interface Freshness {
  /** Nothing will say later that it still holds, so it must be as the store has it when this is called. */
  readonly isStrict: boolean
  /** Microseconds that a strict one may be old all the same, where several processes share a store. */
  readonly maxAgeUs: number
}
/** What has to be known: whether the session is alive, or what the identity holds too. */
export type Scope = 'session' | 'identity'
/** As it is now. */
export const exactly: Freshness = { isStrict: true, maxAgeUs: 0 }

export interface Resolver {
  /** Whether nobody else moves epochs: what is at hand is then how it is. */
  readonly isExact: boolean
  /** What is known of a caller and fresh enough, without waiting. */
  atHand(context: RequestContext, scope: Scope, freshness: Freshness): KnownSet | undefined
  /** Errors: `permissions_unavailable`; `invalid_key`; `deadline_exceeded` and the signal's reason, both of the caller. */
  fetch(subject: Subject, freshness: Freshness, caller: Deadline): Promise<KnownSet>
  readonly size: number
}
export interface ResolverParts {
  readonly directory: Directory
  readonly registry: PermissionRegistry
  readonly epochs: Epochs
  readonly views: Views
  readonly alarms: Alarms
  readonly cachedMax: number
}

interface CachedSet extends KnownSet, Kept {
  readonly subject: Subject
  readonly cells: readonly EpochCell[]
  /** Of the cells, when the directory was asked. */
  readonly versions: readonly number[]
}

/** Milliseconds that a directory may take to say what one caller may do. */
const lookTimeoutMs = 5_000
/** Times that permissions may change while they are looked up, before the caller is told to come again. */
const roundsMax = 16

/** The subject of a context; absent: it names no session, or for an identity none in a tenant. */
export function subjectOf(
  { account, session, identity, tenant, targetWorkspace }: RequestContext,
  scope: Scope,
): Subject | undefined {
  if (account === undefined || session === undefined) return undefined
  if (scope === 'session') return { account, session, member: undefined }
  if (identity === undefined || tenant === undefined) return undefined
  return { account, session, member: { tenant, identity, workspace: targetWorkspace } }
}

export function createResolver({ directory, registry, epochs, views, alarms, cachedMax }: ResolverParts): Resolver {
  // The set that was last looked up for a session: nearly always the one that is asked for, and found without making a key.
  const recent = new Map<string, CachedSet>()
  const cache = createSetCache<CachedSet>(cachedMax, (dropped) => {
    epochs.release(dropped.cells)
    if (recent.get(dropped.subject.session) === dropped) recent.delete(dropped.subject.session)
  })
  const flights = new Map<string, Promise<CachedSet>>()

  const find = (context: RequestContext, scope: Scope): CachedSet | undefined => {
    const last = context.session === undefined ? undefined : recent.get(context.session)
    if (last !== undefined && isOf(last.subject, context, scope)) {
      last.wasUsed = true
      return last
    }
    const subject = subjectOf(context, scope)
    const found = subject && cache.get(keyOf(subject))
    if (found !== undefined) recent.set(found.subject.session, found)
    return found
  }
  const atHand: Resolver['atHand'] = (context, scope, { isStrict, maxAgeUs }) => {
    const found = find(context, scope)
    if (found === undefined || !isFresh(found)) return undefined
    if (!isStrict || epochs.isExact) return found
    if (maxAgeUs === 0) return undefined
    const oldestUs = alarms.clock.monotonicUs() - maxAgeUs
    return found.cells.every(({ readAtUs }) => readAtUs >= oldestUs) ? found : undefined
  }
  const refresh = async (cells: readonly EpochCell[]): Promise<void> => {
    try {
      await epochs.refresh(cells)
    } catch (cause) {
      throw unavailable('the epochs of permissions could not be read', cause)
    }
  }
  /** Begins with the cells as they are known. */
  const look = async (subject: Subject, streams: readonly TenantStream[]): Promise<CachedSet> => {
    const cells = epochs.acquire(streams)
    const limit = deadline(alarms, lookTimeoutMs, undefined)
    try {
      while (cells.some(({ version }) => version < 0)) await refresh(cells)
      const versions = cells.map(({ version }) => version)
      const after = Math.max(...cells.map(({ position }) => position))
      const asking = resolve(directory, registry, subject, lookOf(views, after, limit))
      const permissions = await limit.race('permissions were being looked up', asking)
      const conditions = Object.freeze(
        streams.map((stream, at) => new CheckedRead({ ...stream, version: versions[at] ?? 0 })),
      )
      const sessionConditions = Object.freeze(conditions.slice(0, sessionStreams))
      const found = { subject, permissions, conditions, sessionConditions, cells, versions, wasUsed: true }
      cache.put(keyOf(subject), found)
      return found
    } catch (cause) {
      epochs.release(cells)
      throw unavailable('the directory failed or did not answer in time', cause)
    } finally {
      limit.release()
    }
  }
  /** Who comes while somebody looks shares what is found. */
  const shared = (subject: Subject, streams: readonly TenantStream[]): Promise<CachedSet> => {
    const key = keyOf(subject)
    const known = flights.get(key)
    if (known !== undefined) return known
    const begun = look(subject, streams).finally(() => flights.delete(key))
    flights.set(key, begun)
    return begun
  }
  return {
    isExact: epochs.isExact,
    atHand,
    fetch: async (subject, freshness, caller) => {
      const streams = streamsOf(subject)
      const cells = epochs.acquire(streams)
      const wait = (work: Promise<void>): Promise<void> => caller.race('permissions were being checked', work)
      try {
        const isKnown = cells.every(({ version }) => version >= 0)
        if (!isKnown || (freshness.isStrict && !epochs.isExact)) await wait(refresh(cells))
        const cached = cache.get(keyOf(subject))
        if (cached !== undefined && isFresh(cached)) return cached
        for (let round = 1; round <= roundsMax; round++) {
          const found = await caller.race('permissions were being looked up', shared(subject, streams))
          // What was read while it changed may be half of before and half of after, and whoever shares it may have come later than that. A
          // commit would find it out.
          if (freshness.isStrict) await wait(refresh(cells))
          if (!freshness.isStrict || found.versions.every((version, at) => version === cells[at]?.version)) return found
        }
        throw unavailable('they kept changing while they were looked up')
      } finally {
        epochs.release(cells)
      }
    },
    get size() {
      return cache.size
    },
  }
}

/** The same as the subject of the context having the same key. */
function isOf({ account, member }: Subject, context: RequestContext, scope: Scope): boolean {
  if (account !== context.account) return false
  if (member === undefined || scope === 'session') return member === undefined && scope === 'session'
  return (
    member.identity === context.identity &&
    member.tenant === context.tenant &&
    member.workspace === context.targetWorkspace
  )
}

function isFresh({ cells, versions }: CachedSet): boolean {
  for (let at = 0; at < cells.length; at++) if (cells[at]?.version !== versions[at]) return false
  return true
}

/** No text can be taken for another one's part: each is preceded by its length. */
function keyOf({ account, session, member }: Subject): string {
  const own = `${account.length}:${account}${session.length}:${session}`
  if (member === undefined) return own
  const { tenant, identity, workspace } = member
  const whole = `${own}${tenant.length}:${tenant}${identity.length}:${identity}`
  return workspace === undefined ? whole : `${whole}@${workspace}`
}

const sessionStreams = 2

/** Account and session first. Errors: `invalid_key`. */
function streamsOf({ account, session, member }: Subject): readonly TenantStream[] {
  const streams = [streamOfEpoch({ account }, systemTenant), streamOfEpoch({ session }, systemTenant)]
  if (member !== undefined) {
    streams.push(streamOfEpoch('tenant', systemTenant))
    checkTenant(member.tenant)
    if (member.tenant !== systemTenant) streams.push(streamOfEpoch('tenant', member.tenant))
  }
  for (const { aggregateId } of streams) checkKey(aggregateId, 'the epoch of an account or session')
  return streams
}

/** Readers that wait until their view has what moved the epochs. */
function lookOf(views: Views, after: number, limit: Deadline): Look {
  return {
    read: <Reader>(model: { readonly name: string }, tenant: string) =>
      views.reader(model, {
        tenant,
        after: after === 0 ? undefined : after,
        deadline: limit,
        seen: { reads: 0, versions: [], aggregates: undefined },
        history: { shown: () => undefined, read: async () => [] },
      }) as Reader,
    get signal() {
      return limit.signal
    },
  }
}
