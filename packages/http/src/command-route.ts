// Runs a command for a request: input, preconditions, dispatch, and the outcome as an answer.
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { DispatchOptions, RequestContext } from '@gesta/core'
import { cached, sendJson, sendProblem, uncached, writeProblem } from './answer.ts'
import { callerOf, traced } from './caller.ts'
import { commandId, deadlineMs, idempotencyKey, metadataOf } from './headers.ts'
import { readFromBody } from './input/read-input.ts'
import { partsOf, targeted } from './request-parts.ts'
import { rejectionOf } from './problem.ts'
import type { AnyOutcome } from './problem.ts'
import { checkHttps } from './production.ts'
import { letsIn, rejectionStatus } from './served-route.ts'
import type { ServedRoute } from './served-route.ts'
import type { Asking } from './serving.ts'
import { exchangeOf } from './sessions/exchange.ts'
import type { Exchange } from './sessions/exchange.ts'

export function commandHandler(serving: Asking, route: ServedRoute): RouteHandlerMethod {
  const { host, settings, inFlight, limit } = serving
  const { served } = route
  const { type, shape } = served
  const isSecret = served.session !== undefined || served.exposed.contract.secretResult === true
  return (request, reply) => {
    inFlight.arriving.delete(request.raw)
    void run(request, reply)
  }

  async function run(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    let caller: RequestContext | undefined
    inFlight.running++
    try {
      if (settings.whoAsks !== undefined) {
        const asked = callerOf(settings.whoAsks, settings, request)
        caller = asked instanceof Promise ? await asked : asked
      }
      const exchange = exchangeOf(request, served, settings)
      if (exchange !== undefined && settings.production) checkHttps(request)
      const read = readFromBody(partsOf(request, route), shape)
      const data = exchange === undefined ? read : exchange.complete(read)
      const outcome = await host.dispatch({ type, data }, optionsOf(request, caller))
      if (outcome.ok && letsIn(served)) limit?.gotIn(request.ip)
      if (outcome.ok) answer(reply, outcome, exchange)
      else reject(reply, outcome, exchange)
    } catch (error) {
      sendProblem(serving, request, reply, error, caller?.account === undefined)
    } finally {
      inFlight.running--
    }
  }

  function optionsOf(request: FastifyRequest, caller: RequestContext | undefined): DispatchOptions {
    const { raw, ip } = request
    return {
      context: targeted(traced(caller, raw), request, route),
      role: served.role,
      deadlineMs: deadlineMs(raw, settings.deadlineMs),
      idempotencyKey: idempotencyKey(raw),
      commandId: commandId(raw),
      expectedVersion: serving.tags.expectedVersion(raw, served.exposed.versioned),
      metadata: metadataOf(ip, raw),
    }
  }

  function answer(
    reply: FastifyReply,
    { result: decided, token, commandId: id, version }: AnyOutcome & { readonly ok: true },
    exchange: Exchange | undefined,
  ): void {
    const { result, cookies } = exchange?.deliver(decided) ?? { result: decided, cookies: [] }
    const body =
      route.purpose === 'call'
        ? { kind: 'command', result, token, commandId: id, version }
        : { result, token, commandId: id, version }
    const tagged = served.exposed.versioned && version !== undefined
    const kept = tagged && !isSecret ? cached(serving.tags.of(version)) : uncached
    const set = cookies.flatMap((cookie) => ['set-cookie', cookie])
    sendJson(serving, reply, JSON.stringify(body), ['gesta-token', token, ...kept, ...set])
  }

  /** Whoever was to be let in was not: that is 401, whatever the reason. */
  function reject(
    reply: FastifyReply,
    outcome: AnyOutcome & { readonly ok: false },
    exchange: Exchange | undefined,
  ): void {
    for (const cookie of exchange?.refused ?? []) reply.header('set-cookie', cookie)
    const status = rejectionStatus(served)
    writeProblem(serving, reply.header('gesta-token', outcome.token), { ...rejectionOf(outcome), status })
  }
}
