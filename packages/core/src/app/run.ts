// A started app at work: it lets messages in while it lives, and out again before it stops.
import type { Command, Query } from '../contracts/messages.ts'
import { SubjectErased } from '../contracts/subject-erased.ts'
import { dispatch } from '../dispatch/dispatch.ts'
import type { Engine } from '../dispatch/engine.ts'
import type { Outcome } from '../dispatch/handler.ts'
import type { DispatchOptions, QueryOptions } from '../dispatch/options.ts'
import { query } from '../dispatch/query.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { deadline } from '../time/deadline.ts'
import type { Parts } from './parts.ts'
import { registerHost } from './running.ts'
import type { Host, Running } from './running.ts'

const noOptions = {}

/** The public face of what was wired. */
export function run<CommandType extends string, QueryType extends string>(
  name: string,
  parts: Parts,
  signal: AbortSignal | undefined,
): Running<CommandType, QueryType> {
  const { engine, catalogue, followers, stores, encryption, erasing, subscribing, outbox } = parts
  let stopping: Promise<void> | undefined

  const untypedDispatch: Host['dispatch'] = (message, options) => dispatch(engine, message, options)
  const untypedQuery: Host['query'] = (message, options) => query(engine, message, options)
  const stop = async (): Promise<void> => {
    signal?.removeEventListener('abort', onAbort)
    await Promise.all([engine.gate.close(), subscribing.stop()])
    await parts.stop()
  }
  const dispose = (): Promise<void> => (stopping ??= stop())
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
    query: async <Result>(message: Query<QueryType, unknown, Result>, options?: QueryOptions) =>
      (await untypedQuery(message, options ?? noOptions)).result as Result,
    as: (context: RequestContext) => ({
      dispatch: (command, options) =>
        running.dispatch(command, { ...options, context: { ...context, ...options?.context } }),
      query: (message, options) => running.query(message, { ...options, context: { ...context, ...options?.context } }),
    }),
    caughtUp: () =>
      inside(async () => {
        const head = await engine.store.head()
        await Promise.all(
          followers.map((follower) => follower.reach(head, deadline(engine.alarms, undefined, undefined))),
        )
      }),
    erase: (request) =>
      inside(async () => {
        const { position, commandId, ...erasure } = await given(erasing, 'erase a subject').erase(request)
        tellErased(engine, erasure.tenant, commandId, position)
        return { ...erasure, token: engine.tokens.token(position, commandId) }
      }),
    rotateKeys: () => inside(() => given(encryption, 'rotate keys').rotate()),
    subscribers: () => subscribing.subscribers,
    sources: () => subscribing.sources,
    outbox,
    stores,
    [Symbol.asyncDispose]: dispose,
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
    unready: () =>
      followers
        .filter(({ state }) => state !== 'live')
        .map(({ model, state, trouble }) => ({
          readModel: model.name,
          state,
          reason: trouble ?? 'it has not begun to follow',
        })),
  })
  return running
}

/** An erasure is no command of the app, and makes answers stale like any other event. */
function tellErased(engine: Engine, tenant: string, commandId: string, position: number): void {
  const context = tenant === '' ? {} : { targetTenant: tenant }
  const asking = { context, tenant, deadline: deadline(engine.alarms, undefined, undefined) }
  engine.present([], asking, { commandId, streams: [{ events: [SubjectErased] }] }, position)
}
