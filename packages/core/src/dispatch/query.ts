// Queries: the same gate as commands, then a handler that reads read models and nothing else.
import type { ContractParts } from '../contracts/contract.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { observationNames } from '../observation/observation-names.ts'
import type { Query, Role } from '../contracts/messages.ts'
import { historyRange, limitOfOne } from '../read-models/history.ts'
import type { HistoryAsked, HistoryOptions } from '../read-models/history.ts'
import type { Readable } from '../read-models/read-model.ts'
import { admit, observeEntry } from '../registry/registry.ts'
import { tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { parse } from '../schema/parse.ts'
import { divergedToken, markOf } from '../stores/event/token.ts'
import { timeText } from '../time/clock.ts'
import { deadline } from '../time/deadline.ts'
import type { Deadline } from '../time/deadline.ts'
import { keepFailure } from './auditing.ts'
import type { Act } from './auditing.ts'
import type { Arrival, Engine } from './engine.ts'
import type { HandlerCache } from './caching.ts'
import { cacheFor } from './query-cache.ts'
import type { HandlerContext, QueryContext, RunHandler } from './handler.ts'
import { checkHistory, historyAccess, withHistory } from './history.ts'
import { whileHandling } from './nesting.ts'
import { placed } from './placed.ts'
import type { QueryOptions } from './options.ts'
import { traced } from './traced.ts'
import type { Reading, Seen, Shown } from './views.ts'

interface Asking {
  readonly role: Role | undefined
  readonly after: number | undefined
  readonly deadline: Deadline
  /** The caller's. */
  readonly signal?: AbortSignal | undefined
  readonly metadata?: { readonly [name: string]: string } | undefined
  /** Where to note the aggregates that the answer shows; absent: nobody asks for their history. */
  readonly shown?: Shown | undefined
}
/** A query's answer, and the version of the one aggregate that it shows, when it shows exactly one. */
export interface Answered {
  readonly result: unknown
  readonly version: number | undefined
}

/** Runs a query. Errors: by code, see docs/reference/errors.md; a handler's own error is thrown unchanged. */
export function query(
  engine: Engine,
  message: { readonly type: string; readonly data: unknown },
  options: QueryOptions<HistoryAsked>,
): Promise<Answered> {
  return traced(engine.tracing, 'query', message.type, options, (own) => answerQuery(engine, message, own))
}

async function answerQuery(
  engine: Engine,
  message: { readonly type: string; readonly data: unknown },
  options: QueryOptions<HistoryAsked>,
): Promise<Answered> {
  const history = historyRange(options.history, limitOfOne)
  const limit = deadline(engine.alarms, options.deadlineMs, options.signal)
  engine.gate.enter()
  try {
    const place = options.after === undefined ? undefined : positionOf(engine, options.after)
    const after = place instanceof Promise ? await limit.race('the token was being read', place) : place
    const context = placed(engine, message.type, options.context)
    const { metadata, signal, role = engine.role } = options
    const asking: Asking = { role, after, deadline: limit, signal, metadata }
    if (history === undefined) return await ask(engine, message, context, asking)
    const shown: Shown = new Map()
    const { result } = await ask(engine, message, context, { ...asking, shown })
    const asked = { type: message.type, tenant: tenantOf(context) }
    const reading = withHistory(engine, asked, result, shown, history)
    // The log may be ahead of the view that the answer is made of, so no version names both.
    return { result: await limit.race(`the history of ${message.type} was being read`, reading), version: undefined }
  } finally {
    limit.release()
    engine.gate.leave()
  }
}

/** The position of a token, once its mark is the one of the commit that lies there. Errors: `invalid_token`, `diverged`. */
function positionOf({ tokens, store }: Engine, token: string): number | Promise<number> {
  const { position, mark } = tokens.place(token)
  if (mark === undefined || position === 0) return position
  return store.readAll({ after: position - 1, limit: 1 }).then(([event]) => {
    // What is not there yet may come: the view decides how long it waits.
    if (event !== undefined && markOf(event.commandId) !== mark) throw divergedToken()
    return position
  })
}

/** What every handler may do: read views, ask other queries. `isQuery`: use the cache, on which nothing is decided. */
export function queryContext(
  engine: Engine,
  context: RequestContext,
  asking: Asking,
  seen: Seen = { reads: 0, versions: [], aggregates: undefined },
  isQuery = false,
): QueryContext {
  return new QueryScope(engine, context, asking, seen, isQuery)
}

/** One per run. The getter lies in the class, because in an object literal it costs more than all the rest. */
class QueryScope implements QueryContext {
  readonly context: RequestContext
  readonly metadata: HandlerContext['metadata']
  readonly now: string
  readonly newId: () => string
  readonly read: HandlerContext['read']
  readonly query: HandlerContext['query']
  readonly history: HandlerContext['history']
  readonly #deadline: Deadline
  readonly #engine: Engine
  readonly #reading: Reading
  readonly #isQuery: boolean

  constructor(engine: Engine, context: RequestContext, asking: Asking, seen: Seen, isQuery: boolean) {
    const tenant = tenantOf(context)
    const history = historyAccess(engine, tenant, seen)
    const reading: Reading = { tenant, after: asking.after, deadline: asking.deadline, seen, history }
    this.context = context
    this.metadata = asking.metadata
    this.now = timeText(engine.clock.nowUs())
    this.newId = engine.ids.newId
    this.read = <Reader>(model: Readable<Reader>) => engine.views.reader(model, reading) as Reader
    this.query = async <Result>(inner: Query<string, unknown, Result>) => {
      seen.reads += 2
      try {
        return (await ask(engine, inner, context, asking, true)).result as Result
      } catch (error) {
        throw innerFault(inner.type, error)
      }
    }
    this.history = async ({ name }: { readonly name: string }, id: string, options: HistoryOptions = {}) => {
      const range = historyRange(options, limitOfOne)
      if (!engine.aggregates.has(name))
        throw new Error(`The app has no aggregate ${name}. Add it to aggregates of its domain.`)
      const [page] = range === undefined ? [] : await history.read(name, [id], range)
      return page ?? { items: [], hasMore: false }
    }
    this.#deadline = asking.deadline
    this.#engine = engine
    this.#reading = reading
    this.#isQuery = isQuery
  }

  get cache(): HandlerCache {
    if (!this.#isQuery)
      throw new Error(
        'Only a handler of a query has a cache: nothing is decided on what was kept. Use running.cache beside it.',
      )
    return cacheFor(this.#engine, this.#reading)
  }

  get signal(): AbortSignal {
    return this.#deadline.signal
  }
}

/**
 * `isInner`: its answer goes to a handler, which may have asked for what the caller's history must not tell. Whoever is denied, and
 * whoever is answered what is audited, is in the audit log before.
 */
async function ask(
  engine: Engine,
  message: { readonly type: string; readonly data: unknown },
  caller: RequestContext,
  asking: Asking,
  isInner = false,
): Promise<Answered> {
  const context = placed(engine, message.type, caller)
  const entry = admit(engine.registry, 'query', message.type, asking.role)
  observeEntry(engine.registry, observationNames.executeQuery, entry, asking.role)
  const { contract } = entry
  const { deadline: limit, metadata } = asking
  const startedUs = engine.clock.monotonicUs()
  const handling = { open: true }
  try {
    limit.check(`${contract.type} was arriving`)
    const arrival: Arrival = { contract, context, deadline: limit, metadata, isStrict: true, conditions: [] }
    for (const { authorize } of engine.middleware) {
      const wait = authorize?.(arrival)
      if (wait !== undefined) await wait
    }
    if (asking.shown !== undefined && !isInner) checkHistory(contract, context)
    const parsed = parse(contract.input, message.data, 'invalid_input', contract.type)
    const input = parsed instanceof Promise ? await limit.race(`${contract.type} was being read`, parsed) : parsed
    for (const { check } of engine.middleware) {
      const wait = check?.(arrival, input)
      if (wait !== undefined) await wait
    }
    const seen: Seen = { reads: 0, versions: [], aggregates: contract.history === false ? undefined : asking.shown }
    const handler = entry.handler as RunHandler
    const scope = queryContext(engine, context, asking, seen, true)
    const work = whileHandling(engine.registry, handling, () => handler.run(input, scope))
    const answer = limit.limited ? await limit.race(`${contract.type} was running`, work) : await work
    const result = parse(contract.result, answer, 'invalid_output', `the result of ${contract.type}`)
    const answered: Answered = {
      result: result instanceof Promise ? await limit.race(`${contract.type} was being answered`, result) : result,
      // An answer that was made from more than one look is named by no single version.
      version: seen.reads === 1 ? seen.versions[0] : undefined,
    }
    if (contract.audited === true) {
      const stored = engine.auditing.record(actOfQuery(contract, context, asking), { outcome: 'succeeded' })
      await limit.race(`${contract.type} was being recorded`, stored)
    }
    if (!isInner) engine.meter.ended('query', contract.type, startedUs, 'answered')
    return answered
  } catch (cause) {
    if (!isInner) engine.meter.failed('query', contract.type, startedUs, cause, asking.signal)
    await keepFailure(engine, actOfQuery(contract, context, asking), cause, asking.signal)
    throw cause
  } finally {
    handling.open = false
  }
}

function actOfQuery(contract: ContractParts, context: RequestContext, { metadata }: Asking): Act {
  return { type: contract.type, contract, tenant: tenantOf(context), context, metadata }
}

const mistakes: readonly ErrorCode[] = ['invalid_input', 'invalid_output', 'missing_handler', 'role_not_allowed']

/** A handler that asks wrongly is at fault itself: its caller must not be told that their own message was wrong. */
function innerFault(type: string, error: unknown): unknown {
  if (!(error instanceof GestaError) || !mistakes.includes(error.code)) return error
  return new Error(`A handler asked ${type} wrongly: ${error.message}`, { cause: error })
}
