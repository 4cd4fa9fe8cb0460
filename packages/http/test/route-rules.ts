// The table of the permission matrix: which permission each route of both addresses asks for, and what is sent there.

/** As the servers say it. */
export interface Route {
  readonly address: 'main' | 'admin'
  readonly method: string
  readonly url: string
}

/** What is asked of the caller of a route. */
export type Rule =
  | 'public'
  | 'member'
  | {
      readonly permission: string
      /** Held in the tenant SYSTEM it is for the data of all tenants. */
      readonly ofOperators?: true
      /** Groups that hold it are not enough. */
      readonly ofAdministrators?: true
      /** What is sent, where the path alone does not say what is asked for. */
      readonly body?: unknown
    }

export const contractLevels: { readonly [name: string]: 'anonymous' | 'authenticated' | 'authorized' | 'owner' } = {
  'Order.Open': 'anonymous',
  'Order.Note': 'authenticated',
  'Order.File': 'authorized',
  'Order.Find': 'authorized',
  'Order.Seal': 'owner',
}
/** Of the runtime: what callers of every tenant are told of their own. */
export const forEveryTenant = [
  'PermissionList',
  'CommandList',
  'QueryList',
  'EventList',
  'Schema',
  'ExplainPermission',
  'EventStream',
]

const listPaths: { readonly [path: string]: string } = {
  'permission-list': 'Runtime.PermissionList',
  'command-list': 'Runtime.CommandList',
  'query-list': 'Runtime.QueryList',
  'event-list': 'Runtime.EventList',
  'job-list': 'Runtime.JobList',
  'aggregate-list': 'Runtime.AggregateList',
  'read-model-list': 'Runtime.ReadModelList',
  'store-list': 'Runtime.StoreList',
  'command-handler-list': 'Runtime.CommandHandlerList',
  'query-handler-list': 'Runtime.QueryHandlerList',
  'event-handler-list': 'Runtime.EventHandlerList',
  'system-info': 'Runtime.SystemInfo',
  schema: 'Runtime.Schema',
  'permission-explain': 'Runtime.ExplainPermission',
  metrics: 'Runtime.Metrics',
  'queued-job-list': 'Runtime.QueuedJobList',
  'queued-job': 'Runtime.QueuedJob',
  'queued-job-control': 'Runtime.ControlJob',
  'queue-list': 'Runtime.QueueList',
  'queue-control': 'Runtime.ControlQueue',
  'cron-list': 'Runtime.CronList',
  'cron-control': 'Runtime.ControlCron',
  events: 'Runtime.EventStream',
}
/** Those that the admin address has beside the runtime: below `/admin`, or below a runtime. */
const operatorPaths: { readonly [route: string]: string } = {
  'GET /admin/health': 'Runtime.SystemInfo',
  'GET /admin/read-models': 'Runtime.EventHandlerList',
  'GET /admin/read-models/:name': 'Runtime.EventHandlerList',
  'POST /admin/read-models/:name': 'Runtime.ControlEventHandler',
  'GET /admin/read-models/:name/parked': 'Runtime.EventHandlerList',
  'POST /admin/read-models/:name/parked': 'Runtime.ControlEventHandler',
  'POST /admin/read-models/:name/verify': 'Runtime.EventHandlerList',
  'GET /admin/subscribers': 'Runtime.EventHandlerList',
  'GET /admin/command-log': 'StoreCommand.Info',
  'GET /admin/audit': 'Audit.Read',
  'GET /admin/audit/export': 'Audit.Export',
  'POST /admin/audit/verify': 'Audit.Verify',
  'POST /admin/audit/checkpoint': 'Audit.Verify',
  'GET /metrics': 'Runtime.Metrics',
  'GET trace/:name': 'Runtime.Trace',
  'GET commands': 'StoreCommand.Read',
  'POST commands': 'StoreCommand.Delete',
  'GET commands/:name': 'StoreCommand.Read',
  'POST commands/:name': 'StoreCommand.Update',
  'GET audit': 'Audit.Read',
  'GET audit/export': 'Audit.Export',
  'POST audit/verify': 'Audit.Verify',
}
/** What the main address has nothing of. */
const forOperators = [
  'metrics',
  'queued-job-list',
  'queued-job',
  'queued-job-control',
  'queue-list',
  'queue-control',
  'cron-list',
  'cron-control',
]
const publicPaths = ['/healthz', '/started', '/ready', '/docs', '/docs/errors', '/docs/style.css', '/docs/api']
const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

