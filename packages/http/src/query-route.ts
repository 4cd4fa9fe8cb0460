// Runs a query for a request: input, read-your-writes token, and the answer with its entity tag.
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { QueryAnswer } from '@gesta/core/host'
import type { HistoryAsked, QueryOptions, RequestContext, Token } from '@gesta/core'
import { isFull, refuse } from './admission.ts'
import { cached, sendJson, sendNotModified, sendProblem, shared } from './answer.ts'
import { callerOf, traced } from './caller.ts'
import { deadlineMs, metadataOf, single } from './headers.ts'
import { mentionsHistory, takeHistory, takesHistory } from './input/history-parameters.ts'
import { readFromBody, readFromUrl } from './input/read-input.ts'
import { partsOf, targeted } from './request-parts.ts'
import type { ServedRoute } from './served-route.ts'
import type { Asking } from './serving.ts'

export function queryHandler(serving: Asking, route: ServedRoute): RouteHandlerMethod {
  const { host, settings, tags, inFlight, limit } = serving
  const { type, shape, role, session } = route.served
  const hasBody = route.method !== 'GET'
  const mayTell = takesHistory(route)
  const readInput = hasBody ? readFromBody : readFromUrl
  return (request, reply) => {
    if (hasBody) inFlight.arriving.delete(request.raw)
    else if (isFull(serving)) return refuse(serving, reply)
    return void run(request, reply)
  }

  async function run(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    let caller: RequestContext | undefined
    inFlight.running++
    try {
      if (limit !== undefined && !hasBody) await limit.check(request.ip, false)
      if (settings.whoAsks !== undefined) {
        const asked = callerOf(settings.whoAsks, settings, request)
        caller = asked instanceof Promise ? await asked : asked
      }
      let parts = partsOf(request, route)
      let history: HistoryAsked
      if (mayTell && mentionsHistory(parts.queryString)) ({ parts, history } = takeHistory(parts))
      const data = readInput(parts, shape)
      answer(request, reply, await host.query({ type, data }, optionsOf(request, caller, history)))
    } catch (error) {
      sendProblem(serving, request, reply, error, caller?.account === undefined)
    } finally {
      inFlight.running--
    }
  }

  function optionsOf(
    request: FastifyRequest,
    caller: RequestContext | undefined,
    history: HistoryAsked,
  ): QueryOptions<HistoryAsked> {
    const { raw, ip } = request
    return {
      context: targeted(traced(caller, raw), request, route),
      role,
      deadlineMs: deadlineMs(raw, settings.deadlineMs),
      signal: hangUp(raw.socket),
      after: single(raw, 'gesta-after') as Token | undefined,
      history,
      metadata: metadataOf(ip, raw),
    }
  }

  function answer({ headers }: FastifyRequest, reply: FastifyReply, { result, version }: QueryAnswer): void {
    if (route.purpose === 'call') return sendJson(serving, reply, JSON.stringify({ kind: 'query', result }))
    const body = JSON.stringify(result) ?? 'null'
    if (session === 'keys') return sendJson(serving, reply, body, shared)
    if (version === undefined) return sendJson(serving, reply, body)
    const etag = tags.ofAnswer(version, body)
    const known = headers['if-none-match']
    if (known === undefined || hasBody || !tags.matches(known, etag))
      return sendJson(serving, reply, body, cached(etag))
    return sendNotModified(serving, reply, etag)
  }
}

const signals = new WeakMap<Socket, AbortSignal>()

/** Aborts when the connection ends: one signal for all requests of a connection, so that a request costs none. */
function hangUp(socket: Socket): AbortSignal {
  const known = signals.get(socket)
  if (known !== undefined) return known
  const controller = new AbortController()
  socket.once('close', () => controller.abort())
  signals.set(socket, controller.signal)
  return controller.signal
}
