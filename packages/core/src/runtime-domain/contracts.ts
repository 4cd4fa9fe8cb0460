// The contracts of the domain `Runtime`. Reference: docs/reference/runtime.md.
import type { CommandContract, QueryContract } from '../contracts/contract.ts'
import { command, query } from '../contracts/define.ts'
import { flag, oneOf, optional, record, text, whole } from '../schema/plain-schema.ts'
import type { PlainSchema } from '../schema/plain-schema.ts'
import {
  eventHandlerRow,
  permissionExplanation,
  runtimeMetrics,
  schemaAnswer,
  storeRow,
  systemInfo,
} from './answers.ts'
import type { EventHandlerRow, PermissionExplanation, RuntimeMetrics, SchemaAnswer, SystemInfo } from './answers.ts'
import type { QueuedJobContract } from './queued-jobs.ts'
import type { QueueContract } from './queues.ts'
import type { CronContract } from './crons.ts'
import { aggregateRow, eventRow, handlerRow, jobRow, listInput, messageRow, pageOfRows } from './rows.ts'
import { permissionRow, schemaInput } from './rows.ts'
import type { AggregateRow, EventRow, HandlerRow, JobRow, ListInput, ListPage, MessageRow } from './rows.ts'
import type { PermissionRow, SchemaInput, StoreRow } from './rows.ts'

type List<Type extends string, Row> = QueryContract<Type, ListInput, ListPage<Row>>

export const PermissionList: List<'Runtime.PermissionList', PermissionRow> = query('Runtime.PermissionList', {
  description: 'See the permissions: all under the tenant SYSTEM, elsewhere those that the caller holds.',
  input: listInput,
  result: pageOfRows(permissionRow),
})
export const CommandList: List<'Runtime.CommandList', MessageRow> = query('Runtime.CommandList', {
  description: 'See the commands: all under the tenant SYSTEM, elsewhere those that the caller may run.',
  input: listInput,
  result: pageOfRows(messageRow),
})
export const QueryList: List<'Runtime.QueryList', MessageRow> = query('Runtime.QueryList', {
  description: 'See the queries: all under the tenant SYSTEM, elsewhere those that the caller may run.',
  input: listInput,
  result: pageOfRows(messageRow),
})
export const EventList: List<'Runtime.EventList', EventRow> = query('Runtime.EventList', {
  description: 'See the events: all under the tenant SYSTEM, elsewhere those of domains that the caller may read.',
  input: listInput,
  result: pageOfRows(eventRow),
})
export const JobList: List<'Runtime.JobList', JobRow> = query('Runtime.JobList', {
  description: 'See the jobs that the app has a handler for.',
  input: listInput,
  result: pageOfRows(jobRow),
})
export const AggregateList: List<'Runtime.AggregateList', AggregateRow> = query('Runtime.AggregateList', {
  description: 'See the aggregates.',
  input: listInput,
  result: pageOfRows(aggregateRow),
})
export const ReadModelList: List<'Runtime.ReadModelList', EventHandlerRow> = query('Runtime.ReadModelList', {
  description: 'See the read models, how they are and what they have done.',
  input: listInput,
  result: pageOfRows(eventHandlerRow),
})
export const StoreList: List<'Runtime.StoreList', StoreRow> = query('Runtime.StoreList', {
  description: 'See what the stores tell of themselves.',
  input: listInput,
  result: pageOfRows(storeRow),
})
export const CommandHandlerList: List<'Runtime.CommandHandlerList', HandlerRow> = query('Runtime.CommandHandlerList', {
  description: 'See what runs the commands.',
  input: listInput,
  result: pageOfRows(handlerRow),
})
export const QueryHandlerList: List<'Runtime.QueryHandlerList', HandlerRow> = query('Runtime.QueryHandlerList', {
  description: 'See what runs the queries.',
  input: listInput,
  result: pageOfRows(handlerRow),
})
export const EventHandlerList: List<'Runtime.EventHandlerList', EventHandlerRow> = query('Runtime.EventHandlerList', {
  description: 'See read models and subscribers, how they are and what they have done.',
  input: listInput,
  result: pageOfRows(eventHandlerRow),
})

