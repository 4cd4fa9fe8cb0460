// Where transports answer the contracts of the runtime domain: `POST /api/tenants/{tenantUuid}/runtime/<path>`, the body is the input.

export interface RuntimeRoute {
  /** Below the base, such as `permission-list`. */
  readonly path: string
  readonly contract: string
  readonly kind: 'query' | 'command'
  /** `admin`: on the separate address for operators alone. */
  readonly address: 'public' | 'admin'
}

const lists = ['permission', 'command', 'query', 'event', 'job', 'aggregate', 'read-model', 'store'] as const
const handlerLists = ['command-handler', 'query-handler', 'event-handler'] as const
const stores = ['event', 'command', 'data', 'cache', 'log'] as const

/** A body with `action` at `event-handler-list` is the command `Runtime.ControlEventHandler`, on the admin address alone. */
export const runtimeRoutes: readonly RuntimeRoute[] = [
  ...[...lists, ...handlerLists].map((name) => route(`${name}-list`, `Runtime.${pascal(name)}List`, 'query', 'public')),
  route('system-info', 'Runtime.SystemInfo', 'query', 'public'),
  route('schema', 'Runtime.Schema', 'query', 'public'),
  route('permission-explain', 'Runtime.ExplainPermission', 'query', 'public'),
  route('metrics', 'Runtime.Metrics', 'query', 'admin'),
  route('queued-job-list', 'Runtime.QueuedJobList', 'query', 'admin'),
  route('queued-job', 'Runtime.QueuedJob', 'query', 'admin'),
  route('queued-job-control', 'Runtime.ControlJob', 'command', 'admin'),
  route('queue-list', 'Runtime.QueueList', 'query', 'admin'),
  route('queue-control', 'Runtime.ControlQueue', 'command', 'admin'),
  route('cron-list', 'Runtime.CronList', 'query', 'admin'),
  route('cron-control', 'Runtime.ControlCron', 'command', 'admin'),
  ...stores.flatMap((store) => [
    route(`store/${store}/info`, `Store${pascal(store)}.Info`, 'query', 'admin'),
    route(`store/${store}/read`, `Store${pascal(store)}.Read`, 'query', 'admin'),
    route(`store/${store}/update`, `Store${pascal(store)}.Update`, 'command', 'admin'),
    route(`store/${store}/delete`, `Store${pascal(store)}.Delete`, 'command', 'admin'),
  ]),
]

function route(
  path: string,
  contract: string,
  kind: RuntimeRoute['kind'],
  address: RuntimeRoute['address'],
): RuntimeRoute {
  return { path, contract, kind, address }
}

function pascal(name: string): string {
  return name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())
}
