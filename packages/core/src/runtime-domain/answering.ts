// The handlers of the domain `Runtime`, and who may call them.
import type { Handler } from '../contracts/contract.ts'
import { allOf } from '../permissions/compose.ts'
import type { CustomPermission } from '../permissions/permission-entry.ts'
import { deny } from '../permissions/permission.ts'
import type { Check, PermissionTable } from '../permissions/permission.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { systemTenant } from '../request-context/system-context.ts'
import { eventStreamPermission, ExplainPermission, MetricsQuery, SchemaQuery, SystemInfoQuery } from './contracts.ts'
import type { ExplainInput, RuntimeContract } from './contracts.ts'
import { controlHandler } from './control.ts'
import { cronHandlers } from './crons.ts'
import { introspecting } from './introspecting.ts'
import { listHandlers } from './lists.ts'
import { queuedJobHandlers } from './queued-jobs.ts'
import { queueHandlers } from './queues.ts'
import { rateLimit } from './rate-limit.ts'
import { schemaOf } from './schema-of.ts'
import { metricsOf, systemInfoOf } from './system-info.ts'

/** Of what operators look at one by one, and change. */
const rate = rateLimit({}, 'runtimeDomain()')

export const runtimeHandlers: readonly Handler<RuntimeContract>[] = [
  ...listHandlers,
  introspecting(SystemInfoQuery, (app) => (input) => systemInfoOf(app, input)),
  introspecting(
    SchemaQuery,
    (app) =>
      (input, { context }) =>
        schemaOf(app, input, context),
  ),
  introspecting(ExplainPermission, (app) => async (input, { context }) => {
    const { permission, allowed, path } = await app.permissions.explain(askedAbout(input, context), input.permission)
    return { permission, allowed, path: path.map((step) => ({ ...step })) }
  }),
  introspecting(MetricsQuery, (app) => () => metricsOf(app)),
  controlHandler,
  ...queuedJobHandlers(rate),
  ...queueHandlers(rate),
  ...cronHandlers(rate),
]

/** Whose permission is explained: the caller's own, elsewhere than it asks from if the question says so, or another one's. */
function askedAbout(asked: ExplainInput, caller: RequestContext): RequestContext {
  const { tenant, identity, account, session, targetTenant, targetWorkspace } = asked
  const target = {
    ...(targetTenant !== undefined && { targetTenant }),
    ...(targetWorkspace !== undefined && { targetWorkspace }),
  }
  return isAboutOther(asked) ? { tenant, identity, account, session, ...target } : { ...caller, ...target }
}
function isAboutOther({ tenant, identity, account, session }: ExplainInput): boolean {
  return [tenant, identity, account, session].some((given) => given !== undefined)
}

/** Callers of other tenants are told nothing of the app as a whole. */
const underSystem: Check<unknown> = (_input, caller) =>
  caller.tenant === systemTenant ? undefined : deny('only callers of the tenant SYSTEM are told')

const operators: Check<unknown> = allOf<unknown>('authorized', underSystem)
const aboutOneself: Check<ExplainInput> = (input, caller) =>
  isAboutOther(input) && caller.tenant !== systemTenant
    ? deny('only callers of the tenant SYSTEM are told about others')
    : undefined

export const runtimePermissions: PermissionTable<RuntimeContract> = {
  'Runtime.PermissionList': 'authorized',
  'Runtime.CommandList': 'authorized',
  'Runtime.QueryList': 'authorized',
  'Runtime.EventList': 'authorized',
  'Runtime.Schema': 'authorized',
  'Runtime.ExplainPermission': allOf<ExplainInput>('authorized', aboutOneself),
  'Runtime.JobList': operators,
  'Runtime.AggregateList': operators,
  'Runtime.ReadModelList': operators,
  'Runtime.StoreList': operators,
  'Runtime.CommandHandlerList': operators,
  'Runtime.QueryHandlerList': operators,
  'Runtime.EventHandlerList': operators,
  'Runtime.SystemInfo': operators,
  'Runtime.Metrics': operators,
  'Runtime.ControlEventHandler': operators,
  'Runtime.QueuedJobList': operators,
  'Runtime.QueuedJob': operators,
  'Runtime.ControlJob': operators,
  'Runtime.QueueList': operators,
  'Runtime.ControlQueue': operators,
  'Runtime.CronList': operators,
  'Runtime.ControlCron': operators,
}

export const runtimeCustomPermissions: readonly CustomPermission[] = [
  { name: eventStreamPermission, description: 'Follow the events of the tenant as they are stored.' },
]