export function ruleOf({ address: at, method, url }: Route): Rule | undefined {
  if (at === 'main' && method === 'GET' && publicPaths.includes(url)) return 'public'
  if (at === 'main' && method === 'GET' && url === '/api/events') return 'member'
  const [, kind, contract] = /^\/api\/(commands|queries|call)\/(.+)$/.exec(url) ?? []
  if (at === 'main' && contract !== undefined && (kind === 'queries' ? 'GET' : 'POST') === method)
    return contract in contractLevels ? { permission: contract } : undefined
  if (at === 'admin' && operatorPaths[`${method} ${url}`] !== undefined)
    return { permission: operatorPaths[`${method} ${url}`] ?? '', ofOperators: true }
  const [, path = ''] = /^\/api(?:\/tenants\/:tenantUuid)?\/runtime\/(.+)$/.exec(url) ?? []
  if (at === 'admin' && operatorPaths[`${method} ${path}`] !== undefined)
    return { permission: operatorPaths[`${method} ${path}`] ?? '', ofOperators: true }
  const [, store, action] = /^store\/(\w+)\/(\w+)$/.exec(path) ?? []
  if (at === 'admin' && method === 'POST' && store !== undefined && action !== undefined)
    return { permission: `Store${capital(store)}.${capital(action)}`, ofAdministrators: true }
  const listed = listPaths[path]
  if (listed === undefined || method !== (path === 'events' ? 'GET' : 'POST')) return undefined
  return at === 'main' && forOperators.includes(path) ? undefined : { permission: listed }
}

const bodies: { readonly [permission: string]: unknown } = {
  'Order.Seal': { owner: 'a clerk' },
  'Runtime.Schema': { domain: 'Order', type: 'Seal' },
  'Runtime.ExplainPermission': { permission: 'Order.File' },
  'StoreCommand.Update': { action: 'redact' },
  'Runtime.QueuedJob': { jobId: 'c.j0' },
  'Runtime.ControlJob': { action: 'hurry', filter: { queue: 'none' }, reason: 'the matrix asks' },
  'Runtime.ControlCron': { cron: 'None.None', action: 'pause', reason: 'the matrix asks' },
  'Runtime.ControlQueue': { queue: 'none', action: 'resume', reason: 'the matrix asks' },
}
const reason = 'the matrix asks'
const inAcme = { tenant: 'acme', reason }
const storeBodies: { readonly [permission: string]: unknown } = {
  'StoreData.Read': { tenant: 'acme' },
  'StoreCache.Read': { tenant: 'acme' },
  'StoreEvent.Update': { ...inAcme, eventId: 'none.0', data: '{}' },
  'StoreEvent.Delete': { ...inAcme, eventId: 'none.0' },
  'StoreCommand.Update': { ...inAcme, commandId: 'none' },
  'StoreCommand.Delete': { ...inAcme, before: '2000-01-01T00:00:00Z' },
  'StoreData.Update': { ...inAcme, bucket: 'b', object: 'o', contentType: 'text/plain', content: 'AA==' },
  'StoreData.Delete': { ...inAcme, bucket: 'b', object: 'o' },
  'StoreCache.Update': { ...inAcme, key: 'k', value: '1' },
  'StoreCache.Delete': { ...inAcme, key: 'k' },
  'StoreLog.Update': { reason },
  'StoreLog.Delete': { ...inAcme, before: '2000-01-01T00:00:00Z' },
}
/** What is sent to it. */
export function bodyOf(rule: Rule): unknown {
  if (typeof rule === 'string') return {}
  return rule.body ?? (rule.ofAdministrators === true ? storeBodies : bodies)[rule.permission] ?? {}
}
