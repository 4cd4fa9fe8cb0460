// What the runtime domain answers beside its lists. Reference: docs/reference/runtime.md.
import type { JsonSchema } from '../schema/json-schema.ts'
import {
  anyValue,
  flag,
  listOf,
  mapOf,
  number,
  oneOf,
  optional,
  record,
  text,
  time,
  whole,
} from '../schema/plain-schema.ts'
import type { PlainSchema } from '../schema/plain-schema.ts'
import { percentiles } from './rows.ts'
import type { Percentiles, StoreRow } from './rows.ts'

/** Counted since the process started; what a kind of handler does not count is absent. */
interface HandlerMetrics {
  readonly processed?: number | undefined
  readonly applied?: number | undefined
  readonly skipped?: number | undefined
  readonly failed?: number | undefined
  readonly lastPosition?: number | undefined
  readonly lastEventAt?: string | undefined
  readonly lagEvents?: number | undefined
  readonly lagMs?: number | undefined
  readonly latencyMs?: Percentiles | undefined
}
const counter = optional(whole())
const handlerMetrics: PlainSchema<HandlerMetrics> = record<HandlerMetrics>({
  processed: counter,
  applied: counter,
  skipped: counter,
  failed: counter,
  lastPosition: counter,
  lastEventAt: optional(time),
  lagEvents: counter,
  lagMs: optional(number),
  latencyMs: optional(percentiles),
})

/** A read model, a subscriber or a process manager, as this process sees it. */
export interface EventHandlerRow {
  readonly name: string
  readonly domain: string
  readonly kind: 'readModel' | 'subscriber' | 'processManager'
  /** Whether `Runtime.ControlEventHandler` does anything with it. */
  readonly restorable: boolean
  readonly state: string
  /** Whether this process runs it. */
  readonly owned: boolean
  /** What went wrong last, as codes and names: nothing of what an error said. */
  readonly lastError?: string | undefined
  readonly metrics: HandlerMetrics
  /** Events that wait for an operator; read models only. */
  readonly parked?: number | undefined
  /** How far a build has come. */
  readonly restore?: RestoreRow | undefined
}
interface RestoreRow {
  readonly generation: number
  readonly position: number
  readonly total: number
  readonly eventsPerSecond: number
  readonly remainingMs?: number | undefined
}
const restoreRow: PlainSchema<RestoreRow> = record<RestoreRow>({
  generation: whole(),
  position: whole(),
  total: whole(),
  eventsPerSecond: number,
  remainingMs: optional(number),
})
export const eventHandlerRow: PlainSchema<EventHandlerRow> = record<EventHandlerRow>({
  name: text(),
  domain: text(),
  kind: oneOf(['readModel', 'subscriber', 'processManager']),
  restorable: flag,
  state: text(),
  owned: flag,
  lastError: optional(text()),
  metrics: handlerMetrics,
  parked: counter,
  restore: optional(restoreRow),
})

const storeFact = anyValue as PlainSchema<string | number | boolean>
export const storeRow: PlainSchema<StoreRow> = record<StoreRow>({
  name: text(),
  backend: text(),
  readOnly: flag,
  items: optional(whole()),
  details: mapOf(storeFact),
  lastError: optional(text()),
})

/** The runtime event stream of this process. */
interface StreamRow {
  readonly state: 'running' | 'stopped'
  readonly open: number
  readonly openMax: number
  readonly refused: number
  readonly revoked: number
  readonly shown: number
}
const streamRow: PlainSchema<StreamRow> = record<StreamRow>({
  state: oneOf(['running', 'stopped']),
  open: whole(),
  openMax: whole(),
  refused: whole(),
  revoked: whole(),
  shown: whole(),
})

/** A domain of the app, in the order in which they start. */
interface DomainRow {
  readonly name: string
  /** What `domain({ version })` was given. */
  readonly version?: string | undefined
  readonly dependsOn: readonly string[]
}

