// The notice that answers of queries may be stale: what browsers are told after a commit, by name and without content.
import type { Schema } from '../schema/schema.ts'
import type { EventContract } from './contract.ts'
import { presentationEvent } from './define.ts'
import type { Token } from './recorded-event.ts'

export interface QueriesInvalidatedData {
  /** Of this form: 1. */
  readonly version: number
  /** Names of the queries whose answers may be stale, each once, sorted. */
  readonly queries: readonly string[]
  /** Types of the events that made them so, each once, sorted. */
  readonly events: readonly string[]
  /** Ids of these events in the order of the log, at most 1,000. */
  readonly eventIds: readonly string[]
  /** Where they lie: a query that is given it as `after` answers with them. */
  readonly token: Token
}

/** Event ids that one notice names at most. */
export const noticeIdsMax = 1_000

const dataSchema: Schema<QueriesInvalidatedData> = {
  '~standard': {
    version: 1,
    vendor: 'gesta',
    validate: (value) => {
      const { version, queries, events, eventIds, token } = (value ?? {}) as Partial<QueriesInvalidatedData>
      return Number.isSafeInteger(version) && [queries, events, eventIds].every(areTexts) && typeof token === 'string'
        ? { value: { version, queries, events, eventIds, token } as QueriesInvalidatedData }
        : { issues: [{ message: 'Expected version, queries, events, eventIds and token.' }] }
    },
  },
}

function areTexts(list: unknown): boolean {
  return Array.isArray(list) && list.every((text) => typeof text === 'string')
}

/**
 * Sent after a commit whose events a domain declares in `invalidates`, once per commit, to the browsers of its tenant.
 * Reference: docs/reference/invalidation.md.
 */
export const QueriesInvalidated: EventContract<'presentation', 'Gesta.QueriesInvalidated', QueriesInvalidatedData> =
  presentationEvent('Gesta.QueriesInvalidated', dataSchema)