/** A page of the tenants' names. */
export type SystemInfoInput = Omit<ListInput, 'domain'>
const systemInfoInput: PlainSchema<SystemInfoInput> = record<SystemInfoInput>({
  limit: optional(whole(1, 1_000)),
  offset: optional(whole(0)),
})
export const SystemInfoQuery: QueryContract<'Runtime.SystemInfo', SystemInfoInput, SystemInfo> = query(
  'Runtime.SystemInfo',
  {
    description: 'See name, version and instance of the app, and the tenants that it has.',
    input: systemInfoInput,
    result: systemInfo,
  },
)
export const SchemaQuery: QueryContract<'Runtime.Schema', SchemaInput, SchemaAnswer> = query('Runtime.Schema', {
  description: 'See the JSON Schema of a command, query, job or event.',
  input: schemaInput,
  result: schemaAnswer,
})

export interface ExplainInput {
  /** The permission's name. */
  readonly permission: string
  /** Whose; each as it is known of the caller by default. Only callers of the tenant SYSTEM ask about others. */
  readonly tenant?: string | undefined
  readonly identity?: string | undefined
  readonly account?: string | undefined
  readonly session?: string | undefined
  readonly targetTenant?: string | undefined
  readonly targetWorkspace?: string | undefined
}
const who = optional(text(1, 512))
/** The empty text is that of an app without tenants. */
const whoseTenant = optional(text(0, 512))
export const ExplainPermission: QueryContract<'Runtime.ExplainPermission', ExplainInput, PermissionExplanation> = query(
  'Runtime.ExplainPermission',
  {
    description: 'See why somebody may do something or may not; under other tenants than SYSTEM, oneself alone.',
    input: record<ExplainInput>({
      permission: text(1, 512),
      tenant: whoseTenant,
      identity: who,
      account: who,
      session: who,
      targetTenant: whoseTenant,
      targetWorkspace: who,
    }),
    result: permissionExplanation,
  },
)
export const MetricsQuery: QueryContract<'Runtime.Metrics', void, RuntimeMetrics> = query('Runtime.Metrics', {
  description: 'See what is counted in this process.',
  result: runtimeMetrics,
})

export const controlActions = ['start', 'stop', 'restart', 'pause', 'resume', 'restore', 'cancel'] as const
export interface ControlInput {
  readonly eventHandlerName: string
  readonly action: (typeof controlActions)[number]
  /** With `restore`: builds a new view from the first event on. Default: goes on from where it is. */
  readonly restoreFromZero?: boolean | undefined
}
const controlInput: PlainSchema<ControlInput> = record<ControlInput>({
  eventHandlerName: text(1, 512),
  action: oneOf(controlActions),
  restoreFromZero: optional(flag),
})
export const ControlEventHandler: CommandContract<'Runtime.ControlEventHandler', ControlInput, EventHandlerRow> =
  command('Runtime.ControlEventHandler', {
    description: 'Start, stop, pause and restore read models.',
    input: controlInput,
    result: eventHandlerRow,
    audited: true,
  })

/** The contracts of the domain, for its type. */
export type RuntimeContract =
  | typeof PermissionList
  | typeof CommandList
  | typeof QueryList
  | typeof EventList
  | typeof JobList
  | typeof AggregateList
  | typeof ReadModelList
  | typeof StoreList
  | typeof CommandHandlerList
  | typeof QueryHandlerList
  | typeof EventHandlerList
  | typeof SystemInfoQuery
  | typeof SchemaQuery
  | typeof ExplainPermission
  | typeof MetricsQuery
  | typeof ControlEventHandler
  | QueuedJobContract
  | QueueContract
  | CronContract

/** The permission of the runtime event stream, which is no message. */
export const eventStreamPermission = 'Runtime.EventStream'