export interface SystemInfo {
  readonly name: string
  /** What `start({ version })` was given. */
  readonly version?: string | undefined
  /** Of this process, new with every start. */
  readonly instance: string
  readonly startedAt: string
  readonly uptimeMs: number
  readonly node: string
  readonly role?: string | undefined
  /** Each after those that it depends on. */
  readonly domains: readonly DomainRow[]
  /** Tenants that have an event; `names` is a page of them. */
  readonly tenants: { readonly count: number; readonly names: readonly string[] }
  readonly stream: StreamRow
}
export const systemInfo: PlainSchema<SystemInfo> = record<SystemInfo>({
  name: text(),
  version: optional(text()),
  instance: text(),
  startedAt: time,
  uptimeMs: whole(),
  node: text(),
  role: optional(text()),
  domains: listOf(record<DomainRow>({ name: text(), version: optional(text()), dependsOn: listOf(text()) })),
  tenants: record<SystemInfo['tenants']>({ count: whole(), names: listOf(text()) }),
  stream: streamRow,
})

/** The JSON Schema 2020-12 of what a contract takes and gives. */
export interface SchemaAnswer {
  readonly domain: string
  /** `Domain.Type`. */
  readonly type: string
  readonly kind: 'command' | 'query' | 'job' | 'event'
  /** Whether everything that the contract declares could be converted. */
  readonly convertible: boolean
  /** Why not. */
  readonly reason?: string | undefined
  /** Of the input; of an event, its data. Absent when the contract takes nothing, or when it could not be converted. */
  readonly schema?: JsonSchema | undefined
  /** Commands and queries. */
  readonly result?: JsonSchema | undefined
}
const jsonSchema = mapOf(anyValue)
export const schemaAnswer: PlainSchema<SchemaAnswer> = record<SchemaAnswer>({
  domain: text(),
  type: text(),
  kind: oneOf(['command', 'query', 'job', 'event']),
  convertible: flag,
  reason: optional(text()),
  schema: optional(jsonSchema),
  result: optional(jsonSchema),
})

/** The way to a decision about the permission of a caller. */
export interface PermissionExplanation {
  readonly permission: string
  readonly allowed: boolean
  readonly path: readonly ExplainedStep[]
}
interface ExplainedStep {
  readonly step: string
  readonly result: 'allowed' | 'denied' | 'passed'
  readonly reason: string
  readonly groups?: readonly string[] | undefined
}
export const permissionExplanation: PlainSchema<PermissionExplanation> = record<PermissionExplanation>({
  permission: text(),
  allowed: flag,
  path: listOf(
    record<ExplainedStep>({
      step: text(),
      result: oneOf(['allowed', 'denied', 'passed']),
      reason: text(),
      groups: optional(listOf(text())),
    }),
  ),
})

export interface RuntimeMetrics {
  readonly at: string
  readonly eventHandlers: readonly EventHandlerRow[]
  readonly stream: StreamRow
  readonly stores: readonly StoreRow[]
  readonly commandLog: {
    readonly recorded: number
    readonly sampled: number
    readonly lost: number
    readonly lastError?: string | undefined
    readonly retentionError?: string | undefined
  }
  /** Entries of strangers that were beyond what is kept per second, and those that could not be stored. */
  readonly audit: { readonly sampled: number; readonly lost: number; readonly lastError?: string | undefined }
}
export const runtimeMetrics: PlainSchema<RuntimeMetrics> = record<RuntimeMetrics>({
  at: time,
  eventHandlers: listOf(eventHandlerRow),
  stream: streamRow,
  stores: listOf(storeRow),
  commandLog: record<RuntimeMetrics['commandLog']>({
    recorded: whole(),
    sampled: whole(),
    lost: whole(),
    lastError: optional(text()),
    retentionError: optional(text()),
  }),
  audit: record<RuntimeMetrics['audit']>({ sampled: whole(), lost: whole(), lastError: optional(text()) }),
})
