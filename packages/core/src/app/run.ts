// A started app at work: it lets messages in while it lives, and out again before it stops.
import type { Command, Query } from '../contracts/messages.ts'
import { SubjectErased } from '../contracts/subject-erased.ts'
import { dispatch } from '../dispatch/dispatch.ts'
import type { Engine } from '../dispatch/engine.ts'
import type { Outcome } from '../dispatch/handler.ts'
import type { DispatchOptions, QueryOptions } from '../dispatch/options.ts'
import { query } from '../dispatch/query.ts'
import { erasePermission, rotateKeysPermission } from '../permissions/registry.ts'
import { systemTenant } from '../request-context/system-context.ts'
import type { HistoryAsked } from '../read-models/history.ts'
import type { RunningReadModels } from '../pump/read-models.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { deadline } from '../time/deadline.ts'
import type { Parts } from './parts.ts'
import { registerHost } from './running.ts'
import type { Asked, Host, Running } from './running.ts'

const noOptions = {}

/** The public face of what was wired. */
export function run<CommandType extends string, QueryType extends string>(
  name: string,
  parts: Parts,
  signal: AbortSignal | undefined,
): Running<CommandType, QueryType> {
  const { engine, catalogue, readModels, stores, encryption, erasing, subscribing, outbox, commandLog } = parts
  const { permissions, audit } = parts
  let stopping: Promise<void> | undefined

  const untypedDispatch: Host['dispatch'] = (message, options) => dispatch(engine, message, options)
  const untypedQuery: Host['query'] = (message, options) => query(engine, message, options)
  const stop = async (patienceMs?: number): Promise<void> => {
    signal?.removeEventListener('abort', onAbort)
    for (const access of readModels.accesses.values()) access.leave()
    await Promise.all([engine.gate.close(), subscribing.stop(patienceMs), parts.jobs.stop(patienceMs)])
    await parts.stop()
  }
  const dispose = (patienceMs?: number): Promise<void> => (stopping ??= stop(patienceMs))
  // What stopping throws is reported where the app is disposed; an abort has nobody to tell.
  const onAbort = (): void => void dispose().catch(() => undefined)
  signal?.addEventListener('abort', onAbort, { once: true })

  const inside = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    engine.gate.enter()
    try {
      return await work()
    } finally {
      engine.gate.leave()
    }
  }
  const given = <Part>(part: Part | undefined, what: string): Part => {
    if (part !== undefined) return part
    throw new Error(`The app ${name} cannot ${what}: start() was given no encryption.`)
  }

  const running: Running<CommandType, QueryType> = {
    dispatch: <Result, Rejections>(
      command: Command<CommandType, unknown, Result, Rejections>,
      options?: DispatchOptions,
    ) => untypedDispatch(command, options ?? noOptions) as Promise<Outcome<Result, Rejections>>,
    query: async <Result, History extends HistoryAsked = undefined>(
      message: Query<QueryType, unknown, Result>,
      options?: QueryOptions<History>,
    ) => (await untypedQuery(message, options ?? noOptions)).result as Asked<Result, History>,
    as: (context: RequestContext) => ({
      dispatch: (command, options) =>
        running.dispatch(command, { ...options, context: { ...context, ...options?.context } }),
      query: (message, options) => running.query(message, { ...options, context: { ...context, ...options?.context } }),
    }),
    caughtUp: () =>
      inside(async () => {
        const head = await engine.store.head()
        const limit = deadline(engine.alarms, undefined, undefined)
        await Promise.all([...readModels.accesses.values()].map((access) => access.reach(head, limit)))
      }),
    erase: (request, caller) =>
      inside(async () => {
        if (caller !== undefined)
          await permissions.require({ ...caller, targetTenant: request.tenant ?? '' }, erasePermission)
        const { position, commandId, ...erasure } = await given(erasing, 'erase a subject').erase(request)
        tellErased(engine, erasure.tenant, commandId, position)
        return { ...erasure, token: engine.tokens.token(position, commandId) }
      }),
    rotateKeys: (caller) =>
      inside(async () => {
        if (caller !== undefined)
          await permissions.require({ ...caller, targetTenant: systemTenant }, rotateKeysPermission)
        return given(encryption, 'rotate keys').rotate()
      }),
    readModels,
    subscribers: () => subscribing.subscribers,
    sources: () => subscribing.sources,
    outbox,
    jobs: parts.jobs.jobs,
    processManagers: parts.processManagers,
    operations: parts.operations,
    crons: parts.crons,
    commandLog,
    permissions,
    audit,
    cache: parts.cache,
    stores,
    [Symbol.asyncDispose]: () => dispose(),
  }
  registerHost(running, {
    name,
    incarnation: engine.store.identity.incarnation,
    contracts: catalogue.exposed,
    get state() {
      return engine.gate.open ? 'live' : 'stopping'
    },
    dispatch: untypedDispatch,
    query: untypedQuery,
    head: () => engine.store.head(),
    unready: () => unreadyOf(readModels),
    role: engine.role,
    readModels,
    subscribers: () => subscribing.subscribers,
    jobWorker: () => parts.jobs.jobs.status,
    commandLog,
    permissions,
    audit,
    runtime: parts.runtime,
    metrics: () => parts.operations.metrics(),
    stop: dispose,
  })
  return running
}

/** An erasure is no command of the app, and makes answers stale like any other event. */
function tellErased(engine: Engine, tenant: string, commandId: string, position: number): void {
  const context = tenant === '' ? {} : { targetTenant: tenant }
  const asking = { context, tenant, deadline: deadline(engine.alarms, undefined, undefined) }
  engine.present([], asking, { commandId, streams: [{ events: [SubjectErased] }] }, position)
}

/** What an operator stopped or paused is no reason to send nobody here; what cannot be read is. */
function unreadyOf({ accesses, list }: RunningReadModels): ReturnType<Host['unready']> {
  const states = new Map(list().map(({ name, state }) => [name, state]))
  return [...accesses.values()].flatMap(({ runner }) => {
    const state = states.get(runner.model.name) ?? 'stopped'
    if (state === 'paused' || state === 'stopped') return []
    // A build that fails beside the view that queries read keeps nobody from reading that.
    const trouble =
      runner.error ?? (runner.shown === undefined ? runner.trouble : runner.generations?.live?.follower.trouble)
    if (runner.shown !== undefined && trouble === undefined) return []
    const reason = trouble === undefined ? 'it is being built' : messageOf(trouble)
    return [{ readModel: runner.model.name, state, reason }]
  })
}

function messageOf(trouble: unknown): string {
  return trouble instanceof Error ? trouble.message : String(trouble)
}
