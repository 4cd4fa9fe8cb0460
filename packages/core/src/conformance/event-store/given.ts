// What the cases of this suite are written with: a store, and commits made from the few fields that a case is about.
import assert from 'node:assert/strict'
import { isGestaError } from '../../errors/gesta-error.ts'
import type { ErrorCode } from '../../errors/codes.ts'
import type {
  AuditEntry,
  Commit,
  Expectation,
  OutcomeKind,
  ReadCondition,
  Receipt,
  StreamAppend,
} from '../../stores/commit.ts'
import type { EventStore, StoredEvent } from '../../stores/event/event-store.ts'
import type { Case } from '../suite.ts'

/** `durable`: what was acknowledged is found again when the store is opened again. `rewriting`: stored events can be changed on request. */
export type EventStoreCapability = 'durable' | 'rewriting'
export interface GivenEventStore {
  readonly store: EventStore
  /** Closes the store and opens it again. */
  reopen(): Promise<EventStore>
}
export type EventStoreCase = Case<GivenEventStore, EventStoreCapability>

export const tenant = 'tenant-1'
let made = 0
/** A number that no other case uses. */
export function fresh(): number {
  return (made += 1)
}

export function stream(
  aggregateId: string,
  expectation: Expectation = 'any',
  data: readonly string[] = ['{}'],
  aggregateType = 'Order',
): StreamAppend {
  return {
    aggregateType,
    aggregateId,
    expectation,
    events: data.map((text) => ({ type: 'Order.Changed', schemaVersion: 1, data: text })),
  }
}
export function read(aggregateId: string, version: number, aggregateType = 'Order'): ReadCondition {
  return { aggregateType, aggregateId, version }
}

export function auditEntry(action: string, data: string): AuditEntry {
  return { action, actor: 'alice', resource: 'Order/1', outcome: 'succeeded', data }
}

export interface CommitFields extends Partial<Omit<Commit, 'header'>> {
  readonly commandType?: string
  readonly outcome?: OutcomeKind
  readonly answer?: string
  readonly version?: number
  readonly fingerprint?: string
}
/** A commit with a fresh command id, for one tenant, without events, unless its fields say otherwise. */
export function commit({
  commandType = 'Order.Change',
  outcome = 'accepted',
  answer,
  version,
  fingerprint,
  ...fields
}: CommitFields = {}): Commit {
  return {
    commandId: `command-${fresh()}`,
    tenant,
    context: '{}',
    recordedAt: 1_700_000_000_000_000 + made,
    streams: [],
    reads: [],
    idempotency: undefined,
    messages: [],
    jobs: [],
    audit: [],
    ...fields,
    header: { commandType, outcome, answer, version, fingerprint },
  }
}

/** Commits, and insists that it was stored. */
export async function stored(store: EventStore, given: Commit): Promise<Receipt> {
  const verdict = await store.commit(given)
  assert.ok(verdict.verdict === 'stored', JSON.stringify(verdict))
  return verdict
}
export async function refused(run: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(run, (error) => {
    assert.ok(isGestaError(error, code), `Expected the error ${code}, received ${String(error)}`)
    return true
  })
}
/** The whole log, read page by page. */
export async function wholeLog(store: EventStore, limit = 1000): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = []
  for (;;) {
    const page = await store.readAll({ after: events.at(-1)?.position ?? 0, limit })
    if (page.length === 0) return events
    events.push(...page)
  }
}
export function oneTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
