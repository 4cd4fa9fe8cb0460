// What the cases of this suite are written with: an audit log, the event store that its entries are stored by, and a plain filter.
import assert from 'node:assert/strict'
import type { AuditEntry } from '../../stores/audit/audit-entry.ts'
import type { AuditFilter, AuditHead, AuditLog, StoredAuditEntry } from '../../stores/audit/audit-log.ts'
import { chainHash, chainStart } from '../../stores/audit/chain.ts'
import type { Commit } from '../../stores/commit.ts'
import type { EventStore } from '../../stores/event/event-store.ts'
import { compareText } from '../../stores/read-model/row-order.ts'
import type { Page, PageRequest } from '../../stores/store.ts'
import { commit, fresh, stored } from '../event-store/given.ts'
import type { Case } from '../suite.ts'

/** The two ports of one backend that this suite is about. */
export interface AuditPorts {
  readonly log: AuditLog
  readonly events: EventStore
}
export interface GivenAuditLog extends AuditPorts {
  /** Closes the backend and opens it again. */
  reopen(): Promise<AuditPorts>
  close(): Promise<void>
}
/** `durable`: what was acknowledged is found again when the log is opened again. `rewriting`: the event store can be emptied and changed. */
export type AuditLogCapability = 'durable' | 'rewriting'
export type AuditLogCase = Case<GivenAuditLog, AuditLogCapability>

export const tenant = 'tenant-1'
export const startUs = 1_700_000_000_000_000

export function entry(fields: Partial<AuditEntry> = {}): AuditEntry {
  return {
    action: 'Order.Cancel',
    actor: 'user-1',
    resource: 'Order/A-1',
    outcome: 'succeeded',
    data: `{"number":${fresh()}}`,
    ...fields,
  }
}
/** A commit of the tenant with these entries. */
export function audited(audit: readonly AuditEntry[], fields: Partial<Omit<Commit, 'header'>> = {}): Commit {
  return commit({ tenant, recordedAt: startUs + fresh(), audit, ...fields })
}

/** Stores the commits one after the other. Returns their entries as they are to be found, hashes aside. */
export async function storeAll(
  events: EventStore,
  commits: readonly Commit[],
): Promise<readonly Omit<StoredAuditEntry, 'hash'>[]> {
  for (const each of commits) await stored(events, each)
  return linksOf(commits)
}
/** The entries of commits that were stored in this order, one chain per tenant. */
export function linksOf(commits: readonly Commit[]): readonly Omit<StoredAuditEntry, 'hash'>[] {
  const sequences = new Map<string, number>()
  return commits.flatMap(({ tenant: of, commandId, recordedAt, audit }) =>
    audit.map((each, index) => {
      const sequence = (sequences.get(of) ?? 0) + 1
      sequences.set(of, sequence)
      return { ...each, tenant: of, sequence, commandId, index, recordedAt }
    }),
  )
}

/** A tenant's chain, read page by page; insists that it has no gaps and that every hash is what `chainHash` says. */
export async function chainOf(log: AuditLog, of: string = tenant, limit = 1_000): Promise<readonly StoredAuditEntry[]> {
  const chain: StoredAuditEntry[] = []
  let before = chainStart
  for (;;) {
    const page = await log.read({ tenant: of, after: chain.length, limit })
    assert.ok(page.length <= limit, 'No page holds more than was asked for.')
    if (page.length === 0) break
    for (const each of page) {
      chain.push(each)
      assert.deepEqual([each.tenant, each.sequence], [of, chain.length])
      assert.equal(each.hash, chainHash(each, before), `the hash of entry ${chain.length} of ${of}`)
      before = each.hash
    }
  }
  const head = (await everyHead(log)).find((each) => each.tenant === of)
  const last = chain.at(-1)
  assert.deepEqual(head, last && { tenant: of, sequence: last.sequence, hash: last.hash })
  return chain
}
export function withoutHash(link: StoredAuditEntry): Omit<StoredAuditEntry, 'hash'> {
  const { tenant: of, sequence, commandId, index, recordedAt, action, actor, resource, outcome, data } = link
  return { action, actor, resource, outcome, data, tenant: of, sequence, commandId, index, recordedAt }
}
export async function everyHead(log: AuditLog, limit?: number): Promise<readonly AuditHead[]> {
  const heads: AuditHead[] = []
  for (;;) {
    const page = await log.heads({ after: heads.at(-1)?.tenant, limit })
    if (page.length === 0) return heads
    assert.ok(page.length <= (limit ?? 1_000), 'No page holds more than was asked for.')
    for (const head of page) {
      const before = heads.at(-1)
      const isBehind = before === undefined || compareText(before.tenant, head.tenant) < 0
      assert.ok(isBehind, 'Heads are in order of code points, each tenant once.')
      heads.push(head)
    }
  }
}

/** What a list holds without paging, of entries in any order. */
export function plainList<Entry extends Omit<StoredAuditEntry, 'hash'>>(
  entries: readonly Entry[],
  { order, from = 0, to = Number.MAX_SAFE_INTEGER, ...filter }: AuditFilter,
): readonly Entry[] {
  const found = entries
    .filter(({ recordedAt }) => recordedAt >= from && recordedAt < to)
    .filter((each) =>
      (['tenant', 'action', 'actor', 'resource', 'outcome'] as const).every(
        (field) => filter[field] === undefined || filter[field] === each[field],
      ),
    )
    .toSorted((a, b) => compareText(a.tenant, b.tenant) || a.sequence - b.sequence)
  return order === 'oldest' ? found : found.toReversed()
}

/** The whole list, read by cursor. */
export async function everyEntry(
  log: Pick<AuditLog, 'list'>,
  filter: AuditFilter = {},
  page: PageRequest = {},
): Promise<readonly StoredAuditEntry[]> {
  const entries: StoredAuditEntry[] = []
  let cursor: string | undefined
  do {
    const { items, cursor: next }: Page<StoredAuditEntry> = await log.list(filter, { ...page, cursor })
    assert.ok(items.length > 0 || next === undefined, 'Only the last page may be empty.')
    assert.ok(items.length <= (page.limit ?? 100), 'No page holds more than was asked for.')
    entries.push(...items)
    cursor = next
  } while (cursor !== undefined)
  return entries
}

/** Insists that lists and counts are those of all entries, filtered in plain JavaScript. Returns how many match. */
export async function checkLists(
  log: AuditLog,
  entries: readonly Omit<StoredAuditEntry, 'hash'>[],
  filter: AuditFilter,
  limit = 5,
): Promise<number> {
  for (const order of ['oldest', 'newest', undefined] as const) {
    const asked = { ...filter, order }
    const expected = plainList(entries, asked)
    assert.deepEqual((await everyEntry(log, asked, { limit })).map(withoutHash), expected)
    const page = await log.list(asked, { limit, offset: limit, withTotal: true })
    assert.deepEqual([page.items.map(withoutHash), page.total], [expected.slice(limit, limit * 2), expected.length])
  }
  const count = plainList(entries, filter).length
  assert.equal(await log.total(filter), count)
  return count
}
