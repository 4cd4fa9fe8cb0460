// What the cases of this suite are written with: a log store, and lines made from the few fields that a case is about.
import assert from 'node:assert/strict'
import type { LogEntry, LogFilter, LogStore, NewLogEntry } from '../../stores/log/log-store.ts'
import type { GivenStore } from '../store-place.ts'
import type { Case } from '../suite.ts'

/**
 * `durable`: lines and the retention are found again when the store is opened again.
 * `shared`: the same log can be opened several times at once, by one process or by many.
 */
export type LogStoreCapability = 'durable' | 'shared'
export type GivenLogStore = GivenStore<LogStore>
export type LogStoreCase = Case<GivenLogStore, LogStoreCapability>

export const tenant = 'tenant-1'
/** A time in the past, in microseconds. */
export const startUs: number = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000

/** An `info` line of the tenant, at `startUs`. */
export function line(text: string, given: Partial<NewLogEntry> = {}): NewLogEntry {
  return { level: 'info', at: startUs, tenant, text, ...given }
}
/** The texts of a list, in its order. */
export async function textsOf(store: LogStore, filter: LogFilter = {}): Promise<readonly string[]> {
  return (await store.list(filter, { limit: 1000 })).items.map(({ text }) => text)
}
/** The whole list, read by cursor in pages of `limit`. */
export async function everyPage(store: LogStore, filter: LogFilter, limit: number): Promise<LogEntry[]> {
  const all: LogEntry[] = []
  let cursor: string | undefined
  do {
    const page = await store.list(filter, { limit, cursor })
    assert.ok(page.items.length <= limit)
    all.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return all
}
/** A line as it was given to `append`. */
export function withoutId(entry: LogEntry): NewLogEntry {
  const { id, ...given } = entry
  assert.ok(id > 0)
  return given
}
