// The rows of the lists of the runtime domain, and how a list is asked for. Reference: docs/reference/runtime.md.
import type { Kind } from '../contracts/messages.ts'
import { flag, listOf, number, oneOf, optional, record, text, whole } from '../schema/plain-schema.ts'
import type { PlainSchema } from '../schema/plain-schema.ts'

/** How every list is asked for. */
export interface ListInput {
  /** Rows of this domain alone. */
  readonly domain?: string | undefined
  /** 1 to 1,000; default 100. */
  readonly limit?: number | undefined
  /** Rows to leave out first; default 0. */
  readonly offset?: number | undefined
}
export const listInput: PlainSchema<ListInput> = record<ListInput>({
  domain: optional(text(1, 512)),
  limit: optional(whole(1, 1_000)),
  offset: optional(whole(0)),
})

/** Sorted by name. */
export interface ListPage<Row> {
  readonly items: readonly Row[]
  /** Rows of all pages together. */
  readonly total: number
}
export function pageOfRows<Row>(row: PlainSchema<Row>): PlainSchema<ListPage<Row>> {
  return record<ListPage<Row>>({ items: listOf(row), total: whole() })
}

export interface PermissionRow {
  readonly name: string
  readonly domain: string
  readonly type: string
  readonly kind: 'command' | 'query' | 'custom' | 'store'
  readonly description: string
  readonly level: 'anonymous' | 'authenticated' | 'authorized' | 'custom'
  /** Whether a function decides, instead of groups. */
  readonly custom: boolean
  readonly implies: readonly string[]
}
const texts = listOf(text())
const level = oneOf(['anonymous', 'authenticated', 'authorized', 'custom'])
export const permissionRow: PlainSchema<PermissionRow> = record<PermissionRow>({
  name: text(),
  domain: text(),
  type: text(),
  kind: oneOf(['command', 'query', 'custom', 'store']),
  description: text(),
  level,
  custom: flag,
  implies: texts,
})

/** A command or query. */
export interface MessageRow {
  readonly name: string
  readonly domain: string
  readonly type: string
  readonly description: string
  readonly level: PermissionRow['level']
  readonly roles: readonly string[]
  readonly audited: boolean
  /** Whether it takes an input, and what its result is called. */
  readonly hasInput: boolean
  readonly result?: string | undefined
  /** Codes of a business no; commands only. */
  readonly rejections: readonly string[]
}
export const messageRow: PlainSchema<MessageRow> = record<MessageRow>({
  name: text(),
  domain: text(),
  type: text(),
  description: text(),
  level,
  roles: texts,
  audited: flag,
  hasInput: flag,
  result: optional(text()),
  rejections: texts,
})

export interface EventRow {
  readonly name: string
  readonly domain: string
  readonly type: string
  readonly category: 'domain' | 'integration' | 'presentation'
  readonly schemaVersion: number
  /** Names of the fields that are about a person. */
  readonly personal: readonly string[]
  /** Aggregates that fold it. */
  readonly aggregates: readonly string[]
  /** Read models and subscribers that handle it by name; catch-all ones are not told. */
  readonly handlers: readonly string[]
}
export const eventRow: PlainSchema<EventRow> = record<EventRow>({
  name: text(),
  domain: text(),
  type: text(),
  category: oneOf(['domain', 'integration', 'presentation']),
  schemaVersion: whole(1),
  personal: texts,
  aggregates: texts,
  handlers: texts,
})

export interface JobRow {
  readonly name: string
  readonly domain: string
  readonly type: string
  readonly roles: readonly string[]
  readonly hasInput: boolean
}
export const jobRow: PlainSchema<JobRow> = record<JobRow>({
  name: text(),
  domain: text(),
  type: text(),
  roles: texts,
  hasInput: flag,
})

export interface AggregateRow {
  readonly name: string
  readonly domain: string
  readonly stateVersion: number
  readonly events: readonly string[]
  /** Commands that it decides. */
  readonly commands: readonly string[]
}
export const aggregateRow: PlainSchema<AggregateRow> = record<AggregateRow>({
  name: text(),
  domain: text(),
  stateVersion: whole(),
  events: texts,
  commands: texts,
})

/** What runs a command or query. */
export interface HandlerRow {
  /** The contract's name. */
  readonly name: string
  readonly domain: string
  /** `decider`: an aggregate decides it; `handler`: a function in the general form. */
  readonly handledBy: 'decider' | 'handler'
  readonly aggregate?: string | undefined
  readonly roles: readonly string[]
}
export const handlerRow: PlainSchema<HandlerRow> = record<HandlerRow>({
  name: text(),
  domain: text(),
  handledBy: oneOf(['decider', 'handler']),
  aggregate: optional(text()),
  roles: texts,
})

/** What a store tells of itself, never a connection string, a payload or a secret. */
export interface StoreRow {
  /** The port: `event`, `command`, `data`, `cache`, `log`, ... */
  readonly name: string
  readonly backend: string
  readonly readOnly: boolean
  /** Items that it holds, all tenants together; absent while it does not answer. */
  readonly items?: number | undefined
  readonly details: { readonly [name: string]: string | number | boolean }
  /** Why it does not answer, as codes and names. */
  readonly lastError?: string | undefined
}

/** What `Runtime.Schema` is asked. */
export interface SchemaInput {
  readonly domain: string
  /** `Type` or `Domain.Type`. */
  readonly type: string
  /** Which one, where a job and an event share a name; default: commands, queries, jobs, events, in this order. */
  readonly kind?: Kind | undefined
}
export const schemaInput: PlainSchema<SchemaInput> = record<SchemaInput>({
  domain: text(1, 512),
  type: text(1, 512),
  kind: optional(oneOf(['command', 'query', 'job', 'event'])),
})
export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}
export const percentiles: PlainSchema<Percentiles> = record<Percentiles>({ p50: number, p95: number, p99: number })
