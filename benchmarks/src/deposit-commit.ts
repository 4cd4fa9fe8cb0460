// Commits for stores that are measured without an app around them, and what a backend is lent to open.
import type { BackendRuntime, CommandDetail, Commit } from '@gesta/core/ports'
import { depositOf } from './account.ts'
import { uuidV7 } from './limits/uuid-v7.ts'

export const storeRuntime: BackendRuntime = {
  clock: {
    nowUs: () => Date.now() * 1000,
    monotonicUs: () => performance.now() * 1000,
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs)
      return { cancel: () => clearTimeout(timer) }
    },
  },
  ids: {
    newId: uuidV7,
    random: Math.random,
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  },
}

const none: readonly never[] = []

/** The commit of the deposit number `index`: so many events for one of the 1,000 accounts; without a record, its header alone. */
export function depositCommit(
  index: number,
  events: number,
  accountId: string = depositOf(index).accountId,
  hasRecord = false,
): Commit {
  const { pence, note } = depositOf(index)
  const event = { type: 'Account.Deposited', schemaVersion: 1, data: JSON.stringify({ pence, note }) }
  return {
    commandId: uuidV7(),
    tenant: '',
    context: '{}',
    recordedAt: Date.now() * 1000,
    streams: [
      {
        aggregateType: 'Account',
        aggregateId: accountId,
        expectation: 'any',
        events: Array.from({ length: events }, () => event),
      },
    ],
    reads: none,
    header: {
      commandType: 'Account.Deposit',
      outcome: 'accepted',
      answer: undefined,
      version: undefined,
      fingerprint: undefined,
    },
    detail: hasRecord ? depositDetail(index) : undefined,
    idempotency: undefined,
    messages: none,
    jobs: none,
    audit: none,
  }
}

export const durationUs = 120
export const permission = { asked: 'anonymous', allowed: true } as const

/** What a dispatch leaves beside the header. */
export function depositDetail(index: number): CommandDetail {
  return {
    durationUs,
    payload: JSON.stringify(depositOf(index)),
    metadata: {},
    error: undefined,
    permission,
    idempotencyKey: undefined,
    duplicateOf: undefined,
    retries: 0,
    messages: 0,
    jobs: 0,
    redacted: none,
    truncated: none,
  }
}
